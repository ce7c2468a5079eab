"""`bin/up`: run Muster until Ctrl-C."""

import argparse
import asyncio
import errno
import os
import socket
import sys

from config import env
from config.runner import choices as choosing
from config.runner import holding
from config.runner.choices import Choices
from config.runner.house import House
from config.runner.output import Output
from config.servers import sockets
from config.servers.errors import CannotStart


def main(words: list[str]) -> int:
    """0 after a clean stop, 1 where something stands in the way, 2 for a wrong setting or argument."""
    parser = argparse.ArgumentParser("bin/up", description="Start Muster and everything it needs. Ctrl-C stops it.")
    parser.add_argument(
        "--demo", action="store_true", help="add the example world (people, services, a month of incidents)"
    )
    options = parser.parse_args(words)
    try:
        choices = choosing.read()
        told = choosing.for_children(choices, _with_mailbox() if options.demo else os.environ)
        choosing.require_good(told)
        held = holding.take(choices.data, "up", told["MUSTER_RUN"])
        if held is None:
            raise CannotStart(_already(choices))
        try:
            _require_free_port(choices)
            return asyncio.run(_run(choices, told, held, ["--demo"] if options.demo else []))
        finally:
            sockets.tidy(choices.data)
            held.release()
    except env.WrongSetting as reason:
        print(reason, file=sys.stderr)
        return 2
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


def _with_mailbox() -> dict[str, str]:
    """The example world's people have no real addresses: where no mail server is named, their mail is kept as files."""
    return {**os.environ, "MUSTER_EMAIL_URL": os.environ.get("MUSTER_EMAIL_URL", "").strip() or "file:"}


async def _run(choices: Choices, told: dict[str, str], held: holding.Holding, first_start: list[str]) -> int:
    return await House(choices, told, held, Output()).run(first_start)


def _already(choices: Choices) -> str:
    pid, purpose = holding.holder(choices.data)
    who = "Muster is already running" if purpose == "up" else "A bin/manage command is using Muster's data"
    return f"{who} on {choices.data} (process {pid}). Stop it first, or choose another folder with MUSTER_DATA."


def _require_free_port(choices: Choices) -> None:
    try:
        found = socket.getaddrinfo(choices.host, choices.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise env.WrongSetting(f"HOST is “{choices.host}”, which is not an address of this machine.") from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
            trial.listen(1)
        except OSError as problem:
            raise _port_problem(choices, problem) from None


def _port_problem(choices: Choices, problem: OSError) -> Exception:
    if problem.errno == errno.EADDRINUSE:
        return CannotStart(
            f"Port {choices.port} on {choices.host} is taken by another program. Choose another: PORT=8001 bin/up."
        )
    if problem.errno == errno.EACCES:
        return CannotStart(f"Port {choices.port} is reserved for root. Choose one above 1023: PORT=8000 bin/up.")
    return env.WrongSetting(f"HOST is “{choices.host}”, which is not an address of this machine.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
