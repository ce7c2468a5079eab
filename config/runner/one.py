"""`python -m config.runner.one web`: become one of Muster's processes, for an engine that keeps them itself (compose).

The same command lines as bin/up runs, from the same table. DATABASE_URL and REDIS_URL must be given.
"""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from config import env
from config.runner import choices as choosing
from config.runner import plan
from config.runner.choices import BASE, Choices
from config.servers.errors import CannotStart

COMMANDS: dict[str, Callable[[Choices], list[str]]] = {
    "prepare": lambda choices: [sys.executable, "-m", "config.runner.prepare"],
    "web": plan.web,
    "worker": lambda choices: plan.worker(),
    "beat": plan.beat,
    "watchman": lambda choices: plan.watchman(),
    "manage": lambda choices: [sys.executable, "manage.py"],
}


def main(words: list[str]) -> int:
    """Only returns where it cannot become what was asked."""
    name, rest = (words[0] if words else ""), words[1:]
    if name not in COMMANDS:
        print(f"Say which process to run: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        for variable in ("DATABASE_URL", "REDIS_URL"):
            if not os.environ.get(variable, "").strip():
                raise env.WrongSetting(f"{variable} is not set. Only bin/up brings servers of its own.")
        choices = choosing.read()
        told = choosing.for_children(choices)
        choosing.require_good(told)
    except env.WrongSetting as reason:
        print(reason, file=sys.stderr)
        return 2
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    return _become([*COMMANDS[name](choices), *rest], told)


def _become(command: list[str], told: dict[str, str]) -> NoReturn:
    os.chdir(BASE)
    os.execve(command[0], command, told)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
