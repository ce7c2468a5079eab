"""Schedules read once, as values for the pure calculators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import User
from core.middleware import zone_or_utc
from oncall import rotation
from oncall.models import Duty, Override, Rotation, RotationMember, Schedule

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """`person` holds `duty` of `schedule` from `starts_at` until just before `ends_at`. `why`: the rotation's name, or
    "override"; then `override` is its id."""

    schedule: Schedule
    person: User
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    why: str
    rotation: int | None = None
    override: int | None = None


@dataclass
class Book:
    """One schedule's rotations and overrides as values, and the rows they name."""

    schedule: Schedule
    turns: list[rotation.Turns] = field(default_factory=list)
    planned: list[rotation.Turns] = field(default_factory=list)
    laid: list[rotation.Laid] = field(default_factory=list)
    people: dict[int, User] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def held(self, since: datetime, until: datetime, at: datetime | None = None) -> dict[str, list[rotation.Held]]:
        """Who holds what within [since, until). Only active people, except before `at`: what was, was."""
        if at is None or at <= since:
            active = [laid for laid in self.laid if self.people[laid.person].is_active]
            return rotation.shifts(self.turns, active, since=since, until=until)
        before = rotation.shifts(self.planned, self.laid, since=since, until=min(at, until))
        if at >= until:
            return before
        after = self.held(at, until)
        return {duty: rotation.continued(before.get(duty, []), after.get(duty, [])) for duty in {*before, *after}}

    def shift(self, held: rotation.Held) -> Shift:
        """The held period with its rows."""
        why = _("override") if held.rotation is None else self.names[held.rotation]
        return Shift(
            self.schedule,
            self.people[held.person],
            Duty(held.duty),
            held.starts_at,
            held.ends_at,
            why,
            held.rotation,
            held.override,
        )

    def holders(self, at: datetime) -> dict[Duty, list[User]]:
        """Who holds each duty at `at`."""
        held = self.held(at, at + INSTANT)
        return {duty: [self.people[each.person] for each in held.get(duty, [])] for duty in Duty}


def books(schedules: Iterable[Schedule], *, since: datetime, until: datetime) -> list[Book]:
    """The schedules as values, with everything that touches [since, until): three queries, however many they are."""
    found = {schedule.pk: Book(schedule) for schedule in schedules}
    rows = (
        Rotation.objects.touching(since, until)
        .filter(schedule__in=found)
        .prefetch_related(Prefetch("members", RotationMember.objects.select_related("person")))
    )
    for row in rows:
        book = found[row.schedule_id]
        people = [member.person for member in row.members.all()]
        book.people |= {person.pk: person for person in people}
        book.names[row.pk] = row.name
        planned = turns_of(row, book.schedule.time_zone, tuple(person.pk for person in people))
        book.planned.append(planned)
        book.turns.append(with_people_active(planned, book.people))
    overrides = Override.objects.filter(schedule__in=found, starts_at__lt=until, ends_at__gt=since)
    for each in overrides.select_related("person"):
        book = found[each.schedule_id]
        book.people[each.person_id] = each.person
        book.laid.append(rotation.Laid(each.pk, each.duty, each.person_id, each.starts_at, each.ends_at))
    return list(found.values())


def book_of(schedule: Schedule, *, since: datetime, until: datetime) -> Book:
    """One schedule as values."""
    return books([schedule], since=since, until=until)[0]


def turns_of(row: Rotation, zone: str, people: tuple[int, ...]) -> rotation.Turns:
    """A rotation's row as values."""
    return rotation.Turns(
        key=row.pk or 0,
        duty=row.duty,
        layer=row.layer,
        zone=zone_or_utc(row.time_zone or zone),
        turn=row.turn,
        turn_length=row.turn_length,
        handoff=row.handoff_time,
        starts_on=row.starts_on,
        people=people,
        first=row.first,
        ends_on=row.ends_on,
        hours=hours_of(row.restrictions),
        since=row.in_force_since,
        until=row.in_force_until,
    )


def hours_of(restrictions: Sequence[dict[str, Any]]) -> tuple[rotation.Hours, ...]:
    """A rotation's restrictions as values; no weekdays named means every day."""
    return tuple(
        rotation.Hours(
            frozenset(each.get("weekdays") or range(7)),
            time.fromisoformat(each["from"]),
            time.fromisoformat(each["until"]),
        )
        for each in restrictions
    )


def with_people_active(turns: rotation.Turns, people: dict[int, User]) -> rotation.Turns:
    """The turns with each person who is not active replaced by the next in line."""
    active = {person for person in turns.people if people[person].is_active}
    return replace(turns, people=rotation.standing_in(turns.people, active))
