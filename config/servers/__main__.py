"""`python -m config.servers run -- COMMAND …`: run a command beside two fresh, empty servers."""

import sys

from config.servers import throwaway
from config.servers.errors import CannotStart

USAGE = "usage: python -m config.servers run -- COMMAND [ARGUMENTS]"


def main(words: list[str]) -> int:
    """The exit code of the command, or 1 with a sentence where the servers cannot start."""
    if words[:1] != ["run"]:
        print(USAGE, file=sys.stderr)
        return 2
    command = words[2:] if words[1:2] == ["--"] else words[1:]
    if not command:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        return throwaway.run(command)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
