"""When to try again. Pure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

Value = TypeVar("Value")

# Seconds between one try and the next. A page is worth little after five minutes, when the next step is due anyway.
WAITS = {
    "page": (5, 10, 20, 40, 60, 60, 60),
    "": (15, 60, 300, 900, 3600, 3600, 3600),
}
# How long a receiver may make us wait by its own word.
LONGEST_ASKED = {"page": 60, "": 3600}
# After this many failed tries of a page the person's next channel goes at once, while this one is tried on.
TRIES_BEFORE_NEXT_CHANNEL = 2


def tries(kind: str) -> int:
    """How often a message of `kind` is tried in all."""
    return len(_of(WAITS, kind)) + 1


def next_wait(kind: str, tried: int, *, asked: float | None = None) -> int | None:
    """Seconds until the next try after `tried` of them; None when it was the last. `asked`: what the receiver wants."""
    waits = _of(WAITS, kind)
    if tried > len(waits):
        return None
    wanted = min(asked or 0, _of(LONGEST_ASKED, kind))
    return int(max(waits[max(tried, 1) - 1], wanted))


def asked_for(header: str, *, at: datetime) -> float | None:
    """The seconds in a `Retry-After` header, written as a number or as a date; None if it cannot be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10**6))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - at).total_seconds())


def _of(table: dict[str, Value], kind: str) -> Value:
    return table.get(kind, table[""])
