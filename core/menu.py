"""The main menu as one table: label, icon, URL name, and which property of the reader opens it."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    """One line of the menu. `needs` names a property of the user (accounts.models.User), "" means everyone."""

    label: str | Promise
    icon: str
    url_name: str
    section: str
    key: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Entry:
    """One line as this reader sees it."""

    label: str | Promise
    icon: str
    address: str
    section: str
    key: str
    url_name: str
    is_current: bool


MENU = [
    Item(_("Home"), "home", "insights:home", "respond", "g h"),
    Item(_("Incidents"), "flame", "incidents:list", "respond", "g i"),
    Item(_("On call"), "phone-call", "oncall:now", "respond", "g o"),
    Item(_("Alerts"), "bell", "alerts:list", "respond", "g a"),
    Item(_("Services"), "stack-2", "catalog:services", "run", "g s"),
    Item(_("Status pages"), "broadcast", "statuspage:pages", "run", "g u"),
    Item(_("Alert sources"), "plug", "alerts:sources", "run", "g r"),
    Item(_("Postmortems"), "book", "postmortems:list", "learn", "g p"),
    Item(_("Action items"), "checkbox", "insights:action-items", "learn", "g t"),
    Item(_("Reliability"), "target-arrow", "reliability:list", "learn", "g l"),
    Item(_("Insights"), "chart-bar", "insights:measures", "learn", "g n"),
    Item(_("Settings"), "settings", "accounts:settings", "settings", "g ,"),
]
SECTIONS: list[tuple[str, str | Promise]] = [
    ("respond", _("Respond")),
    ("run", _("Run")),
    ("learn", _("Learn")),
    ("settings", ""),
]
TABS = ("insights:home", "incidents:list", "oncall:now")


def entries(reader: object, path: str) -> list[Entry]:
    """The lines `reader` may follow, the one that holds `path` marked. A name without a page is left out, and is an
    error where MUSTER_STRICT_MENU is set (the tests)."""
    found: list[tuple[Item, str]] = []
    for item in MENU:
        if item.needs and not getattr(reader, item.needs, False):
            continue
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:
            if getattr(settings, "MUSTER_STRICT_MENU", False):
                raise
    holding = [address for _item, address in found if path == address or (address != "/" and path.startswith(address))]
    current = max(holding, key=len, default="")
    return [
        Entry(
            item.label, item.icon, address, item.section, item.key, item.url_name, bool(current) and address == current
        )
        for item, address in found
    ]


def sections(lines: list[Entry]) -> list[tuple[str | Promise, list[Entry]]]:
    """The lines by section, sections without lines left out."""
    grouped = [(label, [line for line in lines if line.section == key]) for key, label in SECTIONS]
    return [(label, held) for label, held in grouped if held]
