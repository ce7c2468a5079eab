"""The plan running for one incident: started, walked step by step by a sweep, stopped when somebody is on it."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Role
from catalog.models import Severity
from core import sweep
from core.errors import Refused
from core.look import status_words
from incidents import paging, paging_lines, reasons, timeline
from incidents.messages import Coming, Place
from incidents.models import Escalation, Incident, Kind, Page
from oncall import policy, queries
from oncall.policy import Fallback, Next, Over
from oncall.queries import Called

log = logging.getLogger(__name__)
FALLBACK_WAIT = 300  # seconds the last ones called have, where the plan has no step to take it from
MOST_FAILURES = 5
PATIENCE = 2  # times that a step waits for a database that had no time for one person
State = Escalation.State


def start(incident: Incident, *, at: datetime) -> Escalation | None:
    """Begin to page by the policy of the incident's service; its first step is due at once. The running escalation when
    there is one; None when the incident is over. The caller holds the incident's row."""
    if incident.is_over:
        return None
    running = running_for(incident)
    if running is not None:
        return running
    plan = plan_for(incident)
    return Escalation.objects.create(
        incident=incident, policy_name=plan["name"], plan=plan, next_step_at=at, started_at=at
    )


def stop(incident: Incident, *, at: datetime) -> None:
    """Nobody is paged for it any more: the timer stops and what has not gone out never will. The caller holds the
    incident's row."""
    Escalation.objects.filter(incident=incident, state=State.RUNNING).update(
        state=State.STOPPED, next_step_at=None, stopped_at=at
    )
    paging.withdraw(incident, at=at)


@transaction.atomic
def escalate_now(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Escalation:
    """Page the next people without waiting. Where the paging had stopped it goes on from the step it had reached; where
    everyone was paged it begins again."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.is_over:
        raise Refused(
            _("%(reference)s is %(status)s, so nobody is paged for it.")
            % {"reference": fresh.reference, "status": status_words(fresh.status)},
            code="wrong_state",
        )
    running = running_for(fresh)
    stopped = Escalation.objects.filter(incident=fresh, state=State.STOPPED).first()
    if running is None and stopped is not None and not isinstance(_place(stopped), Over):
        running = stopped
        running.state, running.stopped_at = State.RUNNING, None
    if running is None:
        running = start(fresh, at=at)
    assert running is not None  # the incident is not over
    running.next_step_at = at
    running.save()
    data = {"asked": True}
    timeline.record(
        fresh,
        Kind.ESCALATED,
        at=at,
        actor=actor,
        actor_name=actor_name,
        text=paging_lines.escalated(data),
        data=data,
    )
    return running


def severity_changed(incident: Incident, *, before: Severity, at: datetime) -> None:
    """A severity that now wakes people, and nobody has answered: the plan begins again, by everybody's rules for high
    urgency, also where it had come to its end. In every other case the paging goes on as it was. The caller holds the
    incident's row."""
    rose = before.urgency == "low" and incident.severity.urgency == "high"
    if not rose or incident.is_over or incident.acknowledged_at is not None:
        return
    newest = Escalation.objects.filter(incident=incident).first()
    if newest is None or newest.state == State.STOPPED:
        return
    stop(incident, at=at)
    start(incident, at=at)


def running_for(incident: Incident) -> Escalation | None:
    """The escalation now running for it."""
    return Escalation.objects.filter(incident=incident, state=State.RUNNING).first()


def plan_for(incident: Incident) -> dict[str, Any]:
    """The snapshot of the policy that pages for it. Without one there are no steps and the administrators are the
    fallback; "why" then says so."""
    found = queries.policy_for(incident.service) if incident.service else None
    if found is not None:
        return queries.plan_of(found)
    why = {"by": "no_policy", "service": str(incident.service)} if incident.service else {"by": "no_service"}
    return {"policy": None, "name": _("No policy"), "repeat_times": 0, "steps": [], "fallback": None, "why": why}


def escalations_due(at: datetime) -> int:
    """Fire every step that is due; how many escalations moved.

    The incident's row is the lock, as in every verb, so a step and an acknowledgement never cross. Locked or poisoned
    ones are passed by.
    """

    def due() -> QuerySet[Incident]:
        return (
            Incident.objects.filter(escalations__state=State.RUNNING, escalations__next_step_at__lte=at)
            .select_related("severity", "service")
            .order_by("escalations__next_step_at", "pk")
        )

    def step(incident: Incident) -> None:
        escalation = Escalation.objects.due(at).filter(incident=incident).first()
        if escalation is not None:  # it may have been stopped while the row was waited for
            fire(incident, escalation, at=at)

    def poisoned(pk: int, error: Exception) -> None:
        _put_off(pk, error, at=at)

    return sweep.each_due(due, step, poisoned=poisoned)


def fire(incident: Incident, escalation: Escalation, *, at: datetime) -> None:
    """Take the escalation one step: page everyone whom it calls at this moment.

    A step that calls nobody is told, and the next one goes at once. The next due moment is counted from now, so an
    outage is followed by no burst."""
    while True:
        here = _place(escalation)
        if isinstance(here, Over):
            _end(incident, escalation, at=at)
            return
        escalation.round, escalation.step = here.then
        called = _called(incident, escalation, here, at=at)
        if called:
            _page_all(incident, escalation, here, called, at=at)
            break
        _tell_nobody(incident, escalation, here, at=at)
        _skip_empty_rounds(escalation, here)
    escalation.next_step_at = at + timedelta(seconds=_wait(escalation, here))
    escalation.failures = 0
    escalation.save()


def _place(escalation: Escalation) -> Next | Fallback | Over:
    return policy.next_step(escalation.plan, escalation.round, escalation.step)


def _wait(escalation: Escalation, here: Next | Fallback) -> int:
    if isinstance(here, Next):
        return here.wait_seconds
    steps = escalation.plan.get("steps") or []
    return int(steps[-1]["wait_seconds"]) if steps else FALLBACK_WAIT


def _called(incident: Incident, escalation: Escalation, here: Next | Fallback, *, at: datetime) -> list[Called]:
    if isinstance(here, Next):
        return queries.called_by(list(here.targets), at=at)  # type: ignore[arg-type]
    why = reasons.kept(escalation.plan.get("why"))
    return [Called(called.person, why or called.why) for called in queries.called_last(escalation.plan, here.person)]


def _page_all(
    incident: Incident, escalation: Escalation, here: Next | Fallback, called: list[Called], *, at: datetime
) -> None:
    """Page them all. One who cannot be paged is told of and holds up nobody; when none can be, the fault is Muster's
    own, and the step is tried again a little later.

    Where the database had no time for one of them (a deadlock, a lock), the whole step is tried again too, twice at
    most, so that nobody is passed over for what is well in a moment: what was left for the others goes back with the
    transaction and has not gone out."""
    coming = _coming(escalation, at + timedelta(seconds=_wait(escalation, here)))
    place = Place(escalation, here.round, here.step, isinstance(here, Fallback))
    faults: list[Exception] = []
    for person, why in called:
        try:
            with transaction.atomic():
                paging.page_by_plan(incident, person, why=why, at=at, place=place, coming=coming)
        except Exception as fault:
            if isinstance(fault, OperationalError) and escalation.failures < PATIENCE:
                raise
            faults.append(fault)
            log.exception("Somebody could not be paged", extra={"incident": incident.pk, "person": person.pk})
            data = {"person": person.pk, "name": str(person), "fault": True}
            timeline.record(incident, Kind.PAGE_FAILED, at=at, text=paging_lines.page_failed(data), data=data)
    if len(faults) == len(called):
        raise faults[0]


def _coming(escalation: Escalation, moment: datetime) -> Coming | None:
    """Whom the plan calls next unless somebody answers, as far as it can be known now; `escalation` stands there."""
    place = (escalation.round, escalation.step)
    while True:
        following = policy.next_step(escalation.plan, *place)
        if isinstance(following, Over):
            return None
        if isinstance(following, Fallback):
            called = queries.called_last(escalation.plan, following.person)
            return Coming(moment, [str(each.person) for each in called], None)
        called = queries.called_by(list(following.targets), at=moment)  # type: ignore[arg-type]
        if called:
            return Coming(moment, [str(each.person) for each in called], following.step + 1)
        place = following.then


def _tell_nobody(incident: Incident, escalation: Escalation, here: Next | Fallback, *, at: datetime) -> None:
    is_fallback = isinstance(here, Fallback)
    if is_fallback:
        log.error("Nobody is left to page", extra={"incident": incident.pk})
    data = {
        "round": here.round,
        "step": here.step,
        "policy": escalation.policy_name,
        "nobody": True,
        "is_fallback": is_fallback,
        "targets": list(here.targets) if isinstance(here, Next) else [],
    }
    timeline.record(incident, Kind.ESCALATED, at=at, text=paging_lines.escalated(data), data=data)


def _skip_empty_rounds(escalation: Escalation, here: Next | Fallback) -> None:
    """A whole round that called nobody will call nobody when it is repeated a moment later: on to the fallback."""
    steps = escalation.plan.get("steps") or []
    is_last = isinstance(here, Next) and here.step + 1 >= len(steps)
    if is_last and not Page.objects.filter(escalation=escalation, round=here.round).exists():
        escalation.round, escalation.step = int(escalation.plan.get("repeat_times") or 0) + 1, 0


def _end(incident: Incident, escalation: Escalation, *, at: datetime) -> None:
    escalation.state, escalation.next_step_at, escalation.stopped_at = State.EXHAUSTED, None, at
    escalation.save()
    log.error("Everyone was paged and nobody answered", extra={"incident": incident.pk})
    name = escalation.policy_name if escalation.plan.get("policy") else ""
    data = {"policy": name, "state": State.EXHAUSTED}
    timeline.record(incident, Kind.ESCALATION_ENDED, at=at, text=paging_lines.escalation_ended(data), data=data)


def _put_off(pk: int, error: Exception, *, at: datetime) -> None:
    """A step that fails is tried again a little later each time; at the fifth failure the administrators are paged."""
    incident = Incident.objects.lock(pk)
    escalation = running_for(incident)
    if escalation is None:
        return
    escalation.failures += 1
    escalation.next_step_at = at + timedelta(seconds=min(5 * 2 ** (escalation.failures - 1), 300))
    escalation.save()
    if escalation.failures != MOST_FAILURES:
        return
    why = {"by": "failing", "policy": escalation.policy_name, "error": type(error).__name__}
    for person in User.objects.filter(is_active=True, role=Role.ADMINISTRATOR):
        try:
            with transaction.atomic():
                paging.page(incident, person, why=why, at=at)
        except Exception:
            log.exception("An administrator could not be paged", extra={"incident": pk, "person": person.pk})
