"""The states of a postmortem, by the table of workflow.py."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import Verb
from core.errors import Refused
from postmortems.actions.editing import locked
from postmortems.models import Postmortem
from postmortems.moves_shown import refuse
from postmortems.workflow import Move, leads_to, moves_from


def move(postmortem: Postmortem, verb: Move, *, actor: User | None, at: datetime, reason: str = "") -> Postmortem:
    """Make one move of the table. `reason` is for waiving alone, and needed there."""
    with transaction.atomic():
        fresh = locked(postmortem)
        before = fresh.state
        fresh.state = leads_to(fresh.state, verb) or refuse(fresh.state, verb, moves_from(fresh.state))
        if verb in _BEFORE:
            _BEFORE[verb](fresh, actor, " ".join(reason.split()))
        if verb is Move.SUBMIT:
            fresh.submitted_at = at
        elif verb is Move.APPROVE:
            fresh.approved_at, fresh.approved_by = at, actor
        elif verb is Move.PUBLISH:
            fresh.published_at = at
        elif verb in {Move.SEND_BACK, Move.REOPEN}:
            fresh.submitted_at = fresh.approved_at = fresh.approved_by = fresh.published_at = None
            fresh.waived_reason = ""
        if fresh.version == 1:
            fresh.version = 2  # people work on it now: it is not drafted again by itself
        fresh.save()
        if verb in {Move.WAIVE, Move.REOPEN}:
            values = {"state": fresh.state, "reason": fresh.waived_reason}
            audit.record(
                actor,
                "waive postmortem" if verb is Move.WAIVE else "reopen postmortem",
                fresh.incident.reference,
                before={"state": before},
                after=values,
                at=at,
            )
    return fresh


submit = partial(move, verb=Move.SUBMIT)
approve = partial(move, verb=Move.APPROVE)
publish = partial(move, verb=Move.PUBLISH)
send_back = partial(move, verb=Move.SEND_BACK)
reopen = partial(move, verb=Move.REOPEN)
waive = partial(move, verb=Move.WAIVE)


def may_approve(postmortem: Postmortem, actor: User | None) -> bool:
    """Whether `actor` is a second pair of eyes: not its author, or somebody who manages."""
    return actor is None or actor.pk != postmortem.author_id or actor.may(Verb.MANAGE)


def _may_submit(fresh: Postmortem, actor: User | None, reason: str) -> None:
    if not fresh.summary.strip():
        raise Refused(_("Write a summary first: what happened, in a few sentences."), code="incomplete")


def _may_approve(fresh: Postmortem, actor: User | None, reason: str) -> None:
    if not may_approve(fresh, actor):
        raise Refused(_("A second pair of eyes approves it: somebody other than its author."), code="own_work")


def _may_waive(fresh: Postmortem, actor: User | None, reason: str) -> None:
    if not reason:
        raise Refused(_("Say why there will be none."), code="reason_required", status=400)
    fresh.waived_reason = reason[:500]


_BEFORE: dict[Move, Callable[[Postmortem, User | None, str], None]] = {
    Move.SUBMIT: _may_submit,
    Move.APPROVE: _may_approve,
    Move.WAIVE: _may_waive,
}
