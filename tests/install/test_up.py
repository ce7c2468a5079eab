"""bin/up, told from outside: it starts from nothing, comes back after anything, and leaves nothing behind."""

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.running import Up, free_port, gone


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for this module, so that set-up is paid for once. Where it is started from, the name has a space
    and an umlaut, and a folder `config` of somebody else's."""
    folder = tmp_path_factory.mktemp("a folder für Muster")
    (folder / "config").mkdir()
    (folder / "config" / "__init__.py").write_text("raise SystemExit('this is not Muster')")
    return folder / "var"


@pytest.fixture
def up(data: Path) -> Iterator[Up]:
    """Muster, up and ready."""
    running = Up(data).ready()
    yield running
    running.stop()


def test_it_serves_after_a_start_from_nothing_and_ctrl_c_leaves_no_process(data):
    up = Up(data).ready()
    everything = up.everything()
    assert up.status("/readyz") == 200
    assert {"postgres", "valkey", "web", "worker", "beat", "watchman"} <= set(up.children())
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    os.kill(up.process.pid, signal.SIGINT)
    assert up.ended() == 0
    assert gone(everything)
    assert "Traceback" not in up.said


def test_a_second_start_on_the_same_data_says_so_in_a_sentence(up, data):
    second = Up(data)
    assert second.ended() == 1
    assert second.said.count("\n") == 1
    assert f"already running on {data} (process {up.process.pid})" in second.said
    assert up.status("/healthz") == 200


def test_kill_9_of_everything_leaves_nothing_that_stops_the_next_start(data):
    first = Up(data).ready()
    key = (data / "secret_key").read_text()
    for pid in [first.process.pid, *first.everything()]:
        os.kill(pid, signal.SIGKILL)
    second = Up(data).ready()
    assert second.stop() == 0
    assert (data / "secret_key").read_text() == key


def test_kill_9_of_bin_up_alone_takes_everything_with_it(data):
    up = Up(data).ready()
    everything = up.everything()
    up.kill()
    assert gone(everything)
    assert Up(data).ready().stop() == 0


def test_a_start_right_after_kill_9_of_bin_up_does_not_wait_for_anybody(data):
    Up(data).ready().kill()
    assert Up(data).ready().stop() == 0


def test_a_child_that_is_killed_is_started_again_and_everything_goes_on(up):
    for name in ["postgres", "valkey", "web", "worker", "beat", "watchman"]:
        before = up.children()[name]
        os.kill(before, signal.SIGKILL)
        up.until(rf"{name} ended \(killed by SIGKILL\)")
        end = time.monotonic() + 20
        while up.children()[name] == before or up.status("/readyz") != 200:
            assert time.monotonic() < end, up.said
            time.sleep(0.1)


def test_a_stop_in_the_middle_of_a_start_is_a_clean_stop(tmp_path):
    up = Up(tmp_path / "var").until("Starting postgres … done")
    everything = up.everything()
    assert up.stop() == 0
    assert gone(everything)


def test_a_taken_port_is_one_sentence(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = Up(data, PORT=str(port))
        assert up.ended() == 1
    assert up.said.strip() == f"Port {port} on 127.0.0.1 is taken by another program. Choose another: PORT=8001 bin/up."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "70000"),
        ("HOST", "no such host"),
        ("HOST", "203.0.113.7"),
        ("DATABASE_URL", "mysql://somewhere/muster"),
        ("REDIS_URL", "http://somewhere"),
        ("MUSTER_EMAIL_URL", "mail.example.com"),
        ("MUSTER_PUBLIC_URL", "muster"),
        ("MUSTER_DEBUG", "perhaps"),
        ("MUSTER_WEB_PROCESSES", "0"),
        ("MUSTER_DATA", "/dev/null/var"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(data, name, value):
    up = Up(data, **{name: value})
    assert up.ended() == 2
    assert name in up.said
    assert up.said.count("\n") == 1


def test_a_database_that_cannot_be_reached_is_a_sentence_and_nothing_stays(data):
    up = Up(data, DATABASE_URL=f"postgresql://muster@127.0.0.1:{free_port()}/muster")
    assert up.ended() == 1
    assert "The database cannot be brought up to date" in up.said
    assert "Traceback" not in up.said


def test_a_folder_with_a_very_long_path_works(tmp_path):
    deep = tmp_path.joinpath(*["a-rather-long-name-for-a-folder"] * 5)
    deep.mkdir(parents=True)
    assert Up(deep / "var").until("Starting valkey … done").stop() == 0
