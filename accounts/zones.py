"""Time zones to choose from: UTC and those of the IANA table of places; every other IANA name is understood as well."""

import zoneinfo
from functools import lru_cache
from importlib import resources
from pathlib import Path

PLACES = "zone.tab"  # one line a place: countries, position, name
Choice = tuple[str, str | list[tuple[str, str]]]


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """All IANA names, old ones too: they are accepted from programs and browsers."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


@lru_cache(maxsize=1)
def choices() -> list[Choice]:
    """UTC, then the places of each region, as a form's choices. Names that only stand for others are not offered."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(_places()):
        region, _slash, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]


def is_known(name: str) -> bool:
    """Whether `name` is a zone this machine can tell the time in."""
    return name in known()


def _places() -> set[str]:
    """The names in the table of places; those that look like one where no table is found."""
    tables = [resources.files("tzdata") / "zoneinfo" / PLACES, *(Path(folder) / PLACES for folder in zoneinfo.TZPATH)]
    table = next((table.read_text("utf-8") for table in tables if table.is_file()), "")
    named = {line.split("\t")[2] for line in table.splitlines() if line.count("\t") >= 2 and not line.startswith("#")}
    return (named & known()) or {name for name in known() if "/" in name and not name.startswith(("Etc/", "US/"))}
