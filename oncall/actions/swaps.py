"""Swaps: a shift is offered, taken, declined, withdrawn; and what happens when nobody takes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core import sweep
from core.errors import NotAllowed, Refused
from notifications import actions as outbox
from oncall import cover_words, presence, queries
from oncall.actions import telling
from oncall.actions.overrides import add_override, remove_override
from oncall.models import Absence, Duty, Override, Schedule, Swap, SwapAsk, SwapQuerySet, SwapState
from oncall.presence import Period

LONGEST = timedelta(days=92)
PAUSE_AFTER_FAILURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The shift that is asked for in return."""

    duty: str
    starts_at: datetime
    ends_at: datetime


def offer_shift(
    schedule: Schedule,
    *,
    duty: str,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    actor: User | None,
    at: datetime,
    reason: str = "",
    to: User | None = None,
    in_return: Exchange | None = None,
) -> Swap:
    """`person` offers what they hold of `duty` from `starts_at` until `ends_at`: to `to`, or else to everybody of the
    schedule. They are asked at once."""
    begin = max(starts_at, at)
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the beginning."), code="ends_before_start", status=400)
    if ends_at <= at:
        raise Refused(_("This shift is over."), code="over")
    if ends_at - begin > LONGEST:
        raise Refused(_("Offer at most %(days)s days at once.") % {"days": LONGEST.days}, code="too_long", status=400)
    if to is not None:
        _require_fit(person, to)
    if in_return is not None and to is None:
        raise Refused(_("Say who gives a shift in return."), code="nobody_named", status=400)
    with transaction.atomic():
        _lock(schedule)
        parts, shared = queries.held_by(schedule, duty, person, since=begin, until=ends_at)
        if not parts:
            raise Refused(_("%(person)s is not on call then.") % {"person": person}, code="not_on_call")
        if not presence.without(parts, shared):
            raise Refused(
                _("Somebody else holds this turn together with %(person)s, so it is covered.") % {"person": person},
                code="shared",
            )
        _require_not_offered(schedule, duty, person, (begin, ends_at))
        if in_return is not None and to is not None:
            _require_returnable(schedule, duty, to, (begin, ends_at), in_return, at=at)
        swap = open_swap(
            schedule, duty=duty, person=person, period=(max(begin, parts[0][0]), parts[-1][1]), reason=reason, to=to,
            in_return=in_return, absence=None, actor=actor, at=at,
        )  # fmt: skip
        telling.ask([swap], at=at)
    return swap


def open_swap(
    schedule: Schedule,
    *,
    duty: str,
    person: User,
    period: Period,
    reason: str,
    to: User | None,
    in_return: Exchange | None,
    absence: Absence | None,
    actor: User | None,
    at: datetime,
) -> Swap:
    """The row of a new offer, without a word to anybody yet."""
    starts_at, ends_at = period
    # What runs already, and what an absence leaves open, may be taken until it ends.
    expires_at = ends_at if starts_at <= at or absence is not None else starts_at
    swap = Swap.objects.create(
        schedule=schedule, duty=duty, person=person, starts_at=starts_at, ends_at=ends_at, reason=reason,
        offered_to=to, absence=absence, created_by=actor, created_at=at, expires_at=expires_at,
        next_reminder_at=presence.next_reminder(starts_at, expires_at, after=at),
        return_duty=in_return.duty if in_return else "",
        return_starts_at=in_return.starts_at if in_return else None,
        return_ends_at=in_return.ends_at if in_return else None,
    )  # fmt: skip
    audit.record(actor, "offer shift", schedule.name, before={}, after=_told(swap), at=at)
    return swap


def accept_swap(swap: Swap, *, actor: User, at: datetime) -> Swap:
    """`actor` takes what is left of the shift: an override stands for them, and one for whoever offered it where an
    exchange was asked. The first one wins; everybody else is told."""
    with transaction.atomic():
        schedule = _lock(swap.schedule)
        fresh = _lock_swap(swap)
        if fresh.state == SwapState.ACCEPTED and fresh.taken_by_id == actor.pk:
            return fresh
        _require_open(fresh, at=at)
        _require_asked(fresh, actor)
        _require_fit(fresh.person, actor)
        parts, _shared = queries.held_by(
            schedule, fresh.duty, fresh.person, since=max(at, fresh.starts_at), until=fresh.ends_at
        )
        if not parts:
            raise Refused(
                _("%(person)s is not on call then any more, so there is nothing to take.") % {"person": fresh.person},
                code="not_on_call",
            )
        back = _given_back(fresh, actor, at=at)
        _require_free(actor, schedule, parts, giving=(fresh.return_duty, back))
        if fresh.return_duty:
            if not back:
                raise Refused(
                    _("You are not on call any more in the shift that is asked for in return."), code="not_on_call"
                )
            _require_free(fresh.person, schedule, back, giving=(fresh.duty, parts))
        for part in parts:
            _lay(fresh, duty=fresh.duty, person=actor, instead=fresh.person, part=part, at=at)
        for part in back:
            _lay(fresh, duty=fresh.return_duty, person=fresh.person, instead=actor, part=part, at=at)
        before, fresh.taken_by = _told(fresh), actor
        _close(fresh, SwapState.ACCEPTED, at=at)
        audit.record(actor, "accept swap", schedule.name, before=before, after=_told(fresh), at=at)
        telling.tell_accepted(fresh, at=at)
    return fresh


def decline_swap(swap: Swap, *, actor: User, at: datetime) -> Swap:
    """`actor` does not take it. An offer to one person is over then; one to everybody stays for the others."""
    with transaction.atomic():
        fresh = _lock_swap(swap)
        if fresh.state == SwapState.DECLINED and fresh.offered_to_id == actor.pk:
            return fresh
        _require_open(fresh, at=at)
        _require_asked(fresh, actor)
        ask, _made = SwapAsk.objects.get_or_create(swap=fresh, person=actor, defaults={"asked_at": at})
        if ask.declined_at is None:
            ask.declined_at = at
            ask.save(update_fields=["declined_at"])
        if fresh.offered_to_id is not None:
            before = _told(fresh)
            _close(fresh, SwapState.DECLINED, at=at)
            audit.record(actor, "decline swap", fresh.schedule.name, before=before, after=_told(fresh), at=at)
            telling.tell_declined(fresh, actor, at=at)
    return fresh


def withdraw_swap(swap: Swap, *, actor: User | None, at: datetime) -> Swap:
    """It is offered no longer; whoever was asked is told."""
    with transaction.atomic():
        fresh = _lock_swap(swap)
        if fresh.state == SwapState.WITHDRAWN:
            return fresh
        _require_open(fresh, at=at)
        before = _told(fresh)
        _close(fresh, SwapState.WITHDRAWN, at=at)
        audit.record(actor, "withdraw swap", fresh.schedule.name, before=before, after=_told(fresh), at=at)
        telling.tell_withdrawn(fresh, at=at)
    return fresh


def swaps_due(at: datetime) -> int:
    """Remind of open offers, tell loudly when one begins and nobody took it, and end those that expire."""

    def due() -> SwapQuerySet:
        return Swap.objects.to_remind(at).select_related("schedule", "person", "offered_to", "absence")

    def step(swap: Swap) -> None:
        _remind(swap, at)

    def put_off(pk: int, error: Exception) -> None:
        Swap.objects.open().filter(pk=pk).update(next_reminder_at=at + PAUSE_AFTER_FAILURE)

    return sweep.each_due(due, step, poisoned=put_off)


def _remind(swap: Swap, at: datetime) -> None:
    fired = swap.next_reminder_at or at
    if swap.expires_at <= at:
        _close(swap, SwapState.EXPIRED, at=at)
        if swap.absence_id is None:
            telling.tell_nobody_took(swap, at=at)
        return
    swap.next_reminder_at = presence.next_reminder(swap.starts_at, swap.expires_at, after=at)
    swap.save(update_fields=["next_reminder_at"])
    telling.ask_again(swap, fired=fired, at=at)
    if swap.absence_id is not None:
        telling.tell_uncovered(swap, fired=fired, at=at)


def _require_fit(person: User, taker: User) -> None:
    if taker.pk == person.pk:
        raise Refused(_("It is their own shift; somebody else must take it."), code="own_shift")
    if not taker.is_active:
        raise Refused(_("%(person)s is not active and cannot be called.") % {"person": taker}, code="not_active")
    if not taker.can_respond:
        raise Refused(_("%(person)s may not respond to incidents.") % {"person": taker}, code="cannot_respond")


def _require_not_offered(schedule: Schedule, duty: str, person: User, period: Period) -> None:
    standing = Swap.objects.open().filter(
        schedule=schedule, duty=duty, person=person, starts_at__lt=period[1], ends_at__gt=period[0]
    )
    if standing.exists():
        raise Refused(_("This shift, or a part of it, is offered already."), code="offered_already")


def _require_returnable(
    schedule: Schedule, duty: str, giver: User, period: Period, asked: Exchange, *, at: datetime
) -> None:
    if asked.ends_at <= asked.starts_at:
        raise Refused(_("The end must come after the beginning."), code="ends_before_start", status=400)
    if asked.ends_at - asked.starts_at > LONGEST:
        raise Refused(_("Offer at most %(days)s days at once.") % {"days": LONGEST.days}, code="too_long", status=400)
    if asked.starts_at < at:
        raise Refused(_("The shift in return must lie ahead."), code="over")
    held, _shared = queries.held_by(schedule, asked.duty, giver, since=asked.starts_at, until=asked.ends_at)
    if not held:
        raise Refused(_("%(person)s is not on call then.") % {"person": giver}, code="not_on_call")
    if asked.duty == duty and presence.overlap(period, (asked.starts_at, asked.ends_at)):
        raise Refused(_("The two shifts overlap."), code="overlap")


def _require_open(swap: Swap, *, at: datetime) -> None:
    if swap.state == SwapState.ACCEPTED:
        raise Refused(
            _("%(person)s was first and takes it. There is nothing you must do.") % {"person": swap.taken_by},
            code="taken",
        )
    if swap.state == SwapState.WITHDRAWN:
        raise Refused(_("The offer was withdrawn."), code="withdrawn")
    if swap.state == SwapState.DECLINED:
        raise Refused(_("The offer was declined."), code="declined")
    if swap.state == SwapState.EXPIRED or swap.expires_at <= at:
        raise Refused(_("The offer has ended: nobody took it in time."), code="expired")


def _require_asked(swap: Swap, actor: User) -> None:
    if swap.offered_to_id is not None and swap.offered_to_id != actor.pk:
        raise NotAllowed(_("This shift is offered to %(person)s alone.") % {"person": swap.offered_to})


def _require_free(taker: User, schedule: Schedule, parts: list[Period], *, giving: tuple[str, list[Period]]) -> None:
    """Refused where `taker` is away, or holds anything else of the schedule, in one of `parts`."""
    since, until = parts[0][0], parts[-1][1]
    for absence in Absence.objects.touching(since, until).filter(person=taker):
        for part in parts:
            if lost := presence.overlap(part, (absence.starts_at, absence.ends_at)):
                words = {"person": taker, "span": cover_words.span(lost)}
                raise Refused(_("%(person)s is away then: %(span)s.") % words, code="away")
    for duty, held in queries.duties_of(schedule, taker, since=since, until=until):
        standing = presence.without([held], giving[1]) if duty == giving[0] else [held]
        for piece in standing:
            for part in parts:
                if both := presence.overlap(part, piece):
                    words = {"person": taker, "duty": duty.label.lower(), "span": cover_words.span(both)}
                    raise Refused(
                        _("%(person)s is %(duty)s then, and nobody can hold both duties: %(span)s.") % words,
                        code="on_call_already",
                    )


def _given_back(swap: Swap, giver: User, *, at: datetime) -> list[Period]:
    if swap.return_starts_at is None or swap.return_ends_at is None:
        return []
    since = max(at, swap.return_starts_at)
    return queries.held_by(swap.schedule, swap.return_duty, giver, since=since, until=swap.return_ends_at)[0]


def _lay(swap: Swap, *, duty: str, person: User, instead: User, part: Period, at: datetime) -> None:
    """`person` takes `part`. An override that stands there gives way, and holds before and after it as it did."""
    begin, end = part
    standing = list(swap.schedule.overrides.filter(duty=duty, starts_at__lt=end, ends_at__gt=begin))
    for each in standing:
        rests = presence.without([(each.starts_at, each.ends_at)], [part])
        _cut(each, rests, actor=person, at=at)
    reason = _("Instead of %(person)s") % {"person": instead}
    said = f"{reason}: {swap.reason}" if swap.reason else reason
    add_override(
        swap.schedule, duty=duty, person=person, starts_at=begin, ends_at=end, actor=person, at=at, reason=said[:200]
    )


def _cut(override: Override, rests: list[Period], *, actor: User, at: datetime) -> None:
    if not rests:
        remove_override(override, actor=actor, at=at)
        return
    (override.starts_at, override.ends_at), *more = rests
    override.save(update_fields=["starts_at", "ends_at"])
    for begin, end in more:
        override.pk, override.starts_at, override.ends_at = None, begin, end
        override._state.adding = True
        override.save()


def _close(swap: Swap, state: SwapState, *, at: datetime) -> None:
    swap.state, swap.closed_at, swap.next_reminder_at = state, at, None
    swap.save(update_fields=["state", "taken_by", "closed_at", "next_reminder_at"])
    outbox.withdraw(telling.topic(swap), at=at)


def _lock(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)


def _lock_swap(swap: Swap) -> Swap:
    Swap.objects.select_for_update(no_key=True).only("pk").get(pk=swap.pk)
    return Swap.objects.select_related("schedule", "person", "offered_to", "taken_by", "absence").get(pk=swap.pk)


def _told(swap: Swap) -> dict[str, str]:
    return {
        "person": str(swap.person),
        "duty": str(Duty(swap.duty).label),
        "from": swap.starts_at.isoformat(),
        "until": swap.ends_at.isoformat(),
        "offered to": str(swap.offered_to or ""),
        "taken by": str(swap.taken_by or ""),
        "state": swap.state,
    }
