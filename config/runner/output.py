"""Everything people read while Muster runs: progress, and the children's lines with their names in front."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

COLOURS = ("36", "33", "35", "32", "34", "31", "96", "93")
WIDTH = 9


class Output:
    """Lines on standard output; colour only on a terminal. A reader that has gone away stops nothing."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self._colours: dict[str, str] = {}
        self._open_line = False
        self._lock = threading.Lock()

    def say(self, words: str) -> None:
        """One line from the runner itself."""
        self._write(words + "\n")

    def child(self, name: str, line: str) -> None:
        """One line of a child."""
        label = f"{name:<{WIDTH}}|"
        if self.terminal:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            label = f"\033[{colour}m{label}\033[0m"
        self._write(f"{label} {line}\n")

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """A step that takes a moment: named when it begins (on a terminal), timed when it is done."""
        begun = time.monotonic()
        if self.terminal:
            self._write(f"{words} … ", open_line=True)
        yield
        took = f"done in {time.monotonic() - begun:.1f} s\n"
        self._write(took if self._open_line else f"{words} … {took}", goes_on=True)

    def _write(self, text: str, *, open_line: bool = False, goes_on: bool = False) -> None:
        with self._lock, suppress(OSError, ValueError):
            if self._open_line and not goes_on:
                sys.stdout.write("\n")
            self._open_line = open_line
            sys.stdout.write(text)
            sys.stdout.flush()
