"""One run of Muster: up in order, kept up, down in reverse."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

from config.runner import plan, readiness
from config.runner.child import Keeper
from config.runner.choices import BASE, Choices
from config.runner.holding import Holding
from config.runner.output import Output
from config.servers import processes
from config.servers.errors import CannotStart

IMPATIENT = 1.0  # seconds after which a second Ctrl-C means: now
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class House:
    """Everything one bin/up runs."""

    def __init__(self, choices: Choices, told: Mapping[str, str], holding: Holding, output: Output) -> None:
        self._choices = choices
        self._told = told
        self._holding = holding
        self._output = output
        self._stages: list[list[Keeper]] = []
        self._asked = asyncio.Event()
        self._asked_at = 0.0

    async def run(self, first_start: Sequence[str]) -> int:
        """Start everything, wait to be asked to stop, stop everything. The exit code."""
        begun = time.monotonic()
        loop = asyncio.get_running_loop()
        for number in ASKED_TO_STOP:
            loop.add_signal_handler(number, self._ask)
        working = asyncio.create_task(self._up(first_start, begun))
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
        code = 0
        if working.done() and (problem := working.exception()) is not None:
            self._output.say(str(problem) if isinstance(problem, CannotStart) else f"Something went wrong: {problem!r}")
            code = 1
        elif not self._asked.is_set():
            await asked
        working.cancel()
        await asyncio.wait({working})
        await self._down()
        return code

    def _ask(self) -> None:
        if self._asked.is_set():
            if time.monotonic() - self._asked_at < IMPATIENT:
                return  # one wish, told twice
            for keeper in [each for stage in self._stages for each in stage]:
                keeper.hurry()
            return
        self._asked_at = time.monotonic()
        self._output.say("Stopping … (once more: at once)")
        self._asked.set()

    async def _up(self, first_start: Sequence[str], begun: float) -> None:
        for child in plan.servers(self._choices):
            with self._output.step(f"Starting {child.name}"):
                await self._stage([Keeper(child, self._told, self._output, self._holding)])
        await self._prepare(first_start)
        with self._output.step("Starting web, worker, beat and watchman"):
            children = plan.programs(self._choices)
            await self._stage([Keeper(child, self._told, self._output, self._holding) for child in children])
        await readiness.wait(self._choices, self._output, begun)

    async def _stage(self, keepers: list[Keeper]) -> None:
        self._stages.append(keepers)
        await asyncio.gather(*(keeper.start() for keeper in keepers))

    async def _prepare(self, first_start: Sequence[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "config.runner.prepare", *first_start),
            env=dict(self._told),
            cwd=BASE,
            start_new_session=True,
            preexec_fn=processes.dies_with_parent(signal.SIGTERM),
        )
        self._holding.note("prepare", process.pid)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        if code:
            raise CannotStart("Muster could not be prepared; the lines above say why. Nothing is left running.")

    async def _down(self) -> None:
        for stage in reversed(self._stages):
            await asyncio.gather(*(keeper.stop() for keeper in stage))
        self._output.say("Stopped.")
