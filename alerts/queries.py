"""Questions about alerts, and about what comes from their sources."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import Role, Verb, role_may
from alerts.models import Alert, AlertQuerySet, AlertSource, Occurrence, Payload, SourceMinute
from alerts.normal import key_digest
from catalog.models import Service
from incidents.models import Incident

HOUR = timedelta(hours=1)
LONGEST_SEARCH = 200
_LABEL = re.compile(r"\s*([^=\s][^=]{0,199}?)\s*(?:=\s*(.{0,1000}?))?\s*", re.DOTALL)


def visible_alerts(person: User) -> AlertQuerySet:
    """The alerts `person` may know of, with what a list shows."""
    return Alert.objects.visible_to(person).select_related("source", "service", "incident", "incident__severity")


def with_label(rows: AlertQuerySet, words: str) -> AlertQuerySet:
    """Those with the label “name=value”, or with any label of that name. Empty words choose all."""
    found = _LABEL.fullmatch(words.replace("\x00", ""))
    if found is None:
        return rows
    name, value = found.groups()
    return rows.filter(labels__has_key=name) if value is None else rows.filter(labels__contains={name: value})


def holding(rows: AlertQuerySet, words: str) -> AlertQuerySet:
    """Those whose title holds every one of the words."""
    for word in words.replace("\x00", "")[:LONGEST_SEARCH].split()[:8]:
        rows = rows.filter(title__icontains=word)
    return rows


def with_key(rows: AlertQuerySet, key: str) -> AlertQuerySet:
    """Those with this dedup key, of whatever source."""
    sources = list(AlertSource.objects.values_list("pk", flat=True))
    return rows.filter(source__in=sources, dedup_digest=key_digest(key), dedup_key__startswith=key[:1000])


def alerts_of_incident(person: User, incident: Incident) -> AlertQuerySet:
    """The alerts of an incident that `person` may see, firing ones first."""
    rows = visible_alerts(person).filter(incident=incident)
    return rows.order_by("resolved_at", "-started_at", "-id")


def alerts_of_service(person: User, service: Service) -> AlertQuerySet:
    """The firing alerts of a service that `person` may see, newest first."""
    return visible_alerts(person).firing().filter(service=service).order_by("-changed_at", "-id")


def occurrences_of(person: User, alert: Alert) -> QuerySet[Occurrence]:
    """The episodes of an alert; those of incidents that `person` may not know of are left out."""
    rows = alert.occurrences.select_related("incident")
    if person.is_administrator:
        return rows
    return rows.filter(Q(incident=None) | Q(incident__in=Incident.objects.visible_to(person)))


def sources_with_figures(at: datetime) -> QuerySet[Any]:
    """Every source with `last_hour` (accepted), `refused_last_hour`, `waiting`, `in_part` and `unreadable`, and whether
    something it sent in the last hour was accepted and then `lost` or `lost_in_part`."""

    def minutes(field: str) -> Coalesce:
        rows = SourceMinute.objects.filter(source=OuterRef("pk"), minute__gt=at - HOUR).order_by().values("source")
        return Coalesce(Subquery(rows.annotate(n=Sum(field)).values("n"), output_field=IntegerField()), 0)

    def payloads(state: str) -> Coalesce:
        rows = Payload.objects.filter(source=OuterRef("pk"), state=state).order_by().values("source")
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)

    def within_the_hour(state: str) -> Exists:
        return Exists(Payload.objects.filter(source=OuterRef("pk"), state=state, received_at__gt=at - HOUR))

    firing = Alert.objects.firing().filter(source=OuterRef("pk"))
    return AlertSource.objects.select_related("service", "default_severity").annotate(
        last_hour=minutes("accepted"),
        refused_last_hour=minutes("refused"),
        overloaded_last_hour=minutes("overloaded"),
        waiting=payloads(Payload.State.WAITING),
        in_part=payloads(Payload.State.IN_PART),
        unreadable=payloads(Payload.State.UNREADABLE),
        lost=within_the_hour(Payload.State.UNREADABLE),
        lost_in_part=within_the_hour(Payload.State.IN_PART),
        is_firing=Exists(firing),
    )


def people_of(source: AlertSource) -> list[User]:
    """Who looks after a source: those of its service's team who may change it, else the administrators."""
    able = User.objects.filter(is_active=True, role__in=[role for role in Role if role_may(role, Verb.CONFIGURE)])
    team = source.service.owner_id
    found = list(able.filter(memberships__team=team)) if team else []
    return found or list(able.filter(role=Role.ADMINISTRATOR))


def rate_of(source: AlertSource, *, at: datetime) -> list[tuple[datetime, int]]:
    """What was accepted in each of the last sixty minutes, oldest first."""
    now = at.replace(second=0, microsecond=0)
    found = dict(source.minutes.filter(minute__gt=now - HOUR).values_list("minute", "accepted"))
    return [(now - timedelta(minutes=ago), found.get(now - timedelta(minutes=ago), 0)) for ago in range(59, -1, -1)]


@dataclass(frozen=True)
class Became:
    """What became of one payload, as far as a person may know. `alerts` are the visible ones, `hidden` how many not."""

    payload: Payload
    alerts: list[Alert]
    hidden: int
    more: int

    @property
    def may_read(self) -> bool:
        """Whether the payload itself may be shown: it names the alerts of private incidents too."""
        return self.hidden == 0

    @property
    def incidents(self) -> list[Incident]:
        return list({alert.incident_id: alert.incident for alert in self.alerts if alert.incident}.values())


SHOWN = 20


def became(person: User, payloads: list[Payload], *, most: int = SHOWN) -> list[Became]:
    """What became of each payload, in four queries however many there are."""
    ids = {pk for payload in payloads for pk in payload.alert_ids}
    hidden: set[int] = set()
    if not person.is_administrator:
        secret = Occurrence.objects.filter(alert__in=ids, incident__private=True)
        closed = secret.exclude(incident__in=Incident.objects.visible_to(person))
        visible = set(Alert.objects.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True))
        known = set(Alert.objects.filter(pk__in=ids).values_list("pk", flat=True))
        hidden = (known - visible) | set(closed.values_list("alert", flat=True))
    wanted = {pk for payload in payloads for pk in [pk for pk in payload.alert_ids if pk not in hidden][:most]}
    rows = visible_alerts(person).in_bulk(wanted)
    found = []
    for payload in payloads:
        open_ids = [pk for pk in payload.alert_ids if pk not in hidden]
        shown = [rows[pk] for pk in open_ids[:most] if pk in rows]
        found.append(Became(payload, shown, len(payload.alert_ids) - len(open_ids), max(len(open_ids) - len(shown), 0)))
    return found


def may_read(person: User, payload: Payload) -> bool:
    """Whether `person` may read the payload's own words. One that is not read yet may be about anything."""
    if person.is_administrator:
        return True
    if payload.state == Payload.State.WAITING:
        return False
    return became(person, [payload], most=0)[0].may_read


def kept_payloads(episodes: list[Occurrence], alert: Alert) -> set[int]:
    """The ids of payloads behind an alert that have not been thrown away yet."""
    ids = {pk for episode in episodes for pk in (episode.opened_by, episode.closed_by)} | {alert.last_payload_id}
    return set(Payload.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", flat=True))
