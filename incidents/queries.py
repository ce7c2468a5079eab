"""Questions about incidents. `visible_incident` and `Incident.objects.visible_to` are a person's only doors to them."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import User
from catalog.models import Service
from incidents import alert_words
from incidents.models import Escalation, Incident, IncidentQuerySet, Kind, Page, RoleAssignment, TimelineEvent

REFERENCE = re.compile(r"INC-([1-9][0-9]{0,8})", re.IGNORECASE)
_ANY_REFERENCE = re.compile(r"(?:INC-?)?\s*#?([1-9][0-9]{0,8})", re.IGNORECASE)
_WORD = re.compile(r"\w+")
LONGEST_SEARCH = 200
MOST_LEADS = 200
WINDOW = 40  # lines of the story a room shows at once


def number_of(reference: str) -> int | None:
    """The number in a reference such as "INC-42"; None if it is not one."""
    found = REFERENCE.fullmatch(reference)
    return int(found[1]) if found else None


def visible_incident(person: User, reference: str) -> Incident:
    """The incident with this reference. Http404 alike for what is not there and for what `person` may not know of."""
    number = number_of(reference)
    if number is None:
        raise Http404(reference)
    rows = Incident.objects.visible_to(person).select_related("severity", "service", "declared_by")
    incident = rows.filter(number=number).first()
    if incident is None:
        raise Http404(reference)
    return incident


def timeline_after(incident: Incident, seq: int, *, most: int = 500) -> list[TimelineEvent]:
    """The lines of the story after number `seq`, oldest first, at most `most` of them."""
    lines = TimelineEvent.objects.filter(incident=incident, seq__gt=seq).select_related("actor").order_by("seq")
    return list(lines[:most])


def timeline_before(
    incident: Incident, seq: int | None = None, *, kinds: Iterable[str] = (), most: int = WINDOW
) -> tuple[list[TimelineEvent], bool]:
    """The newest `most` lines before number `seq` (the very newest without one), newest first, of `kinds` alone where
    given; and whether there are earlier ones."""
    lines = TimelineEvent.objects.filter(incident=incident).select_related("actor").order_by("-seq")
    if seq is not None:
        lines = lines.filter(seq__lt=seq)
    wanted = list(kinds)
    if wanted:
        lines = lines.filter(kind__in=wanted)
    found = list(lines[: most + 1])
    return found[:most], len(found) > most


def search(person: User, text: str) -> IncidentQuerySet:
    """What `person` may see of the incidents that `text` speaks of: by reference, title, summary, service, or words of
    notes and updates. Every word must be found; the last one may be half-typed. No text finds everything."""
    wanted = " ".join(text.split())[:LONGEST_SEARCH]
    visible = Incident.objects.visible_to(person)
    if not wanted:
        return visible
    words = _WORD.findall(wanted)
    reference = _ANY_REFERENCE.fullmatch(wanted)
    found: QuerySet[Any, Any] = Incident.objects.filter(title__icontains=wanted).order_by().values("pk")
    others: list[QuerySet[Any, Any]] = [
        Incident.objects.filter(service__in=Service.objects.filter(name__icontains=wanted)).order_by().values("pk")
    ]
    if reference:
        others.append(Incident.objects.filter(number=int(reference[1])).order_by().values("pk"))
    if words:
        asked = SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config="simple")
        named = Incident.objects.annotate(words=SearchVector("title", "summary", config="simple"))
        others.append(named.filter(words=asked).order_by().values("pk"))
        told = TimelineEvent.objects.filter(kind__in=["note", "update"])
        told = told.annotate(words=SearchVector("text", config="simple")).filter(words=asked)
        others.append(told.order_by().values("incident"))
    return visible.filter(pk__in=found.union(*others))


def similar_open(person: User, title: str, *, most: int = 5) -> list[Incident]:
    """Open incidents whose title shares words with `title`, those that share most first."""
    words = [word for word in _WORD.findall(title.lower()) if len(word) > 3 or not word.isascii()][:12]
    if not words:
        return []
    wanted = Q()
    for word in words:
        wanted |= Q(title__icontains=word)
    rows = Incident.objects.visible_to(person).open().filter(wanted).select_related("severity", "service")
    return sorted(rows[:50], key=lambda row: -sum(word in row.title.lower() for word in words))[:most]


def mine(person: User) -> Q:
    """Incidents `person` declared, has a role in or was paged for."""
    held = RoleAssignment.objects.filter(person=person, left_at=None).order_by().values("incident")
    paged = Page.objects.filter(person=person).order_by().values("incident")
    return Q(pk__in=held) | Q(pk__in=paged) | Q(declared_by=person)


def commanders(incidents: Iterable[Incident]) -> dict[int, User]:
    """Incident id → who commands it now."""
    rows = RoleAssignment.objects.filter(
        incident__in=[incident.pk for incident in incidents], role="commander", left_at=None
    ).select_related("person")
    return {row.incident_id: row.person for row in rows}


def of_service(person: User, service: Service) -> IncidentQuerySet:
    """The incidents of `service` that `person` may see, the newest first."""
    return Incident.objects.visible_to(person).filter(service=service)


def notes(incident: Incident) -> QuerySet[TimelineEvent]:
    """The notes of the story."""
    return TimelineEvent.objects.filter(incident=incident, kind=Kind.NOTE).select_related("actor")


def awaited(incident: Incident, newest: Escalation | None) -> frozenset[int]:
    """The ids of the people who were paged for it and whose answer is still awaited: those whom somebody asked for by
    name, and those of the plan while nobody is on it. `newest`: the escalation started last."""
    if incident.is_over:
        return frozenset()
    unanswered = Page.objects.filter(incident=incident, acknowledged_at=None)
    answered = newest.is_answered(incident.acknowledged_at) if newest else incident.acknowledged_at is not None
    if answered:
        unanswered = unanswered.filter(escalation=None)
    return frozenset(unanswered.values_list("person", flat=True))


def was_paged(person: User, incident: Incident) -> bool:
    """Whether `person` was ever paged for it: they may answer, whatever their role."""
    return Page.objects.filter(incident=incident, person=person).exists()


def lead_of(incident: Incident) -> alert_words.Lead | None:
    """What the alert that speaks for the incident says: the worst one, the first of equals, in its newest words. None
    where no machine has spoken."""
    told = TimelineEvent.objects.filter(incident=incident, kind=Kind.ALERT_FIRED, data__has_key="lead")
    said = list(told.order_by("seq").values_list("data__lead", flat=True)[:MOST_LEADS])
    if not said:
        return None
    chosen = min(said, key=lambda lead: int(lead.get("rank", 99)))
    newest = next(lead for lead in reversed(said) if lead.get("alert") == chosen.get("alert"))
    return alert_words.read(newest)
