"""Who is away, what is offered, and what nobody covers."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from oncall import presence
from oncall.models import Absence, Duty, RotationMember, Schedule, Swap, SwapAsk, SwapQuerySet
from oncall.presence import Period
from oncall.queries.books import INSTANT, Book, book_of, books


class Uncovered(NamedTuple):
    """`person` holds `duty` from `starts_at` until `ends_at`, is away by `absence`, and nobody has taken it. `swap`:
    the open request for it, if there is one."""

    schedule: Schedule
    duty: Duty
    person: User
    starts_at: datetime
    ends_at: datetime
    absence: Absence
    swap: Swap | None


def away(at: datetime) -> dict[int, Absence]:
    """Everybody who is away at `at`, by their id."""
    rows = Absence.objects.touching(at, at + INSTANT).select_related("person")
    return {row.person_id: row for row in rows}


def held_by(
    schedule: Schedule, duty: str, person: User, *, since: datetime, until: datetime
) -> tuple[list[Period], list[Period]]:
    """The parts of [since, until) in which `person` holds `duty`, and those of them that they hold together with
    somebody else who is here, so that nobody need stand in."""
    if until <= since:
        return [], []
    held = book_of(schedule, since=since, until=until).held(since, until).get(duty, [])
    mine = presence.joined((each.starts_at, each.ends_at) for each in held if each.person == person.pk)
    others = [each for each in held if each.person != person.pk]
    if not others:
        return mine, []
    gone: dict[int, list[Period]] = defaultdict(list)
    for row in Absence.objects.touching(since, until).filter(person__in={each.person for each in others}):
        gone[row.person_id].append((row.starts_at, row.ends_at))
    here = [part for each in others for part in presence.without([(each.starts_at, each.ends_at)], gone[each.person])]
    return mine, [part for period in mine for part in presence.within(presence.joined(here), period)]


def duties_of(schedule: Schedule, person: User, *, since: datetime, until: datetime) -> list[tuple[Duty, Period]]:
    """Everything that `person` holds in one schedule within [since, until)."""
    held = book_of(schedule, since=since, until=until).held(since, until) if since < until else {}
    return [
        (Duty(duty), (each.starts_at, each.ends_at))
        for duty, pieces in held.items()
        for each in pieces
        if each.person == person.pk
    ]


def uncovered(schedules: Iterable[Schedule], *, since: datetime, until: datetime) -> list[Uncovered]:
    """What people hold while they are away, in order of time. A turn that somebody else holds too is covered."""
    absences: dict[int, list[Absence]] = defaultdict(list)
    for row in Absence.objects.touching(since, until).select_related("person"):
        absences[row.person_id].append(row)
    if not absences:
        return []
    opened: dict[tuple[int, str, int], list[Swap]] = defaultdict(list)
    for swap in Swap.objects.open().filter(person__in=absences, starts_at__lt=until, ends_at__gt=since):
        opened[swap.schedule_id, swap.duty, swap.person_id].append(swap)
    found: list[Uncovered] = []
    for book in books(schedules, since=since, until=until):
        found += _uncovered(book, absences, opened, since, until)
    return sorted(found, key=lambda each: (each.starts_at, each.schedule.name))


def _uncovered(
    book: Book,
    absences: dict[int, list[Absence]],
    opened: dict[tuple[int, str, int], list[Swap]],
    since: datetime,
    until: datetime,
) -> list[Uncovered]:
    found: list[Uncovered] = []
    for duty, held in book.held(since, until).items():
        for each in held:
            for absence in absences.get(each.person, []):
                lost = presence.overlap((each.starts_at, each.ends_at), (absence.starts_at, absence.ends_at))
                if lost is None:
                    continue
                beside = [(one.starts_at, one.ends_at) for one in held if one.person != each.person
                          and not any(presence.overlap(lost, (gone.starts_at, gone.ends_at))
                                      for gone in absences.get(one.person, []))]  # fmt: skip
                for begin, end in presence.without([lost], beside):
                    swaps = opened[book.schedule.pk, duty, each.person]
                    swap = next((one for one in swaps if one.starts_at < end and one.ends_at > begin), None)
                    person = book.people[each.person]
                    found.append(Uncovered(book.schedule, Duty(duty), person, begin, end, absence, swap))
    return found


def might_take(swap: Swap) -> list[User]:
    """Whom an offer goes to: the one it names, or the schedule's team and the people of its rotations, who are active,
    may respond, are here, and hold nothing else of the schedule meanwhile."""
    if swap.offered_to is not None:
        return [swap.offered_to]
    in_team = Q(memberships__team=swap.schedule.team_id) if swap.schedule.team_id else Q(pk__in=[])
    turns = RotationMember.objects.filter(rotation__in=swap.schedule.rotations.in_force(), person=OuterRef("pk"))
    people = User.objects.filter(in_team | Q(Exists(turns)), is_active=True).exclude(pk=swap.person_id).distinct()
    gone = set(Absence.objects.touching(swap.starts_at, swap.ends_at).values_list("person_id", flat=True))
    held = book_of(swap.schedule, since=swap.starts_at, until=swap.ends_at).held(swap.starts_at, swap.ends_at)
    busy = {each.person for pieces in held.values() for each in pieces}
    return [person for person in people if person.can_respond and person.pk not in gone | busy]


def open_swaps_for(person: User) -> SwapQuerySet:
    """Open offers that `person` may take: those that name them, and those for everybody."""
    return (
        Swap.objects.open()
        .filter(Q(offered_to=person) | Q(offered_to=None))
        .exclude(person=person)
        .exclude(pk__in=SwapAsk.objects.filter(person=person, declined_at__isnull=False).values("swap"))
        .select_related("schedule", "person", "absence")
    )


def swaps_of(person: User, *, at: datetime) -> SwapQuerySet:
    """What `person` offers or has taken, and is not over."""
    return Swap.objects.filter(Q(person=person) | Q(taken_by=person), ends_at__gt=at).select_related(
        "schedule", "person", "taken_by", "offered_to"
    )


def chiefs_of(schedule: Schedule, but: Collection[int] = ()) -> list[User]:
    """Who looks after a schedule's cover: the leads of its team; without any, every manager; else every
    administrator."""
    active = User.objects.filter(is_active=True).exclude(pk__in=but)
    leads = active.filter(memberships__team=schedule.team_id, memberships__is_lead=True) if schedule.team_id else None
    for rows in (leads, active.filter(role="manager"), active.filter(role="administrator")):
        if rows is not None and (found := list(rows.distinct())):
            return found
    return []
