"""Public holidays by country and region, from the tables of PyPI `holidays`."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays
from django.utils.translation import gettext as _
from holidays.registry import COUNTRIES

from core.errors import Refused

FIRST_YEAR, LAST_YEAR = 1990, 2200
SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """Every country whose holidays are known: its code and its English name, in order of the names."""
    known = holidays.list_supported_countries(include_aliases=False)
    names = {words[1]: SPLIT.sub(" ", words[0]) for words in COUNTRIES.values() if words[1] in known}
    return dict(sorted(names.items(), key=lambda each: each[1]))


def regions(country: str) -> list[str]:
    """The codes of the regions of a country that have holidays of their own."""
    return list(holidays.list_supported_countries(include_aliases=False).get(country, []))


def read(text: str) -> str:
    """A country, or a country and its region, as it is kept: "DE", "DE-BY", from a code or the country's English name.
    What is neither is Refused with a sentence."""
    wanted = text.strip()
    if not wanted:
        return ""
    name, _dash, region = re.sub(r"\s*[,/–-]\s*", "-", wanted, count=1).partition("-")
    by_name = {known.casefold(): code for code, known in countries().items()}
    country = name.upper() if name.upper() in countries() else by_name.get(name.casefold(), "")
    if not country:
        words = _("“%(country)s” is no country whose public holidays are known; give its code, such as DE or US.")
        raise Refused(words % {"country": name[:40]}, code="unknown_country", status=400)
    if not region:
        return country
    known = {each.casefold(): each for each in regions(country)}
    if region.casefold() not in known:
        if not known:
            words = _("%(country)s has no regions with public holidays of their own; leave the region out.")
        else:
            words = _("“%(region)s” is no region of %(country)s; these are: %(known)s.")
        more = {"region": region[:40], "country": countries()[country], "known": ", ".join(known.values())}
        raise Refused(words % more, code="unknown_region", status=400)
    return f"{country}-{known[region.casefold()]}"


def told(code: str) -> str:
    """ "Germany (BY)" for "DE-BY"; empty for nothing."""
    country, _dash, region = code.partition("-")
    name = countries().get(country, country)
    return f"{name} ({region})" if region else name


def days_off(code: str, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays from the first year to the last one."""
    return frozenset(named(code, first_year, last_year))


def named(code: str, first_year: int, last_year: int) -> dict[date, str]:
    """The public holidays from the first year to the last one, with their names. A code that is unknown has none."""
    found: dict[date, str] = {}
    for year in range(max(FIRST_YEAR, first_year), min(LAST_YEAR, last_year) + 1):
        found |= _of_year(code, year)
    return found


@lru_cache(maxsize=4096)
def _of_year(code: str, year: int) -> dict[date, str]:
    country, _dash, region = code.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=region or None, years=[year]))
    except NotImplementedError:
        return {}
