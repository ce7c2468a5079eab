"""The way to everything that can be set."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import needs, person_of


class Line(NamedTuple):
    """One way: its words, icon, URL name, and the property of the reader that opens it ("": everyone)."""

    title: Promise | str
    text: Promise | str
    icon: str
    url_name: str
    needs: str = ""


SECTIONS: list[tuple[Promise | str, list[Line]]] = [
    (
        _("You"),
        [
            Line(_("Profile"), _("Name, time zone, language, theme, e-mail address"), "user", "accounts:profile"),
            Line(
                _("How you are reached"),
                _("Contact methods and notification rules"),
                "bell-ringing",
                "notifications:methods",
            ),
            Line(_("Password"), _("Choose a new one"), "key", "account_change_password"),
            Line(_("Two-factor"), _("Authenticator app, passkeys, recovery codes"), "fingerprint", "mfa_index"),
            Line(_("Sessions"), _("Where you are signed in"), "device-desktop", "accounts:sessions"),
            Line(_("API tokens"), _("Keys for your programs"), "code", "accounts:tokens"),
        ],
    ),
    (
        _("People"),
        [
            Line(_("People"), _("Who is here, and what each may do"), "users", "accounts:people"),
            Line(_("Teams"), _("Who owns services and answers for them"), "users-group", "accounts:teams"),
        ],
    ),
    (
        _("Responding"),
        [
            Line(_("Schedules"), _("Who is on call, and when"), "calendar-time", "oncall:schedules"),
            Line(_("Escalation policies"), _("Who is paged, in which order"), "stairs", "oncall:policies"),
            Line(
                _("Alert sources"),
                _("Tools that send alerts, and their keys"),
                "plug",
                "alerts:sources",
                "can_configure",
            ),
            Line(_("Severities"), _("What SEV1 to SEV4 mean and promise"), "urgent", "catalog:severities"),
        ],
    ),
    (
        _("What you run"),
        [
            Line(_("Services"), _("Owners, tiers and what depends on what"), "stack-2", "catalog:services"),
            Line(_("Objectives"), _("How well each service keeps its word"), "target-arrow", "reliability:list"),
            Line(_("Status pages"), _("What customers see"), "broadcast", "statuspage:pages"),
        ],
    ),
    (
        _("This installation"),
        [
            Line(
                _("Audit log"), _("Who changed what, and from where"), "history", "accounts:audit", "is_administrator"
            ),
            Line(
                _("Messages"),
                _("Everything sent to people, with its result"),
                "send",
                "notifications:messages",
                "is_administrator",
            ),
            Line(
                _("Paging health"),
                _("Whether everything that must hold of paging does"),
                "activity",
                "paging-health",
                "is_administrator",
            ),
            Line(_("API reference"), _("Every call a program can make"), "api", "api-reference"),
        ],
    ),
]


@needs()
def index(request: HttpRequest) -> HttpResponse:
    """Every setting this reader may reach, in sections."""
    reader = person_of(request)
    sections = []
    for title, lines in SECTIONS:
        ways = [
            {"line": line, "address": address}
            for line in lines
            if (not line.needs or getattr(reader, line.needs)) and (address := _address(line.url_name))
        ]
        if ways:
            sections.append((title, ways))
    return render(request, "accounts/settings.html", {"columns": [sections[:2], sections[2:]]})


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
