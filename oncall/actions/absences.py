"""Absences: somebody is away, and each shift they would miss is offered to the others by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core import sweep
from core.errors import Refused
from notifications import actions as outbox
from oncall import cover_words, presence, queries
from oncall.actions import telling
from oncall.actions.swaps import open_swap, withdraw_swap
from oncall.models import Absence, AbsenceKind, AbsenceQuerySet, Duty, Schedule, Swap, SwapState
from oncall.presence import Period

LONGEST = timedelta(days=400)
LOOK_AGAIN = timedelta(hours=6)
PAUSE_AFTER_FAILURE = timedelta(minutes=15)


def add_absence(
    person: User,
    *,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: User | None,
    at: datetime,
    note: str = "",
) -> Absence:
    """`person` is away from `starts_at` until just before `ends_at`. What they hold meanwhile is offered at once."""
    if kind not in AbsenceKind.values:
        raise Refused(_("An absence is a holiday, sick, or other."), code="invalid", status=400)
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the beginning."), code="ends_before_start", status=400)
    if ends_at <= at:
        raise Refused(_("This absence would be over already."), code="over")
    if ends_at - starts_at > LONGEST:
        raise Refused(
            _("An absence lasts at most %(days)s days.") % {"days": LONGEST.days}, code="too_long", status=400
        )
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
        standing = Absence.objects.touching(starts_at, ends_at).filter(person=person).first()
        if standing is not None:
            words = {"person": person, "span": cover_words.span((standing.starts_at, standing.ends_at))}
            raise Refused(_("%(person)s is away then already: %(span)s.") % words, code="away_already")
        absence = Absence.objects.create(
            person=person, kind=kind, starts_at=starts_at, ends_at=ends_at, note=note, created_by=actor, created_at=at,
            next_look_at=at + LOOK_AGAIN,
        )  # fmt: skip
        audit.record(actor, "add absence", str(person), before={}, after=_told(absence), at=at)
        ask_for_cover(absence, actor=actor, at=at)
    return absence


def withdraw_absence(absence: Absence, *, actor: User | None, at: datetime) -> Absence:
    """They are here after all, from now on: what is open of it is offered no longer. What was taken stays taken."""
    with transaction.atomic():
        fresh = Absence.objects.select_for_update(no_key=True).get(pk=absence.pk)
        if fresh.withdrawn_at is not None:
            return fresh
        if fresh.ends_at <= at:
            raise Refused(_("This absence is over; it stays in the record."), code="over")
        before = _told(fresh)
        fresh.next_look_at = None
        if fresh.starts_at < at:
            fresh.ends_at = at
        else:
            fresh.withdrawn_at = at
        fresh.save(update_fields=["ends_at", "withdrawn_at", "next_look_at"])
        outbox.withdraw(f"absence/{fresh.pk}", at=at)
        _withdraw_open(fresh, actor=actor, at=at)
        audit.record(actor, "withdraw absence", str(fresh.person), before=before, after=_told(fresh), at=at)
    return fresh


def absences_due(at: datetime) -> int:
    """Look again at absences that stand: a shift that came to somebody since is offered too."""

    def due() -> AbsenceQuerySet:
        return Absence.objects.to_look_at(at).select_related("person")

    def step(absence: Absence) -> None:
        absence.next_look_at = at + LOOK_AGAIN if absence.ends_at > at else None
        absence.save(update_fields=["next_look_at"])
        if absence.next_look_at is not None:
            ask_for_cover(absence, actor=None, at=at)

    def put_off(pk: int, error: Exception) -> None:
        Absence.objects.filter(pk=pk).update(next_look_at=at + PAUSE_AFTER_FAILURE)

    return sweep.each_due(due, step, poisoned=put_off)


def ask_for_cover(absence: Absence, *, actor: User | None, at: datetime) -> list[Swap]:
    """Offer everything that the absent person holds meanwhile and that is not offered yet, a turn in one piece."""
    since, until = max(at, absence.starts_at), absence.ends_at
    mine = {shift.schedule.pk: shift.schedule for shift in
            queries.shifts_of(absence.person, since=since, until=until)}  # fmt: skip
    opened: list[Swap] = []
    for key in sorted(mine):
        schedule = Schedule.objects.select_for_update(no_key=True).get(pk=key)
        for duty in Duty:
            opened += [
                open_swap(
                    schedule,
                    duty=duty,
                    person=absence.person,
                    period=period,
                    reason="",
                    to=None,
                    in_return=None,
                    absence=absence,
                    actor=actor,
                    at=at,
                )
                for period in _open_periods(schedule, duty, absence.person, since, until)
            ]
    telling.ask(opened, at=at)
    for swap in opened:
        telling.tell_uncovered(swap, fired=at, at=at)
    return opened


def _open_periods(schedule: Schedule, duty: Duty, person: User, since: datetime, until: datetime) -> list[Period]:
    """What the person holds alone and has not offered: turns that closed hours interrupt are one piece, if nobody
    else comes between."""
    held, shared = queries.held_by(schedule, duty, person, since=since, until=until)
    offered = Swap.objects.open().filter(schedule=schedule, duty=duty, person=person, ends_at__gt=since)
    known = [(swap.starts_at, swap.ends_at) for swap in offered]
    pieces = presence.without(presence.without(held, shared), known)
    if not pieces:
        return []
    between = presence.without([(since, until)], held)
    strangers = [period for each in queries.shifts(schedule, since=since, until=until)
                 if each.duty == duty and each.person.pk != person.pk
                 for period in presence.within(between, (each.starts_at, each.ends_at))]  # fmt: skip
    found: list[Period] = []
    for begin, end in pieces:
        hole = (found[-1][1], begin) if found else None
        near = hole is not None and begin - hole[0] <= presence.TOGETHER
        if hole and near and not presence.within([*strangers, *known], hole):
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _withdraw_open(absence: Absence, *, actor: User | None, at: datetime) -> None:
    for swap in Swap.objects.filter(absence=absence, state=SwapState.OPEN).select_related("schedule"):
        if swap.expires_at > at:
            withdraw_swap(swap, actor=actor, at=at)


def _told(absence: Absence) -> dict[str, str]:
    return {
        "kind": absence.kind,
        "from": absence.starts_at.isoformat(),
        "until": absence.ends_at.isoformat(),
        "withdrawn": absence.withdrawn_at.isoformat() if absence.withdrawn_at else "",
    }
