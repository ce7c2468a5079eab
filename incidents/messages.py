"""The words of a page, in the language and zone of whoever is paged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core import moments
from core.middleware import zone_or_utc
from incidents import links, queries
from incidents.alert_words import Lead
from incidents.models import Escalation, Incident, Page


@dataclass(frozen=True)
class Place:
    """Where in a running plan somebody is paged; rounds and steps from 0."""

    escalation: Escalation
    round: int
    step: int
    is_fallback: bool


@dataclass(frozen=True)
class Coming:
    """Who is paged next and when, unless somebody answers. `step` from 1; None is the fallback. `is_again`: everyone
    was paged by then, and the last ones are paged once more."""

    at: datetime
    names: list[str]
    step: int | None
    is_again: bool = False


@contextmanager
def speaking_to(person: User) -> Iterator[None]:
    """Words and times as `person` reads them."""
    with (
        translation.override(person.language or settings.LANGUAGE_CODE),
        timezone.override(zone_or_utc(person.time_zone)),
    ):
        yield


def subject(incident: Incident) -> str:
    """The line people see first."""
    words = {"severity": incident.severity.code, "title": incident.title, "reference": incident.reference}
    line = _("[%(severity)s] %(title)s (%(reference)s)") % words
    return _("DRILL: %(subject)s") % {"subject": line} if incident.drill else line


def text(incident: Incident, row: Page, place: Place | None, coming: Coming | None, *, at: datetime) -> str:
    """What happened, why you, what to press, what happens next."""
    head = [
        f"{incident.reference} · {incident.severity.code} {incident.severity.name}",
        incident.title,
        _("Service: %(service)s") % {"service": incident.service} if incident.service else _("No service is named."),
    ]
    if incident.drill:
        head.insert(0, _("This is a drill. Act as if it were real."))
    why = _("Why you: %(reason)s.") % {"reason": row.because}
    if place and not place.is_fallback:
        why += " " + _("This is step %(number)s of the policy “%(policy)s”.") % {
            "number": place.step + 1,
            "policy": place.escalation.policy_name,
        }
    do = [
        _("Acknowledge (no sign-in needed): %(url)s") % {"url": links.acknowledge_url(row, at=at)},
        _("War room: %(url)s") % {"url": room_url(incident)},
    ]
    lead = queries.lead_of(incident)
    blocks = ["\n".join(head), said(lead), why, "\n".join(do), next_words(coming, at=at) if place else ""]
    return "\n\n".join(block for block in blocks if block)


def said(lead: Lead | None) -> str:
    """What the alert says. Quoted, so that nobody takes a machine's words for Muster's own."""
    if lead is None:
        return ""
    lines = [f"> {line}".rstrip() for line in lead.short.split("\n")] if lead.description else []
    if lead.labels:
        lines.append(_("Labels: %(labels)s") % {"labels": ", ".join(f"{k}={v}" for k, v in lead.labels.items())})
    if lead.runbook_url:
        lines.append(_("Runbook: %(url)s") % {"url": lead.runbook_url})
    if lead.source_url:
        lines.append(_("Source: %(url)s") % {"url": lead.source_url})
    return "\n".join(lines)


def role_subject(incident: Incident, label: str) -> str:
    """The line of a notice about a role."""
    words = {"role": label, "reference": incident.reference, "title": incident.title}
    line = _("You are %(role)s of %(reference)s: %(title)s") % words
    return _("DRILL: %(subject)s") % {"subject": line} if incident.drill else line


def role_text(incident: Incident, person: User, label: str, giver: str) -> str:
    """That somebody gave them a role, and where the room is."""
    words = {"name": person, "role": label, "reference": incident.reference, "giver": giver}
    told = _("%(name)s, you are %(role)s of %(reference)s. %(giver)s gave you the role.") % words
    facts = f"{incident.severity.code} · {incident.title}"
    return "\n\n".join([told, facts, _("War room: %(url)s") % {"url": room_url(incident)}])


def next_words(coming: Coming | None, *, at: datetime) -> str:
    """What happens when nobody answers, as a sentence."""
    if coming is None:
        return ""
    words = {
        "names": ", ".join(coming.names[:3]) + (" …" if len(coming.names) > 3 else "") or _("nobody yet known"),
        "wait": moments.duration(coming.at - at),
        "time": f"{date_format(timezone.localtime(coming.at), 'H:i')} {timezone.localtime(coming.at).tzname()}",
        "number": coming.step or 0,
    }
    if coming.is_again:
        return (
            _("You are the last in the plan. If nobody acknowledges, %(names)s is paged in %(wait)s, at %(time)s.")
            % words
        )
    if coming.step is None:
        return _("If nobody acknowledges, the final fallback (%(names)s) is paged in %(wait)s, at %(time)s.") % words
    return _("If nobody acknowledges, step %(number)s pages %(names)s in %(wait)s, at %(time)s.") % words


def room_url(incident: Incident) -> str:
    """The war room's absolute address."""
    return settings.PUBLIC_URL + reverse("incidents:room", kwargs={"reference": incident.reference})


def payload(
    incident: Incident, person: User, row: Page, place: Place | None, coming: Coming | None, *, at: datetime
) -> dict[str, Any]:
    """The same for programs: docs/paging.md shows it whole."""
    lead = queries.lead_of(incident) or Lead()
    return {
        "incident": incident.reference,
        "title": incident.title,
        "severity": incident.severity.code,
        "urgency": row.urgency,
        "status": str(incident.status),
        "service": incident.service.name if incident.service else None,
        "description": lead.description or incident.summary,
        "labels": lead.labels,
        "runbook_url": lead.runbook_url or None,
        "source_url": lead.source_url or None,
        "drill": incident.drill,
        "private": incident.private,
        "policy": place.escalation.policy_name if place else None,
        "round": place.round + 1 if place else None,
        "step": place.step + 1 if place and not place.is_fallback else None,
        "is_fallback": bool(place and place.is_fallback),
        "reason": row.because,
        "person": {"id": person.pk, "name": str(person), "email": person.email},
        "acknowledge_url": links.acknowledge_url(row, at=at),
        "incident_url": room_url(incident),
        "next": {"at": coming.at.isoformat(), "step": coming.step, "names": coming.names} if coming else None,
        "paged_at": at.isoformat(),
    }
