"""A page as files: which there are, and what stands in each."""

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from statuspage import compatible, rollup, syndication, words
from statuspage.files import Leaf
from statuspage.site import Part, Site, Told

PAST_DAYS = 10
STYLES = ("status/status.css", "img/favicon.svg")


@functools.cache
def assets() -> dict[str, tuple[str, bytes]]:
    """The styles and pictures of every page: source name → (path with the hash of its content, content)."""
    found = {}
    for name in STYLES:
        content = (Path(settings.BASE_DIR) / "static" / name).read_bytes()
        stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
        found[name] = (f"assets/{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{suffix}", content)
    return found


@functools.cache
def look() -> str:
    """Names the templates, styles and words that pages are made with now; another one means: write them all again."""
    digest = hashlib.sha256()
    templates = sorted((Path(settings.BASE_DIR) / "templates" / "statuspage" / "public").glob("*.html"))
    own = sorted(Path(__file__).parent.glob("*.py"))
    for path in [*templates, *own]:
        digest.update(path.read_bytes())
    for asset, _content in assets().values():
        digest.update(asset.encode())
    return digest.hexdigest()


def leaves(site: Site) -> Iterator[Leaf]:
    """Every file of the page: what others link to first, the front page after it, what programs read last."""
    below = site.root.removeprefix("/status/")
    for told in site.told:
        yield Leaf(
            f"{below}incidents/{told.public_id}/index.html",
            _key(site, told),
            functools.partial(_html, site, "incident", incident=told),
        )
    months = site.months()
    for index, month in enumerate(months):
        newer, older = months[index - 1] if index else None, months[index + 1] if index + 1 < len(months) else None
        told_then = [told for told in site.told if site.month_of(told) == month]
        key = _key(site, *told_then, month, newer, older)
        page = functools.partial(_month, site, month, told_then, newer, older)
        yield Leaf(f"{below}history/{month:%Y-%m}/index.html", key, page)
        if index == 0:
            yield Leaf(f"{below}history/index.html", key, page)
    yield Leaf(f"{below}404.html", _key(site), functools.partial(_html, site, "missing"))
    yield Leaf(f"{below}index.html", "", functools.partial(_front, site))
    for path, content in compatible.documents(site):
        yield Leaf(f"{below}{path}", "", functools.partial(bytes, content))
    with _speaking(site):
        feeds = {"history.atom": syndication.atom(site), "history.rss": syndication.rss(site)}
    for path, content in feeds.items():
        yield Leaf(f"{below}{path}", "", functools.partial(bytes, content))


def _key(site: Site, *parts: object) -> str:
    """Names everything a file follows from: the frame of the page, and what stands in it."""
    frame = (look(), site.name, site.description, site.root, site.language, site.zone.key)
    return hashlib.sha256(repr((frame, parts)).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _speaking(site: Site) -> Iterator[None]:
    """In the page's language and time zone."""
    with translation.override(site.language), timezone.override(site.zone):
        yield


def _html(site: Site, template: str, *, incident: Told | None = None, **context: Any) -> bytes:
    with _speaking(site):
        if incident is not None:
            context["incident"] = _incident(site, incident)
        return _render(site, template, context)


def _render(site: Site, template: str, context: dict[str, Any]) -> bytes:
    shown = {
        "page": {
            "name": site.name,
            "description": site.description,
            "root": site.root,
            "time_zone": site.zone.key,
            "style": f"/status/{assets()['status/status.css'][0]}",
            "icon": f"/status/{assets()['img/favicon.svg'][0]}",
            "address": site.address,
        },
        "feeds": [
            {"label": "Atom", "address": f"{site.root}history.atom", "type": "application/atom+xml"},
            {"label": "RSS", "address": f"{site.root}history.rss", "type": "application/rss+xml"},
        ],
        **context,
    }
    return render_to_string(f"statuspage/public/{template}.html", shown).encode()


def _month(site: Site, month: date, told: list[Told], newer: date | None, older: date | None) -> bytes:
    with _speaking(site):
        return _render(
            site,
            "history",
            {
                "month": month,
                "incidents": [_incident(site, one) for one in told],
                "newer": f"{site.root}history/{newer:%Y-%m}/" if newer else "",
                "older": f"{site.root}history/{older:%Y-%m}/" if older else "",
            },
        )


def _front(site: Site) -> bytes:
    with _speaking(site):
        today = site.at.astimezone(site.zone).date()
        past = []
        for back in range(PAST_DAYS):
            day = today - timedelta(days=back)
            over = [_incident(site, told) for told in site.told if told.is_over and site.day_of(told) == day]
            still = [_incident(site, told) for told in site.told if not told.is_over and site.day_of(told) == day]
            past.append({"day": day, "incidents": over, "open": still})
        return _render(
            site,
            "page",
            {
                "overall": {"state": site.state, "words": words.headline(site.state, has_components=bool(site.parts))},
                "groups": [
                    {"name": name, "components": [_component(part) for part in parts]} for name, parts in site.groups()
                ],
                "incidents": [_incident(site, told) for told in site.open],
                "maintenance": [],
                "past": past,
                "updated_at": site.at,
            },
        )


def _component(part: Part) -> dict[str, Any]:
    percent = rollup.shown_percent(part.uptime)
    troubled = [day for day in part.days if day.troubles]
    return {
        "name": part.name,
        "description": part.description,
        "state": part.state,
        "state_words": words.state_words(part.state),
        "uptime": words.uptime_words(percent),
        "uptime_words": words.bars_words(percent, len(troubled)),
        "days": [
            {"state": day.state, "words": words.day_words(day, date_format(day.on, _("j M")))} for day in part.days
        ],
    }


def _incident(site: Site, told: Told) -> dict[str, Any]:
    return {
        "title": told.title,
        "address": f"{site.root}incidents/{told.public_id}/",
        "state": told.state,
        "status_words": words.status_words(told.status),
        "components": [name for _public_id, name, _state in told.affected],
        "started_at": told.started_at,
        "resolved_at": told.resolved_at,
        "updates": [
            {
                "status_words": words.status_words(update.status),
                "text": update.text,
                "posted_at": update.posted_at,
                "next_update_at": update.next_update_at,
            }
            for update in told.updates
        ],
    }
