"""One child: how it is started, and the keeper that starts it again when it dies."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config.runner.choices import BASE
from config.runner.holding import Holding
from config.runner.output import Output
from config.servers import processes
from config.servers.errors import CannotStart

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
CALM = 20.0  # seconds of life after which a death counts as the first again
FIRST_TRIES = 3


@dataclass(frozen=True)
class Child:
    """A program of Muster. `stop`: the signals that ask it to end, each with the seconds it gets; then SIGKILL."""

    name: str
    command: Callable[[], list[str]]
    stop: tuple[tuple[signal.Signals, float], ...]
    ready: Callable[[], bool] | None = None
    prepare: Callable[[], None] = field(default=lambda: None)
    shows: Callable[[str], bool] = field(default=lambda line: True)
    orphaned: signal.Signals = signal.SIGTERM  # what the kernel sends it when the runner is gone


class Keeper:
    """Keeps one child running until told to stop."""

    def __init__(self, child: Child, told: Mapping[str, str], output: Output, holding: Holding) -> None:
        self.child = child
        self._told = dict(told)
        self._output = output
        self._holding = holding
        self._process: Process | None = None
        self._stopping = False
        self._hurry = asyncio.Event()
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.last_words: list[str] = []

    async def start(self) -> None:
        """Start the child; return when it is ready. Raises CannotStart when it dies again and again before that."""
        self._task = asyncio.create_task(self._keep())
        up = asyncio.create_task(self._up.wait())
        await asyncio.wait({up, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not self._up.is_set():
            up.cancel()
            await self._task

    async def stop(self) -> None:
        """Ask the child to end, insist, and return when it and everything it started is gone."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            for how, patience in self.child.stop:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(how)
                if await self._ends_within(process, patience):
                    break
            else:
                if not self._hurry.is_set():
                    self._output.say(f"{self.child.name} does not stop when asked; it is killed.")
            self._kill_group(process)
            await process.wait()
        if self._task is not None:
            if process is not None:
                await asyncio.wait({self._task}, timeout=2)  # its last lines
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, CannotStart):
                await self._task

    def hurry(self) -> None:
        """The person at the keyboard is impatient: stop waiting, kill."""
        self._hurry.set()

    async def _ends_within(self, process: Process, seconds: float) -> bool:
        waits = {asyncio.create_task(process.wait()), asyncio.create_task(self._hurry.wait())}
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        return process.returncode is not None

    async def _keep(self) -> None:
        deaths = 0
        while True:
            begun = time.monotonic()
            code = await self._once()
            if self._stopping:
                return
            deaths = 1 if time.monotonic() - begun > CALM else deaths + 1
            if not self._up.is_set() and deaths >= FIRST_TRIES:
                raise CannotStart(
                    f"{self.child.name} does not start: {' '.join(self.last_words[-1:]) or f'it ended with {code}'}"
                )
            pause = PAUSES[min(deaths, len(PAUSES)) - 1]
            self._output.say(f"{self.child.name} ended ({_reason(code)}); it is started again in {pause:g} s.")
            await asyncio.sleep(pause)

    async def _once(self) -> int:
        await asyncio.to_thread(self.child.prepare)
        command = await asyncio.to_thread(self.child.command)
        process = self._process = await asyncio.create_subprocess_exec(
            *command,
            env=self._told,
            cwd=BASE,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
            preexec_fn=processes.dies_with_parent(self.child.orphaned),
        )
        self._holding.note(self.child.name, process.pid)
        reading = asyncio.create_task(self._read(process))
        watching = asyncio.create_task(self._watch(process))
        try:
            code = await process.wait()
        finally:
            watching.cancel()
        self._kill_group(process)  # what it started must not hold its port or its sockets
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reading, 2)
        return code

    async def _watch(self, process: Process) -> None:
        while self.child.ready is not None and not await asyncio.to_thread(self.child.ready):
            await asyncio.sleep(0.03)
        if process.returncode is None:
            self._up.set()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        rest = b""
        while chunk := await process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._line(line)
        if rest:
            self._line(rest)

    def _line(self, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip()
        if line:
            self.last_words = [*self.last_words[-4:], line]
        if line and self.child.shows(line):
            self._output.child(self.child.name, line)

    def _kill_group(self, process: Process) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _reason(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
