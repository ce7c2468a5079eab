"""Schedules read once, as values for the pure calculators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import User
from core.middleware import zone_or_utc
from oncall import rotation
from oncall.models import Duty, Override, Rotation, RotationMember, Schedule
from oncall.queries import public_holidays

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """`person` holds `duty` of `schedule` from `starts_at` until just before `ends_at`. `why`: the rotation's name, or
    "override"; then `override` is its id. A shadow is never paged."""

    schedule: Schedule
    person: User
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    why: str
    rotation: int | None = None
    override: int | None = None
    is_shadow: bool = False


@dataclass
class Book:
    """One schedule's rotations and overrides as values, and the rows they name."""

    schedule: Schedule
    turns: list[rotation.Turns] = field(default_factory=list)
    planned: list[rotation.Turns] = field(default_factory=list)
    shadows: list[rotation.Turns] = field(default_factory=list)
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
            held.rotation in {turns.key for turns in self.shadows},
        )

    def shadowing(self, since: datetime, until: datetime) -> list[Shift]:
        """The shifts of the shadow rotations within [since, until), in order of time."""
        found = [held for turns in self.shadows for held in rotation.layer_shifts(turns, since=since, until=until)]
        return [self.shift(held) for held in sorted(found, key=lambda held: held.starts_at)]

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
        members = list(row.members.all())
        book.people |= {member.person_id: member.person for member in members}
        book.names[row.pk] = row.name
        planned = turns_of(row, book.schedule.time_zone, places_of(members))
        if needs_holidays(row) and (region := row.holidays or book.schedule.holidays):
            planned = replace(planned, off=public_holidays.days_off(region, since.year - 1, until.year + 1))
        if row.is_shadow:
            book.shadows.append(with_people_active(planned, book.people))
            continue
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


def places_of(members: Iterable[RotationMember]) -> tuple[rotation.Place, ...]:
    """The order of turns of members in the order of their places."""
    return tuple(tuple(each.person_id for each in place) for _, place in groupby(members, lambda each: each.position))


def needs_holidays(row: Rotation) -> bool:
    """Whether the rotation's hours speak of public holidays."""
    return any(each.get("holidays") for each in row.restrictions)


def turns_of(row: Rotation, zone: str, places: tuple[rotation.Place, ...]) -> rotation.Turns:
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
        places=places,
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
            each.get("holidays", ""),
        )
        for each in restrictions
    )


def with_people_active(turns: rotation.Turns, people: dict[int, User]) -> rotation.Turns:
    """The turns without those who are not active, the next in line in place of them."""
    active = {person for place in turns.places for person in place if people[person].is_active}
    return replace(turns, places=rotation.standing_in(turns.places, active))
