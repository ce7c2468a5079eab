"""From a machine's word for how bad it is to ours. Pure."""

import re
from typing import NamedTuple

LEVELS = ("critical", "error", "warning", "info")
WORDS = {
    word: level
    for level, words in {
        "critical": "critical crit fatal disaster emergency emerg panic down sev0 sev1 p0 p1",
        "error": "error err high major sev2 p2",
        "warning": "warning warn average medium moderate minor sev3 p3",
        "info": "info information informational notice low none ok not-classified sev4 p4 p5",
    }.items()
    for word in words.split()
}
SEVERITY = {"critical": "SEV1", "error": "SEV2", "warning": "SEV3", "info": "SEV4"}
UNSAID = "SEV3"  # wakes people, and is not an outage yet
_OURS = re.compile(r"sev[ -]?([0-4])", re.IGNORECASE)


class Said(NamedTuple):
    """`level`: critical, error, warning, info or empty; `asked`: SEV1…SEV4 where one of ours was named."""

    level: str
    asked: str


def said(word: str) -> Said:
    """What a severity label means; both empty where the word is unknown (“page”, “☠”, nothing)."""
    known = word.strip().lower()
    ours = _OURS.fullmatch(known)
    if ours:
        asked = f"SEV{max(int(ours[1]), 1)}"
        return Said(next(level for level, code in SEVERITY.items() if code == asked), asked)
    return Said(WORDS.get(known, ""), "")


def wanted(level: str, asked: str, *, default: str) -> str:
    """The code of the severity to declare with: the one asked for, the level's, else the source's default."""
    return asked or SEVERITY.get(level, "") or default or UNSAID
