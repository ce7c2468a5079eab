"""`bin/manage`: a management command with the environment of this data folder.

Beside a running bin/up it uses the servers that run. Where none runs, it starts them for as long as the command takes.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time

from config import env
from config.runner import choices as choosing
from config.runner import holding, plan
from config.runner.child import Keeper
from config.runner.choices import BASE, Choices
from config.runner.output import Output
from config.servers import sockets
from config.servers.errors import CannotStart

PATIENCE = 60.0  # for another bin/manage that holds the servers


class Silent(Output):
    """Says nothing: the output belongs to the command. Trouble goes to standard error."""

    def _write(self, text: str, *, open_line: bool = False, goes_on: bool = False) -> None:
        if not open_line and not goes_on:
            sys.stderr.write(text)


def main(words: list[str]) -> int:
    """The exit code of the command."""
    try:
        choices = choosing.read()
        told = choosing.for_children(choices)
        choosing.require_good(told)
        command = [sys.executable, str(BASE / "manage.py"), *words]
        if not plan.servers(choices):
            os.execve(sys.executable, command, told)  # noqa: S606
        held = _hold(choices, told["MUSTER_RUN"])
        if held is None:
            os.execve(sys.executable, command, told)  # noqa: S606
        try:
            return asyncio.run(_run(choices, told, held, command))
        finally:
            sockets.tidy(choices.data)
            held.release()
    except env.WrongSetting as reason:
        print(reason, file=sys.stderr)
        return 2
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


def _hold(choices: Choices, run: str) -> holding.Holding | None:
    """Hold of the data folder; None when a bin/up has it and its servers can be used."""
    until = time.monotonic() + PATIENCE
    while True:
        held = holding.take(choices.data, "manage", run)
        if held is not None or holding.holder(choices.data)[1] == "up":
            return held
        if time.monotonic() > until:
            raise CannotStart(
                f"Another bin/manage (process {holding.holder(choices.data)[0]}) is still using {choices.data}."
            )
        time.sleep(0.1)


async def _run(choices: Choices, told: dict[str, str], held: holding.Holding, command: list[str]) -> int:
    keepers = [Keeper(child, told, Silent(), held) for child in plan.servers(choices)]
    loop = asyncio.get_running_loop()
    try:
        for keeper in keepers:
            await keeper.start()
        process = await asyncio.create_subprocess_exec(*command, env=told)
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # the terminal tells the command as well
        loop.add_signal_handler(signal.SIGTERM, _pass_on, process)
        code = await process.wait()
    finally:
        for keeper in reversed(keepers):
            await keeper.stop()
    return code if code >= 0 else 128 - code


def _pass_on(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
