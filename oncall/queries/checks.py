"""What is wrong with a schedule, and what a change of it would do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from accounts.models import User
from notifications.models import ContactMethod
from oncall import coverage, difference, rotation
from oncall.models import Duty, Rotation, Schedule
from oncall.queries.books import Book, Shift, book_of

NONE, HOUR = timedelta(0), timedelta(hours=1)


class Doubled(NamedTuple):
    """`person` holds both duties for a while."""

    person: User
    starts_at: datetime
    ends_at: datetime


class Coverage(NamedTuple):
    """What a schedule leaves to be wished: gaps, people twice, people in its rotations who are not active, and people
    on call who have no verified way to be reached."""

    gaps: list[coverage.Gap]
    twice: list[Doubled]
    leavers: list[tuple[User, Rotation]]
    unreachable: list[User]

    def __bool__(self) -> bool:
        return any(self)


class Changed(NamedTuple):
    """From `starts_at` until `ends_at` `after` hold the duty, and no longer `before`; an empty list is nobody."""

    duty: Duty
    starts_at: datetime
    ends_at: datetime
    before: list[User]
    after: list[User]


class Hours(NamedTuple):
    """For how long `person` is on call before and after a change, both duties together."""

    person: User
    before: timedelta
    after: timedelta

    @property
    def hours(self) -> tuple[int, int]:
        """Both, in whole hours."""
        return round(self.before / HOUR), round(self.after / HOUR)


class Preview(NamedTuple):
    """What a change would do: the shifts after it, where they differ from those before, what is left to be wished, and
    everybody's hours, most first."""

    shifts: list[Shift]
    changes: list[Changed]
    coverage: Coverage
    hours: list[Hours]


def coverage_of(schedule: Schedule, *, since: datetime, until: datetime) -> Coverage:
    """The holes and doublings of [since, until). A missing secondary counts only where the schedule has such a
    rotation at all."""
    return _coverage(book_of(schedule, since=since, until=until), since, until)


def preview(schedule: Schedule, change: Callable[[], object], *, since: datetime, until: datetime) -> Preview:
    """What `change` would do to [since, until). It is done through the verb itself and then undone, so nothing is
    kept; what it refuses is raised."""
    before = book_of(schedule, since=since, until=until)
    try:
        with transaction.atomic():
            change()
            fresh = Schedule.objects.get(pk=schedule.pk)
            after = book_of(fresh, since=since, until=until)
            told = _coverage(after, since, until)
            raise _Undone
    except _Undone:
        pass
    was, will = before.held(since, until), after.held(since, until)
    people = before.people | after.people
    changed = [
        Changed(
            Duty(each.duty),
            each.starts_at,
            each.ends_at,
            [people[key] for key in each.before],
            [people[key] for key in each.after],
        )
        for each in difference.changes(was, will)
    ]
    shifts = sorted((after.shift(each) for held in will.values() for each in held), key=lambda shift: shift.starts_at)
    old, new = difference.hours(was), difference.hours(will)
    hours = [Hours(people[key], old.get(key, NONE), new.get(key, NONE)) for key in {*old, *new}]
    return Preview(shifts, changed, told, sorted(hours, key=lambda each: (-each.after, str(each.person))))


class _Undone(Exception):
    pass


def _coverage(book: Book, since: datetime, until: datetime) -> Coverage:
    held = book.held(since, until)
    standing = book.schedule.rotations.in_force().prefetch_related("members__person")
    duties = {Duty.PRIMARY, *(Duty(row.duty) for row in standing if not row.is_shadow)}
    gaps = [gap for duty in Duty if duty in duties
            for gap in coverage.gaps(held.get(duty, []), duty, since=since, until=until)]  # fmt: skip
    twice = [Doubled(book.people[each.person], each.starts_at, each.ends_at) for each in coverage.twice(held)]
    leavers = [(member.person, row) for row in standing for member in row.members.all() if not member.person.is_active]
    holding = {each.person for duty in held.values() for each in duty}
    reached = set(ContactMethod.objects.verified().filter(person__in=holding).values_list("person_id", flat=True))
    unreachable = sorted((book.people[key] for key in holding - reached), key=str)
    return Coverage(sorted(gaps, key=lambda gap: gap.starts_at), twice, leavers, unreachable)


def layers(book: Book, since: datetime, until: datetime) -> list[tuple[str, Duty, list[Shift]]]:
    """Each rotation's own shifts (name, duty, shifts), whatever lies over them, the winning layer first and shadows
    with the others. Versions of one rotation stand in one line."""
    lines: dict[tuple[str, str, int], list[rotation.Held]] = {}
    for turns in sorted(
        [*book.turns, *book.shadows], key=lambda each: (each.duty != Duty.PRIMARY, -each.layer, each.key)
    ):
        key = (turns.duty, book.names[turns.key], turns.layer)
        lines.setdefault(key, []).extend(rotation.layer_shifts(turns, since=since, until=until))
    return [
        (
            name,
            Duty(duty),
            [book.shift(held) for held in sorted(lines[duty, name, layer], key=lambda one: one.starts_at)],
        )
        for duty, name, layer in lines
    ]
