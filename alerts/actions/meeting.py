"""Alerts meet incidents: joined, reopened or declared by the reasons of grouping.py, and told in folded lines."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import grouping, severity
from alerts.grouping import Choice, Past, Why
from alerts.messages import title_of
from alerts.models import Alert, AlertGroup, AlertSource, Payload
from alerts.telling import most_telling
from catalog import naming
from catalog.models import Severity
from core.errors import Refused
from incidents import actions, alert_lines, alert_words
from incidents.models import Incident, Kind, TimelineEvent

LISTED = 20


@dataclass(slots=True)
class Candidate:
    """An alert that fires and needs an incident. `why` and `alert.incident` are set by `meet`."""

    alert: Alert
    is_new_episode: bool
    group: AlertGroup | None = None
    asked: str = ""
    trial: str = ""
    payload: int | None = None
    why: Why | None = None
    worst: Severity | None = None  # what it asked for at its worst in this batch, where that was not its last word

    @property
    def past_id(self) -> int | None:
        return self.alert.incident_id


def meet(source: AlertSource, candidates: Sequence[Candidate], *, at: datetime) -> list[Candidate]:
    """Find or make the incident of every candidate; those that got another one than they had, or were reopened."""
    ids = {c.past_id for c in candidates} | {c.group.incident_id for c in candidates if c.group}
    locked = _lock(ids)
    pasts = _pasts(locked.values(), at)
    bundles: dict[object, list[Candidate]] = defaultdict(list)
    met: list[Candidate] = []
    for candidate in candidates:
        if candidate.trial == Payload.Trial.QUIET:
            candidate.why = Why.TEST
            continue
        choice = grouping.own(pasts.get(candidate.past_id or 0), is_new_episode=candidate.is_new_episode, at=at)
        if choice is None:
            bundles[candidate.group.pk if candidate.group else id(candidate)].append(candidate)
        elif choice.incident is None:
            candidate.why = choice.why
        elif candidate.is_new_episode:
            _join([candidate], choice, locked[choice.incident], source, at)
            met.append(candidate)
    fresh: list[list[Candidate]] = []
    for members in bundles.values():
        choice = _of_bundle(members[0].group, pasts, locked, at)
        if choice.incident is None:
            fresh.append(members)
        else:
            _join(members, choice, locked[choice.incident], source, at)
            met += members
    return met + _open(source, fresh, at)


def _of_bundle(group: AlertGroup | None, pasts: dict[int, Past], locked: dict[int, Incident], at: datetime) -> Choice:
    past = None
    if group is not None and group.incident_id in locked:
        standing = locked[group.incident_id]
        past = Past(standing.pk, is_open=True) if standing.is_open else pasts.get(standing.pk)
    return grouping.bundle(past, storm=False, newest=None, at=at)


def _open(source: AlertSource, fresh: list[list[Candidate]], at: datetime) -> list[Candidate]:
    """What fits nothing open: an incident for each bundle, or one for all of them in a storm."""
    if not fresh:
        return []
    drills = [members for members in fresh if members[0].trial]
    real = [members for members in fresh if not members[0].trial]
    for members in drills:
        _declare(source, members, Why.NEW, at)
    if grouping.is_storm(source.recent_bundles, len(real), at=at):
        everyone = [candidate for members in real for candidate in members]
        newest = _newest(source, at)
        if newest is not None:
            _join(everyone, Choice(Why.STORM, newest.pk), newest, source, at)
        else:
            _declare(source, everyone, Why.STORM, at)
    else:
        for members in real:
            still = all(not candidate.is_new_episode for candidate in members)
            _declare(source, members, Why.STILL_FIRING if still else Why.NEW, at)
    if real:
        source.recent_bundles = grouping.remembered(source.recent_bundles, len(real), at=at)
        AlertSource.objects.filter(pk=source.pk).update(recent_bundles=source.recent_bundles)
    return [candidate for members in fresh for candidate in members]


def _declare(source: AlertSource, members: list[Candidate], why: Why, at: datetime) -> None:
    worst, first = _worst_first(source, members)[0]
    incident = actions.declare(
        title=title_of(first.alert.title, len(members) - 1),
        severity=worst,
        service=source.service,
        actor=None,
        at=at,
        summary=first.alert.body[:4000],
        drill=bool(first.trial),
        origin=Incident.Origin.ALERT,
        actor_name=source.name,
        impact_started_at=min(min(candidate.alert.started_at for candidate in members), at),
    )
    _assign(members, why, incident)


def _join(members: list[Candidate], choice: Choice, incident: Incident, source: AlertSource, at: datetime) -> None:
    if not incident.is_open:
        incident = _carry(incident, actions.reopen(incident, actor=None, at=at, actor_name=source.name))
    worst, first = _worst_first(source, members)[0]
    if worst.rank < incident.severity.rank:
        told = actions.tell_worse(incident, worst, alert=first.alert.title, at=at, actor_name=source.name)
        incident = _carry(incident, told)
    _assign(members, choice.why, incident)


def grow_worse(source: AlertSource, grown: Sequence[tuple[Alert, Severity]], *, at: datetime) -> None:
    """Alerts that belong to their incidents already ask for a higher severity than before."""
    worst: dict[int, tuple[Alert, Severity]] = {}
    for alert, asked in sorted(grown, key=lambda pair: pair[1].rank):
        if alert.incident_id is not None:
            worst.setdefault(alert.incident_id, (alert, asked))
    if not worst:
        return
    for pk, incident in _lock(set(worst)).items():
        alert, asked = worst[pk]
        if incident.is_open and asked.rank < incident.severity.rank:
            how = actions.Worse.GREW
            actions.tell_worse(incident, asked, alert=alert.title, at=at, actor_name=source.name, how=how)


def _carry(known: Incident, fresh: Incident) -> Incident:
    """Bring the row that others in this batch look at up to date."""
    known.status, known.severity, known.accepted_at = fresh.status, fresh.severity, fresh.accepted_at
    return known


def _assign(members: Iterable[Candidate], why: Why, incident: Incident) -> None:
    for candidate in members:
        candidate.why, candidate.alert.incident = why, incident
        if candidate.group is not None:
            candidate.group.incident = incident


def tell_fired(source: AlertSource, met: Iterable[Candidate], *, at: datetime) -> None:
    """One line in each incident about all that fired for it, however many there are. The alerts are saved."""
    by_incident: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in met:
        by_incident[candidate.alert.incident_id or 0].append(candidate)
    for pk in sorted(by_incident):
        members = by_incident[pk]
        why = Why.STORM if any(c.why is Why.STORM for c in members) else members[0].why
        incident = members[0].alert.incident
        assert incident is not None
        alerts = [candidate.alert for candidate in members]
        lead = _lead(*_worst_first(source, members)[0])
        _tell(incident, Kind.ALERT_FIRED, alert_lines.fired, alerts, source, at, why=str(why), lead=lead)


def _lead(asked: Severity, candidate: Candidate) -> dict[str, Any]:
    """What the alert says, for those who are paged for it."""
    alert = candidate.alert
    return alert_words.kept(
        alert=alert.pk,
        rank=asked.rank,
        title=alert.title,
        description=alert.body,
        labels=most_telling(alert.labels),
        runbook_url=alert.runbook_url,
        source_url=alert.source_url,
    )


def part(source: AlertSource, resolved: Sequence[Alert], *, actor_name: str, at: datetime) -> None:
    """Tell the incidents whose alerts are resolved; one that nobody accepted ends with its last alert."""
    by_incident: dict[int, list[Alert]] = defaultdict(list)
    for alert in resolved:
        if alert.incident_id is not None:
            by_incident[alert.incident_id].append(alert)
    if not by_incident:
        return
    locked = _lock(set(by_incident))
    firing = set(
        Alert.objects.firing().filter(incident__in=by_incident).order_by().values_list("incident", flat=True).distinct()
    )
    for pk, incident in locked.items():
        if not incident.is_open:
            continue
        last = pk not in firing
        _tell(incident, Kind.ALERT_RESOLVED, alert_lines.resolved, by_incident[pk], source, at, last=last)
        if last and incident.origin == Incident.Origin.ALERT and incident.accepted_at is None:
            try:
                actions.resolve(incident, actor=None, at=at, actor_name=actor_name)
            except Refused:
                continue


def _tell(
    incident: Incident,
    kind: Kind,
    words: Callable[[dict[str, Any]], str],
    alerts: Sequence[Alert],
    source: AlertSource,
    at: datetime,
    **more: object,
) -> None:
    data = {
        "source": source.pk,
        "source_name": source.name,
        "alerts": [alert.pk for alert in alerts[:LISTED]],
        **alert_lines.facts_of([alert.title for alert in alerts]),
        **more,
    }
    actions.tell_alert(incident, kind=kind, text=words(data), data=data, at=at, actor_name=source.name)


def _lock(ids: set[int | None]) -> dict[int, Incident]:
    """The incidents, held until the batch commits, so that none ends while an alert joins it."""
    rows = Incident.objects.select_for_update(no_key=True).prefetch_related("severity")
    return {row.pk: row for row in rows.filter(pk__in=[pk for pk in ids if pk]).order_by("pk")}


def _pasts(incidents: Iterable[Incident], at: datetime) -> dict[int, Past]:
    found = {}
    for row in incidents:
        is_declined = row.status == "declined"
        recent = row.resolved_at is not None and at - row.resolved_at < grouping.REOPEN_WITHIN
        by_itself = recent and not row.is_open and not is_declined and _ended_by_itself(row)
        found[row.pk] = Past(row.pk, row.is_open, is_declined, row.resolved_at, by_itself)
    return found


def _ended_by_itself(incident: Incident) -> bool:
    last = TimelineEvent.objects.filter(incident=incident, kind=Kind.RESOLVED).order_by("-seq").first()
    return last is not None and last.actor_id is None and incident.status == "resolved"


def _newest(source: AlertSource, at: datetime) -> Incident | None:
    rows = Incident.objects.open().filter(
        service=source.service,
        origin=Incident.Origin.ALERT,
        drill=False,
        private=False,
        declared_at__gt=at - grouping.STORM_JOINS_WITHIN,
    )
    newest = rows.order_by("-number").values_list("pk", flat=True).first()
    found = _lock({newest}).get(newest) if newest else None
    return found if found is not None and found.is_open else None


def wanted(source: AlertSource, alert: Alert, asked: str) -> Severity:
    """The severity that an alert asks for as it stands; `asked`: SEV1…SEV4 where its machine named one of ours."""
    rows = _severities(source)
    word = alert.labels.get("severity", "")
    if word and not alert.severity and (alias := naming.named(word, rows.values())):
        return alias
    default = source.default_severity.code if source.default_severity else ""
    code = severity.wanted(alert.severity, asked, default=default)
    if code in rows:
        return rows[code]
    ranked = sorted(rows.values(), key=lambda row: row.rank)
    return ranked[min(int(code[-1]) if code[-1].isdigit() else 3, len(ranked)) - 1]


def _worst_first(source: AlertSource, members: Iterable[Candidate]) -> list[tuple[Severity, Candidate]]:
    """Each with the severity it asks for; of equals, the one that came first."""
    asked = ((member.worst or wanted(source, member.alert, member.asked), member) for member in members)
    return sorted(asked, key=lambda pair: pair[0].rank)


def _severities(source: AlertSource) -> dict[str, Severity]:
    known: dict[str, Severity] | None = source.__dict__.get("_severity_rows")
    if known is None:
        known = source.__dict__["_severity_rows"] = {row.code: row for row in Severity.objects.all()}
    return known
