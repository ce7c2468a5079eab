"""Who is on call: now, next, and over time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import Q

from accounts.models import User
from oncall import rotation
from oncall.models import Duty, Schedule
from oncall.queries.books import INSTANT, Book, Shift, book_of, books

LOOK_AHEAD = (timedelta(days=15), timedelta(days=70), timedelta(days=400))


def on_call_now(schedule: Schedule, *, at: datetime) -> dict[Duty, list[User]]:
    """Who holds each duty at `at`: both duties as keys, an empty list where nobody does."""
    return book_of(schedule, since=at, until=at + INSTANT).holders(at)


def everyone_on_call(at: datetime) -> list[tuple[Schedule, dict[Duty, list[User]]]]:
    """Every schedule with who holds its duties at `at`."""
    schedules = Schedule.objects.select_related("team")
    return [(book.schedule, book.holders(at)) for book in books(schedules, since=at, until=at + INSTANT)]


def shifts(schedule: Schedule, *, since: datetime, until: datetime, at: datetime | None = None) -> list[Shift]:
    """Who holds which duty within [since, until), in order of time, primary first. Turns to come are told with the
    people who are active; with `at`, turns before it are told as they were planned."""
    book = book_of(schedule, since=since, until=until)
    held = book.held(since, until, at)
    return sorted(
        (book.shift(each) for duty in held.values() for each in duty),
        key=lambda shift: (shift.starts_at, shift.duty != Duty.PRIMARY),
    )


def next_on_call(schedule: Schedule, *, at: datetime) -> dict[Duty, Shift | None]:
    """For each duty, the first shift after `at` of somebody else than its holder then; None where none is in sight."""
    return {duty: standing.next for duty, standing in standing_of(schedule, at=at).items()}


class Standing(NamedTuple):
    """One duty of a schedule at a moment: who holds it, until when (None: no end in sight), and who is next (with the
    moment in `next.starts_at`). `people`: everybody who holds it together, `person` the first of them."""

    schedule: Schedule
    duty: Duty
    person: User | None
    until: datetime | None
    next: Shift | None
    current: Shift | None
    people: list[User]


def standing_of(schedule: Schedule, *, at: datetime) -> dict[Duty, Standing]:
    """Each duty of one schedule at `at`."""
    return {standing.duty: standing for standing in standings([schedule], at=at)}


def standings(schedules: Iterable[Schedule], *, at: datetime) -> list[Standing]:
    """Each duty of each schedule at `at`, with until when and who is next, looking ahead as far as it takes."""
    waiting = list(schedules)
    order = {schedule.pk: place for place, schedule in enumerate(waiting)}
    found: list[Standing] = []
    for ahead in LOOK_AHEAD:
        unsettled = []
        for book in books(waiting, since=at, until=at + ahead):
            held = book.held(at, at + ahead)
            both = [_standing(book, duty, held.get(duty, []), at, at + ahead) for duty in Duty]
            planned = {turns.duty for turns in book.turns if turns.places}
            if all(each.next or each.duty not in planned for each in both) or ahead == LOOK_AHEAD[-1]:
                found += both
            else:
                unsettled.append(book.schedule)
        waiting = unsettled
        if not waiting:
            break
    return sorted(found, key=lambda each: (order[each.schedule.pk], each.duty != Duty.PRIMARY))


def _standing(book: Book, duty: Duty, held: list[rotation.Held], at: datetime, horizon: datetime) -> Standing:
    together = [list(group) for _, group in groupby(held, lambda each: each.starts_at)]
    holding = together[0] if together and together[0][0].starts_at <= at else []
    people = {each.person for each in holding}
    until: datetime | None = together[0][0].starts_at if together and not holding else None
    for group in together if holding else []:
        if {each.person for each in group} != people or group[0].starts_at > (until or at):
            break
        until = group[0].ends_at
    if holding and until is not None and until >= horizon:
        until = None
    following = next((group[0] for group in together if {each.person for each in group} != people), None)
    current = book.shift(holding[0]) if holding else None
    return Standing(
        book.schedule,
        duty,
        current.person if current else None,
        until,
        book.shift(following) if following else None,
        current,
        [book.people[each.person] for each in holding],
    )


def shifts_of(person: User, *, since: datetime, until: datetime) -> list[Shift]:
    """When `person` is on call within [since, until), over every schedule, in order of time."""
    holds = Q(rotations__members__person=person) | Q(overrides__person=person)
    mine = list(Schedule.objects.filter(holds).distinct())
    found = [
        book.shift(each)
        for book in books(mine, since=since, until=until)
        for duty in book.held(since, until).values()
        for each in rotation.joined(duty)
        if each.person == person.pk
    ]
    return sorted(found, key=lambda shift: shift.starts_at)
