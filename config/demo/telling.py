"""Tells the month of the example company: every incident goes through the verbs that people and clocks use."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from accounts.models import User
from alerts import actions as alerts
from alerts.models import AlertSource, Payload
from catalog.models import Severity
from config.demo.company import Company
from config.demo.month import Case
from incidents import actions as incidents
from incidents.escalation import escalations_due
from incidents.models import Incident, Role, Update
from notifications.models import Message
from postmortems.actions import drafts_due
from postmortems.models import ActionItem, ContributingFactor
from statuspage.publishing import announcements_due

Step = tuple[float, Callable[[datetime], object]]


def tell(case: Case, company: Company, sources: dict[str, AlertSource], *, now: datetime) -> Incident:
    """One incident from its first alert to where it stands now; nothing of it lies in the future."""
    start = now - timedelta(days=case.days_ago)
    incident = _declare(case, company, sources, at=start)
    _clocks(start + timedelta(seconds=1))
    for name in {case.commander, case.lead} - {"", case.by} if case.private else ():
        incidents.admit(incident, company[name], actor=company[case.by], at=start)
    for minute, step in sorted(_steps(case, company, sources, incident), key=lambda each: each[0]):
        at = start + timedelta(minutes=minute)
        if at < now:
            _clocks(at)
            step(at)
            _clocks(at)
    for at in _rest(start, case, now=now):
        _clocks(at)
    _learn(case, company, incident, start=start, now=now)
    incident.refresh_from_db()
    return incident


def _rest(start: datetime, case: Case, *, now: datetime) -> Iterator[datetime]:
    """The moments in which the clocks went on by themselves: up to now for what is fresh, else just past its end."""
    if case.resolved is not None or now - start > timedelta(hours=2):
        yield min(now, start + timedelta(minutes=(case.resolved or 0) + 2))
        return
    at = start
    while at < now:
        at = min(now, at + timedelta(minutes=1))
        yield at


def _clocks(at: datetime) -> None:
    escalations_due(at)
    _deliver(at)
    announcements_due(at)


def _deliver(at: datetime) -> None:
    """The past's messages went out in the past: nothing is sent now."""
    Message.objects.filter(state="queued", next_attempt_at__lte=at).update(state="sent", sent_at=at, attempts=1)


def _declare(case: Case, company: Company, sources: dict[str, AlertSource], *, at: datetime) -> Incident:
    service = company.services[case.service]
    if case.alert:
        _fire(case, sources[case.service], at=at, status="firing")
        return Incident.objects.filter(service=service).latest("number")
    return incidents.declare(
        title=case.title,
        severity=Severity.objects.get(code=case.severity),
        service=service,
        actor=company[case.by],
        at=at,
        private=case.private,
        drill=case.drill,
    )


def _fire(case: Case, source: AlertSource, *, at: datetime, status: str, since: datetime | None = None) -> None:
    words = {"SEV1": "critical", "SEV2": "error", "SEV3": "warning", "SEV4": "info"}
    labels = {
        "alertname": case.alert,
        "service": case.service,
        "severity": words[case.severity],
        "cluster": "eu-central-1",
    }
    alert: dict[str, Any] = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": case.title, "runbook_url": "https://runbooks.demo.example/" + case.alert},
        "startsAt": (since or at).isoformat(),
        "endsAt": at.isoformat() if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.demo.example/graph",
        "fingerprint": f"{abs(hash((case.alert, case.service))) % 16**16:016x}",
    }
    body = {
        "version": "4",
        "receiver": "muster",
        "status": status,
        "alerts": [alert],
        "groupLabels": {"alertname": case.alert},
        "commonLabels": labels,
        "commonAnnotations": alert["annotations"],
        "externalURL": "https://alertmanager.demo.example",
        "groupKey": f'{{}}:{{alertname="{case.alert}"}}',
        "truncatedAlerts": 0,
    }
    Payload.objects.create(
        source=source,
        body=json.dumps(body).encode(),
        content_type="application/json",
        received_at=at,
        next_attempt_at=at,
    )
    AlertSource.objects.filter(pk=source.pk).update(last_seen_at=at)
    alerts.payloads_due(at)


def _steps(case: Case, company: Company, sources: dict[str, AlertSource], incident: Incident) -> Iterator[Step]:
    lead = company[case.lead] if case.lead else None
    if case.acknowledged is not None and lead:
        yield case.acknowledged, partial(_acknowledge, incident, lead)
        if case.alert:
            yield case.acknowledged + 0.2, partial(_do, incidents.accept, incident, lead)
    if case.declined:
        yield 6, lambda at: incidents.decline(incident, reason=case.declined, actor=company["Kofi"], at=at)
    roles = ((1.0, Role.COMMANDER, case.commander), (1.3, Role.TECHNICAL_LEAD, case.lead))
    for offset, role, name in (*roles, (2.0, Role.COMMUNICATIONS_LEAD, case.speaker)):
        if name and case.acknowledged is not None:
            yield case.acknowledged + offset, partial(_take_role, incident, role, company[name])
    for minute, name, words in case.said:
        yield minute, partial(_note, incident, company[name], words)
    for minute, name, words in case.told:
        yield minute + 0.1, partial(_announce, incident, company[name], words)
    moves = ((case.identified, incidents.identify), (case.mitigated, incidents.mitigate))
    for moved, verb in (*moves, (case.resolved, incidents.resolve), (case.closed, incidents.close)):
        if moved is not None:
            yield moved + 0.3, partial(_do, verb, incident, lead)
    if case.alert and (case.mitigated or case.declined):
        ended = partial(_fire, case, sources[case.service], status="resolved", since=incident.declared_at)
        yield (case.mitigated or 30) + 3, lambda at: ended(at=at)


def _do(verb: Callable[..., object], incident: Incident, actor: User | None, at: datetime) -> None:
    verb(incident, actor=actor, at=at)


def _take_role(incident: Incident, role: str, person: User, at: datetime) -> None:
    incidents.take_role(incident, role, person=person, actor=person, at=at)


def _note(incident: Incident, person: User, words: str, at: datetime) -> None:
    incidents.add_note(incident, words, actor=person, at=at)


def _announce(incident: Incident, person: User, words: str, at: datetime) -> None:
    soon = at + timedelta(minutes=30)
    incidents.post_update(
        incident, audience=Update.Audience.PUBLIC, text=words, actor=person, at=at, next_update_at=soon
    )


def _acknowledge(incident: Incident, person: User, at: datetime) -> None:
    incident.refresh_from_db()
    if incident.acknowledged_at is None:
        incidents.acknowledge(incident, actor=person, at=at)


def _learn(case: Case, company: Company, incident: Incident, *, start: datetime, now: datetime) -> None:
    if case.resolved is None or case.days_ago < 0.1:
        return
    at = start + timedelta(minutes=case.resolved + 5)
    drafts_due(at)
    incident.refresh_from_db()
    draft = getattr(incident, "postmortem", None)
    if draft is not None and not case.private:
        draft.author = company[case.commander or case.lead]
        draft.went_well = "The first person paged answered, and one person led from the first minutes."
        draft.could_be_better = "The cause was visible on a dashboard nobody was looking at."
        draft.save()
        for factor in case.factors:
            ContributingFactor.objects.create(postmortem=draft, text=factor)
        if case.closed:
            draft.state, draft.approved_at, draft.published_at = (
                "published",
                at + timedelta(days=1),
                at + timedelta(days=2),
            )
            draft.submitted_at, draft.approved_by = at + timedelta(hours=20), company["Mira"]
            draft.save()
    for title, owner, kind, days, state in case.items:
        finished = min(now, start + timedelta(days=max(1, days - 2))) if state == "done" else None
        ActionItem.objects.create(
            incident=incident,
            title=title,
            owner=company[owner],
            kind=kind,
            state=state,
            created_at=at,
            finished_at=finished,
            due_on=(now + timedelta(days=days) if days < 0 else start + timedelta(days=days)).date(),
            created_by=company[owner],
            priority="high" if case.severity in {"SEV1", "SEV2"} else "medium",
            evidence="Merged, deployed, and tried in the last game day." if state == "done" else "",
        )
