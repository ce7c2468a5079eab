"""The keeper of one child: restarts, the way to stop, and what is shown."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from config.runner import holding
from config.runner.child import Child, Keeper
from config.runner.output import Output
from config.servers import processes
from config.servers.errors import CannotStart

TERM = signal.SIGTERM


class Heard(Output):
    """Keeps what would be printed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def _write(self, text: str, *, open_line: bool = False, goes_on: bool = False) -> None:
        self.text += text


@pytest.fixture
def held(tmp_path: Path) -> holding.Holding:
    """Hold of an empty data folder."""
    (tmp_path / "run").mkdir()
    found = holding.take(tmp_path, "up", "a-run")
    assert found is not None
    return found


def program(text: str) -> list[str]:
    return [sys.executable, "-u", "-c", text]


def test_lines_carry_the_name_of_the_child(held):
    heard = Heard()

    async def story() -> None:
        keeper = Keeper(Child("clerk", lambda: program("print('hello'); input()"), stop=((TERM, 2),)), {}, heard, held)
        await keeper.start()
        while "hello" not in heard.text:
            await asyncio.sleep(0.02)
        await keeper.stop()

    asyncio.run(asyncio.wait_for(story(), 20))
    assert "clerk    | hello\n" in heard.text


def test_a_child_that_ignores_being_asked_is_killed_and_so_is_all_it_started(held, tmp_path):
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid));"
        "time.sleep(60)"
    )

    async def story() -> None:
        ready = (tmp_path / "pid").exists
        keeper = Keeper(Child("mule", lambda: program(stubborn), stop=((TERM, 0.3),), ready=ready), {}, Heard(), held)
        await keeper.start()
        await asyncio.sleep(0.2)
        await keeper.stop()

    asyncio.run(asyncio.wait_for(story(), 20))
    grandchild = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 5
    while processes.started_at(grandchild):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_child_that_never_comes_up_ends_the_start_with_its_last_words(held):
    async def story() -> None:
        child = Child("moth", lambda: program("raise SystemExit('no lamp')"), stop=((TERM, 1),), ready=lambda: False)
        await Keeper(child, {}, Heard(), held).start()

    with pytest.raises(CannotStart, match="moth does not start: no lamp"):
        asyncio.run(asyncio.wait_for(story(), 20))


def test_only_one_can_hold_a_data_folder_and_its_note_says_who(held, tmp_path):
    assert holding.take(tmp_path, "up", "another") is None
    assert holding.holder(tmp_path)[1] == "up"
    held.release()
    assert holding.take(tmp_path, "up", "another") is not None
