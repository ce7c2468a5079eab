"""What every parser answers with: alerts in Muster's own words, and the one way a payload can be refused. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from core.letters import has_visible

LABELS, LABEL_NAME, LABEL_VALUE = 100, 200, 1000
TITLE, BODY, KEY, LINKS, LINK = 300, 20_000, 4000, 12, 2000

_CONTROLS = dict.fromkeys(range(32)) | dict.fromkeys(range(127, 160))
_KEEPS_LINES = {code: drop for code, drop in _CONTROLS.items() if chr(code) not in "\n\t"}
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069]")  # words that run backwards can lie about what they say
_SURROGATES = re.compile("[\ud800-\udfff]")
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s*(?:(Z|z|UTC)|([+-])(\d\d):?(\d\d))?", re.ASCII
)


class Unreadable(Exception):
    """The payload has not the shape its tool promises. The text is a sentence fit to show."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Action(StrEnum):
    """What a machine says about one alert. END_GROUP: every alert of the group is over, also those not listed."""

    TRIGGER = "trigger"
    RESOLVE = "resolve"
    END_GROUP = "end_group"


@dataclass(frozen=True, slots=True)
class Link:
    """An http or https address with words for it."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class NormalizedAlert:
    """One thing a machine said. `severity`: critical, error, warning, info or empty; `asked`: SEV1…SEV4 where the
    machine named one of our own. Texts are clean and capped; moments are in UTC, None where nothing sensible was said.
    """

    dedup_key: str
    action: Action
    title: str
    group_key: str = ""
    severity: str = ""
    asked: str = ""
    body: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a payload holds: its alerts in their order, and a sentence for each item that cannot be read."""

    alerts: list[NormalizedAlert]
    unreadable: list[str] = field(default_factory=list)


def text(value: Any, limit: int = LABEL_VALUE) -> str:
    """Any JSON value as clean text: no NUL or other control characters but line breaks and tabs, no lone surrogates."""
    if value is None:
        return ""
    words: str = value if isinstance(value, str) else _spelled(value)
    if words.isascii() and words.isprintable():
        return words[:limit]
    return _SURROGATES.sub("\ufffd", words[: limit * 2]).translate(_KEEPS_LINES)[:limit]


def line(value: Any, limit: int = TITLE) -> str:
    """As `text`, on one line; empty where nothing of it could be seen."""
    words = text(value, limit * 2)
    if not words.isascii():
        words = _TURNS_TEXT.sub("", words)
        words = words if has_visible(words) else ""
    return " ".join(words.split())[:limit]


def _spelled(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError):
        return ""


def labels(value: Mapping[Any, Any]) -> dict[str, str]:
    """A flat map of clean texts, the first hundred names."""
    found: dict[str, str] = {}
    for name, said in value.items():
        if len(found) >= LABELS:
            break
        known = line(name, LABEL_NAME)
        if known:
            found[known] = text(said)
    return found


def link(title: str, value: Any) -> Link | None:
    """The link, if it is one a browser may follow: http or https, with a host."""
    if not isinstance(value, str):
        return None
    address = "".join(value[: LINK * 2].split()).translate(_CONTROLS)
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or len(address) > LINK or _SURROGATES.search(address):
        return None
    return Link(line(title, 80), parts.scheme + address[len(parts.scheme) :])


def moment(value: Any) -> datetime | None:
    """The moment of an RFC 3339 text (up to twelve fractional digits, any offset; none means UTC), in UTC.

    None for year 1 and before, year 9000 and after (“not set” in several tools), and for what is no moment at all.
    """
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 60 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if not 1 < year < 9000:
        return None
    micros = int((found[7] or "0").ljust(6, "0")[:6])
    try:
        zone = (
            timezone(timedelta(hours=int(found[10]), minutes=int(found[11])) * (-1 if found[9] == "-" else 1))
            if found[9]
            else UTC
        )
        return datetime(year, month, day, hour, minute, second, micros, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_digest(key: str) -> bytes:
    """What two alerts or groups of one source are compared by."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
