"""The verbs that change the status, each by the table of lifecycle.py."""

from datetime import datetime
from typing import Any, NoReturn

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from core.look import status_words
from incidents import escalation, timeline, words
from incidents.actions.acknowledging import answer_pages
from incidents.lifecycle import MOVES, Move, Status, leads_to, moves_from
from incidents.models import Incident, Kind, TimelineEvent
from incidents.moves_shown import BUTTONS

KIND_OF: dict[Move, Kind] = {
    Move.ACCEPT: Kind.ACCEPTED,
    Move.DECLINE: Kind.DECLINED,
    Move.IDENTIFY: Kind.IDENTIFIED,
    Move.MITIGATE: Kind.MITIGATED,
    Move.RESOLVE: Kind.RESOLVED,
    Move.REOPEN: Kind.REOPENED,
    Move.CLOSE: Kind.CLOSED,
}
MOMENT_OF: dict[Move, str] = {
    Move.ACCEPT: "accepted_at",
    Move.IDENTIFY: "identified_at",
    Move.MITIGATE: "mitigated_at",
    Move.RESOLVE: "resolved_at",
    Move.CLOSE: "closed_at",
}


def accept(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """It is real: from triage to investigating. Who accepts is on it, so the paging stops."""
    return _move(incident, Move.ACCEPT, actor=actor, at=at, actor_name=actor_name)


def decline(
    incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "", reason: str = ""
) -> Incident:
    """It is noise: out of triage and out of the figures, with the reason kept."""
    return _move(
        incident, Move.DECLINE, actor=actor, at=at, actor_name=actor_name, text=words.one_line(reason, longest=300)
    )


def identify(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """The cause is known."""
    return _move(incident, Move.IDENTIFY, actor=actor, at=at, actor_name=actor_name)


def mitigate(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """Nobody is harmed any more; the fix is being watched."""
    return _move(incident, Move.MITIGATE, actor=actor, at=at, actor_name=actor_name)


def resolve(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """It is over. Moments that were skipped are filled with this one and marked as assumed in the story."""
    return _move(incident, Move.RESOLVE, actor=actor, at=at, actor_name=actor_name)


def reopen(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """It was not over. By a person, the room simply goes on; by a machine, people are paged again."""
    return _move(incident, Move.REOPEN, actor=actor, at=at, actor_name=actor_name)


def close(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """Nothing is left to do in the room."""
    return _move(incident, Move.CLOSE, actor=actor, at=at, actor_name=actor_name)


@transaction.atomic
def _move(
    incident: Incident, move: Move, *, actor: User | None, at: datetime, actor_name: str, text: str = ""
) -> Incident:
    fresh = Incident.objects.lock(incident.pk)
    if fresh.status == MOVES[move].to:
        return _done_already(fresh, move, actor)
    before = fresh.status
    fresh.status = leads_to(fresh.status, move) or _refuse(fresh, move)
    data: dict[str, Any] = {"from": str(before), "to": str(fresh.status)}
    if move is Move.REOPEN:
        data["cleared"] = _clear_moments(fresh, actor)
    elif assumed := _fill_moments(fresh, move, before, actor, at):
        data["assumed"] = assumed
    fresh.decline_reason = text if move is Move.DECLINE else ""
    fresh.save()
    answer_pages(fresh, actor=actor, at=at)
    timeline.record(fresh, KIND_OF[move], at=at, actor=actor, actor_name=actor_name, text=text, data=data)
    if move is Move.REOPEN and actor is None:
        escalation.start(fresh, at=at)
    else:
        escalation.stop(fresh, at=at)
    return fresh


def _refuse(fresh: Incident, move: Move) -> NoReturn:
    """Say what would be allowed, in the words of the buttons."""
    allowed = [str(BUTTONS[other].label) for other in moves_from(fresh.status)]
    words = {
        "reference": fresh.reference,
        "status": status_words(fresh.status),
        "move": BUTTONS[move].label,
        "allowed": ", ".join(f"“{label}”" for label in allowed) or _("nothing"),
    }
    raise Refused(
        _("%(reference)s is %(status)s, so it cannot be moved by “%(move)s”. From here it can: %(allowed)s.") % words,
        code="wrong_state",
    )


def _fill_moments(fresh: Incident, move: Move, before: str, actor: User | None, at: datetime) -> list[str]:
    """Set the moment of `move`, and those that were skipped on the way to it; the names of the latter.

    A cause that nobody named stays unnamed, and what a machine ends was never acknowledged by anyone.
    """
    own = MOMENT_OF.get(move)
    if own:
        setattr(fresh, own, at)
    skipped = []
    if actor is not None and move is not Move.CLOSE:
        skipped.append("acknowledged_at")
        if before == Status.TRIAGE and move not in {Move.ACCEPT, Move.DECLINE}:
            skipped.append("accepted_at")
    if move is Move.RESOLVE:
        skipped.append("mitigated_at")
    assumed = [name for name in skipped if getattr(fresh, name) is None]
    for name in assumed:
        setattr(fresh, name, at)
    return assumed


def _clear_moments(fresh: Incident, actor: User | None) -> dict[str, str]:
    """Take back the moments that turned out not to be true yet; what they were, for the story."""
    names = ["mitigated_at", "resolved_at", "closed_at"] + ([] if actor else ["acknowledged_at"])
    cleared = {name: getattr(fresh, name).isoformat() for name in names if getattr(fresh, name)}
    for name in names:
        setattr(fresh, name, None)
    return cleared


def _done_already(fresh: Incident, move: Move, actor: User | None) -> Incident:
    last = TimelineEvent.objects.filter(incident=fresh, kind=KIND_OF[move]).select_related("actor").last()
    if actor is None or (last is not None and last.actor_id == actor.pk):
        return fresh
    words = {"reference": fresh.reference, "status": status_words(fresh.status)}
    if last is None:
        raise Refused(_("%(reference)s is %(status)s already.") % words, code="already")
    raise Refused(
        _("%(who)s was first: %(reference)s is %(status)s already.")
        % {**words, "who": last.actor or last.actor_name or "Muster"},
        code="already",
    )
