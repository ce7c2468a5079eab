"""Time zones to choose from: every one this machine knows, the usual ones by region."""

import zoneinfo
from functools import lru_cache

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """All IANA names, old ones too: they are accepted from programs and browsers."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


@lru_cache(maxsize=1)
def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """UTC, then the zones of each region, as a form's choices; the remaining names last."""
    names = sorted(known() - {"UTC"})
    found: list[tuple[str, str | list[tuple[str, str]]]] = [("UTC", "UTC")]
    for region in REGIONS:
        inside = [name for name in names if name.startswith(f"{region}/")]
        found.append((region, [(name, name.partition("/")[2].replace("_", " ")) for name in inside]))
    others = [name for name in names if name.partition("/")[0] not in REGIONS]
    return [*found, ("…", [(name, name) for name in others])]


def is_known(name: str) -> bool:
    """Whether `name` is a zone this machine can tell the time in."""
    return name in known()
