"""Reads the hours to which a rotation is narrowed, as programs and forms write them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS = {"weekdays": range(5), "weekend": range(5, 7), "weekends": range(5, 7), "everyday": range(7)}
MOST = 14
HOLIDAYS = ("except", "only")


class UnreadableError(ValueError):
    """What was written is no restriction; the text says why."""


def read(value: Any) -> list[dict[str, Any]]:
    """Restrictions in the one form in which they are kept: a list of {"weekdays": [0-6, sorted], "from": "HH:MM",
    "until": "HH:MM"}, with "holidays": "except" or "only" where public holidays are left out or meant alone. Days may
    also be names ("mon", "Monday", "weekdays"); "to" is taken for "until"; 24:00 is the next day's 00:00. No weekdays
    named means every day."""
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise UnreadableError("Give a list of restrictions, each with weekdays, from and until.")
    if len(value) > MOST:
        raise UnreadableError(f"At most {MOST} restrictions make sense.")
    return [_read_one(each) for each in value]


def _read_one(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise UnreadableError(
            'Each restriction is an object such as {"weekdays": [0, 1], "from": "09:00", "until": "17:00"}.'
        )
    unknown = sorted(map(str, value.keys() - {"weekdays", "days", "from", "until", "to", "holidays"}))
    if unknown:
        raise UnreadableError(f"A restriction has weekdays, from, until and holidays; “{unknown[0][:40]}” is unknown.")
    days = value.get("weekdays", value.get("days"))
    found: dict[str, Any] = {
        "weekdays": _days(days),
        "from": _clock(value.get("from", "00:00"), "from"),
        "until": _clock(value.get("until", value.get("to", "00:00")), "until"),
    }
    return {**found, "holidays": value["holidays"]} if _holidays(value.get("holidays")) else found


def _holidays(value: Any) -> bool:
    if value not in (None, "", *HOLIDAYS):
        raise UnreadableError("holidays: give “except” (not on public holidays) or “only” (on them alone), or nothing.")
    return bool(value)


def _days(value: Any) -> list[int]:
    if value in (None, "", []):
        return list(range(7))
    named = [value] if isinstance(value, str | int) else value
    if not isinstance(named, Sequence):
        raise UnreadableError("weekdays: give a list of days, 0 (Monday) to 6 (Sunday).")
    return sorted({day for each in named for day in _day(each)})


def _day(value: Any) -> Sequence[int]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6:
        return [value]
    word = value.strip().casefold() if isinstance(value, str) else ""
    if word in GROUPS:
        return GROUPS[word]
    if word.isdecimal() and len(word) == 1 and word.isascii() and word <= "6":
        return [int(word)]
    found = [place for place, name in enumerate(DAYS) if len(word) >= 2 and name.startswith(word)]
    if len(found) == 1:
        return found
    raise UnreadableError(
        f"weekdays: “{str(value)[:40]}” is no day; give 0 (Monday) to 6 (Sunday), or a name such as “mon”."
    )


def _clock(value: Any, field: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if text in ("24:00", "24:00:00"):
        text = "00:00"
    try:
        found = time.fromisoformat(text.rjust(5, "0") if text[1:2] == ":" else text)
    except ValueError:
        raise UnreadableError(f"{field}: “{str(value)[:40]}” is no time; give HH:MM, such as 09:00.") from None
    if found.tzinfo is not None or found.second or found.microsecond:
        raise UnreadableError(
            f"{field}: give HH:MM on the wall clock of the rotation's zone, without seconds or offset."
        )
    return f"{found:%H:%M}"
