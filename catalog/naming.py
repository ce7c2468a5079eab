"""What people and machines call a severity, as one pure function over the rows."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """What a severity is known by."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> Sequence[str]: ...


Row = TypeVar("Row", bound=Named)


def plain(word: str) -> str:
    """A word without case, spaces, hyphens and underscores: "Sev 1", "SEV-1" and "sev1" are one."""
    return re.sub(r"[\s_\-–]+", "", word).casefold()


def named(text: str, rows: Iterable[Row]) -> Row | None:
    """The row whose code, alias or name is `text`, in this order; None if nobody is called that."""
    wanted = plain(text)
    if not wanted:
        return None
    known = list(rows)
    for words_of in (lambda row: [row.code], lambda row: row.aliases, lambda row: [row.name]):
        for row in known:
            if wanted in (plain(word) for word in words_of(row)):
                return row
    return None
