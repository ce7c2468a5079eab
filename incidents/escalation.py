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
from oncall import policy, queries, working
from oncall.policy import Fallback, Next, Silence
from oncall.queries import Called

log = logging.getLogger(__name__)
MOST_FAILURES = 5
PATIENCE = 2  # times that a step waits for a database that had no time for one person
State = Escalation.State


def start(incident: Incident, *, at: datetime) -> Escalation | None:
    """Begin to page by the policy of the incident's service; its first step is due at once or, where the severity pages
    in working hours only, at their first moment. The running escalation when there is one; None when the incident is
    over. The caller holds the incident's row."""
    if incident.is_over:
        return None
    running = running_for(incident)
    if running is not None:
        return running
    escalation = _new(incident, at=at)
    _set_due(incident, escalation, at, at=at)
    escalation.save()
    return escalation


def _new(incident: Incident, *, at: datetime) -> Escalation:
    plan = plan_for(incident)
    return Escalation(incident=incident, policy_name=plan["name"], plan=plan, started_at=at)


def stop(incident: Incident, *, at: datetime) -> None:
    """Nobody is paged for it any more: the timer stops and what has not gone out never will. The caller holds the
    incident's row."""
    Escalation.objects.filter(incident=incident, state=State.RUNNING).update(
        state=State.STOPPED, next_step_at=None, stopped_at=at
    )
    Escalation.objects.filter(incident=incident, state=State.EXHAUSTED).update(state=State.STOPPED)
    paging.withdraw(incident, at=at)


@transaction.atomic
def escalate_now(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Escalation:
    """Page the next people without waiting, whatever the hour. Where the paging had stopped it goes on from the step it
    had reached; where everyone was paged it begins again."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.is_over:
        raise Refused(
            _("%(reference)s is %(status)s, so nobody is paged for it.")
            % {"reference": fresh.reference, "status": status_words(fresh.status)},
            code="wrong_state",
        )
    going = _going_on(fresh, at=at) or _new(fresh, at=at)
    going.state, going.stopped_at = State.RUNNING, None
    going.next_step_at, going.asked = at, True
    going.save()
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
    return going


def _going_on(incident: Incident, *, at: datetime) -> Escalation | None:
    """The newest escalation of it, where its plan still has somebody who was not called; one that is used up ends."""
    newest = newest_for(incident)
    if newest is None or newest.state == State.EXHAUSTED:
        return None
    if not policy.is_used_up(newest.plan, newest.round, newest.step):
        return newest
    if newest.state == State.RUNNING:
        newest.state, newest.next_step_at, newest.stopped_at = State.EXHAUSTED, None, at
        newest.save()
    return None


def severity_changed(incident: Incident, *, before: Severity, at: datetime) -> None:
    """A severity that now wakes people, and nobody has answered: the plan begins again, by everybody's rules for high
    urgency, also where it had come to its end. In every other case the paging goes on as it was. The caller holds the
    incident's row."""
    rose = before.urgency == "low" and incident.severity.urgency == "high"
    newest = newest_for(incident)
    if not rose or incident.is_over or newest is None or newest.is_answered(incident.acknowledged_at):
        return
    if newest.state == State.STOPPED:
        return
    stop(incident, at=at)
    start(incident, at=at)


def running_for(incident: Incident) -> Escalation | None:
    """The escalation now running for it."""
    return Escalation.objects.filter(incident=incident, state=State.RUNNING).first()


def newest_for(incident: Incident) -> Escalation | None:
    """The escalation that was started last for it, running or not."""
    return Escalation.objects.filter(incident=incident).order_by("-id").first()


def is_answered(incident: Incident) -> bool:
    """Whether somebody is on it, and nobody was called anew since."""
    newest = newest_for(incident)
    return newest.is_answered(incident.acknowledged_at) if newest else incident.acknowledged_at is not None


def waits_for_hours(incident: Incident, escalation: Escalation, *, at: datetime) -> bool:
    """Whether the next page waits for working hours to begin."""
    if incident.severity.urgency != "low" or escalation.next_step_at is None or escalation.asked:
        return False
    return escalation.next_step_at > at and not working.is_open(at, queries.zone_of(escalation.plan))


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
    outage is followed by no burst. A severity of low urgency waits for working hours, unless somebody asked."""
    if not escalation.asked and _opens(incident, escalation, at) != at:
        _set_due(incident, escalation, at, at=at)
        escalation.save()
        return
    while True:
        here = _place(escalation)
        escalation.round, escalation.step = here.then
        if isinstance(here, Silence):
            _tell_silence(incident, escalation, at=at)
            break
        called = _called(incident, escalation, here, at=at)
        if called:
            _page_all(incident, escalation, here, called, at=at)
            break
        if isinstance(here, Fallback) and here.number:
            log.error("Nobody is left to page", extra={"incident": incident.pk})
            break
        _tell_nobody(incident, escalation, here, at=at)
        _skip_empty_rounds(escalation, here)
    escalation.asked, escalation.failures = False, 0
    _set_due(incident, escalation, at + timedelta(seconds=policy.wait_after(escalation.plan, here)), at=at)
    escalation.save()


def _set_due(incident: Incident, escalation: Escalation, wanted: datetime, *, at: datetime) -> None:
    """The next step is due at `wanted`, or at the next moment of working hours where it must wait for them; then the
    story says so."""
    due = escalation.next_step_at = _opens(incident, escalation, wanted)
    if due == wanted:
        return
    data = {
        "held": True,
        "until": due.isoformat(),
        "severity": incident.severity.code,
        "first": not Page.objects.filter(incident=incident).exists(),
    }
    timeline.record(incident, Kind.ESCALATED, at=at, text=paging_lines.escalated(data), data=data)


def _opens(incident: Incident, escalation: Escalation, wanted: datetime) -> datetime:
    if incident.severity.urgency != "low" or incident.drill:  # whoever drills wants to see it happen
        return wanted
    return working.first_open(wanted, queries.zone_of(escalation.plan))


def _place(escalation: Escalation) -> Next | Fallback | Silence:
    return policy.next_step(escalation.plan, escalation.round, escalation.step)


def _called(incident: Incident, escalation: Escalation, here: Next | Fallback, *, at: datetime) -> list[Called]:
    if isinstance(here, Next):
        return queries.called_by(list(here.targets), at=at)  # type: ignore[arg-type]
    why = reasons.kept(escalation.plan.get("why"))
    last = queries.called_last(escalation.plan, here.person, number=here.number)
    return [Called(called.person, why or called.why) for called in last]


def _page_all(
    incident: Incident, escalation: Escalation, here: Next | Fallback, called: list[Called], *, at: datetime
) -> None:
    """Page them all. One who cannot be paged is told of and holds up nobody; when none can be, the fault is Muster's
    own, and the step is tried again a little later.

    Where the database had no time for one of them (a deadlock, a lock), the whole step is tried again too, twice at
    most, so that nobody is passed over for what is well in a moment: what was left for the others goes back with the
    transaction and has not gone out."""
    coming = _coming(incident, escalation, here, at=at)
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


def _coming(incident: Incident, escalation: Escalation, here: Next | Fallback, *, at: datetime) -> Coming:
    """Whom the plan calls after `here` unless somebody answers, as far as it can be known now; `escalation` stands
    there."""
    place: tuple[int, int] = (escalation.round, escalation.step)
    moment = _opens(incident, escalation, at + timedelta(seconds=policy.wait_after(escalation.plan, here)))
    while True:
        following = policy.next_step(escalation.plan, *place)
        place = following.then
        if isinstance(following, Fallback):
            called = _called(incident, escalation, following, at=moment)
            return Coming(moment, [str(each.person) for each in called], None, is_again=following.number > 0)
        if isinstance(following, Silence):
            wait = policy.wait_after(escalation.plan, following)
            moment = _opens(incident, escalation, moment + timedelta(seconds=wait))
        elif called := _called(incident, escalation, following, at=moment):
            return Coming(moment, [str(each.person) for each in called], following.step + 1)


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


def _tell_silence(incident: Incident, escalation: Escalation, *, at: datetime) -> None:
    log.error("Everyone was paged and nobody answered", extra={"incident": incident.pk})
    name = escalation.policy_name if escalation.plan.get("policy") else ""
    data = {"policy": name, "state": State.EXHAUSTED, "goes_on": True}
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
