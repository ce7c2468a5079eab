"""Rotations: an edit changes what comes, never what was."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.names import require_visible
from oncall import queries, rotation
from oncall.models import Rotation, Schedule
from oncall.values import MOST_ROTATIONS, RotationValues

FIELDS = [
    *("name", "duty", "layer", "turn", "turn_length", "handoff_time", "starts_on", "ends_on", "restrictions"),
    *("time_zone", "holidays", "is_shadow"),
]


def add_rotation(schedule: Schedule, values: RotationValues, *, actor: User | None, at: datetime) -> Rotation:
    """A new layer of the schedule, from its own first handoff on."""
    with transaction.atomic():
        _lock(schedule)
        _require_room(schedule)
        row = create_rotation(schedule, values)
        audit.record(actor, "add rotation", str(row), before={}, after=_told(row), at=at)
    return row


def change_rotation(row: Rotation, values: RotationValues, *, actor: User | None, at: datetime) -> Rotation:
    """The rotation as wanted, from now on, or from its new first handoff if that lies ahead: until then it goes on as
    it was. Whoever is on call stays until the next handoff, and the order goes on after them, as long as they are still
    in it and `starts_on` is the same; another `starts_on` begins the order anew."""
    with transaction.atomic():
        schedule = _lock(row.schedule)
        fresh = Rotation.objects.select_for_update(no_key=True).get(pk=row.pk)
        if fresh.in_force_until is not None:
            raise Refused(_("This rotation was removed in the meantime."))
        before, places = _told(fresh), _places(fresh)
        wanted = _wanted(values)
        after = {
            **{name: _plain(getattr(values, name)) for name in FIELDS},
            "people": [_together(map(str, place)) for place in values.places],
        }
        if before == after and places == wanted:
            return fresh
        if _when_and_who(before) != _when_and_who(after) or places != wanted:
            _go_on_as(fresh, schedule, values, at)
        else:
            require_visible(values.name)
            fresh.name = values.name
            fresh.save(update_fields=["name"])
            fresh.versions.update(name=values.name)
        audit.record(actor, "change rotation", str(fresh), before=before, after=after, at=at)
    return fresh


def remove_rotation(row: Rotation, *, actor: User | None, at: datetime) -> Schedule:
    """Its turns end now; those that were stay in the record. The schedule it stood in."""
    with transaction.atomic():
        schedule = _lock(row.schedule)
        fresh = Rotation.objects.select_for_update().get(pk=row.pk)
        if fresh.in_force_until is not None:
            return schedule
        audit.record(actor, "remove rotation", str(fresh), before=_told(fresh), after={}, at=at)
        if _has_run(fresh, schedule, at):
            fresh.time_zone = fresh.time_zone or schedule.time_zone
            fresh.holidays = fresh.holidays or schedule.holidays
            fresh.in_force_until = at
            fresh.save(update_fields=["time_zone", "holidays", "in_force_until"])
        else:
            outgoing = _outgoing(fresh)
            if outgoing is not None and outgoing.in_force_until and outgoing.in_force_until > at:
                outgoing.in_force_until = at
                outgoing.save(update_fields=["in_force_until"])
            fresh.delete()
    return schedule


def set_rotations(
    schedule: Schedule, wanted: Sequence[tuple[int | None, RotationValues]], *, actor: User | None, at: datetime
) -> Schedule:
    """Exactly the rotations wanted. Those with an id, or else of the same name and duty, are changed; others are added,
    and those not mentioned removed."""
    with transaction.atomic():
        _lock(schedule)
        standing = list(schedule.rotations.in_force())
        matched: list[tuple[Rotation | None, RotationValues]] = []
        for pk, values in wanted:
            found = _match(standing, pk, values)
            if found is not None:
                standing.remove(found)
            matched.append((found, values))
        for row in standing:
            remove_rotation(row, actor=actor, at=at)
        for found, values in matched:
            if found is None:
                add_rotation(schedule, values, actor=actor, at=at)
            else:
                change_rotation(found, values, actor=actor, at=at)
    return schedule


def create_rotation(schedule: Schedule, values: RotationValues) -> Rotation:
    """The rows of a new rotation, without a word to the audit log."""
    row = Rotation(schedule=schedule)
    _fill(row, values)
    row.save()
    _seat(row, values.places)
    return row


def move(schedule: Schedule, *, zone: str, holidays: str, at: datetime) -> None:
    """The schedule's zone and public holidays have just been others, `zone` and `holidays`: its rotations go on by the
    new ones, and what was stays as it was."""
    for row in schedule.rotations.in_force():
        other_clock = zone != schedule.time_zone and not row.time_zone
        other_days = holidays != schedule.holidays and not row.holidays and queries.needs_holidays(row)
        if not other_clock and not other_days:
            continue
        places = _places(row)
        was, will = queries.turns_of(row, zone, places), queries.turns_of(row, schedule.time_zone, places)
        if not _has_run(row, schedule, at, zone=zone):
            _take_over(row, _outgoing(row), max(at, rotation.begins_at(will)))
            continue
        _leave_behind(row, zone=zone, holidays=holidays, until=at)
        row.in_force_since, row.first = at, _first(was, will, at)
        row.save(update_fields=["in_force_since", "first"])


def _match(standing: list[Rotation], pk: int | None, values: RotationValues) -> Rotation | None:
    if pk is not None:
        found = next((row for row in standing if row.pk == pk), None)
        if found is None:
            raise Refused(_("This schedule has no rotation %(id)s.") % {"id": pk}, code="unknown_rotation", status=400)
        return found
    return next(
        (row for row in standing if row.name.casefold() == values.name.casefold() and row.duty == values.duty), None
    )


def _go_on_as(row: Rotation, schedule: Schedule, values: RotationValues, at: datetime) -> None:
    """Keep the past of `row` as a version of its own, and let `row` be as wanted from the moment it takes over."""
    has_run = _has_run(row, schedule, at)
    outgoing = None if has_run else _outgoing(row)
    running = row if has_run else outgoing
    was = queries.turns_of(running, schedule.time_zone, _places(running)) if running else None
    zone = values.time_zone or schedule.time_zone
    wanted = Rotation(schedule=schedule)
    _fill(wanted, values)
    will = queries.turns_of(wanted, zone, _wanted(values))
    takes_over = max(at, rotation.begins_at(will))
    if was is not None:
        if outgoing is None:
            _leave_behind(row, zone=schedule.time_zone, holidays=schedule.holidays, until=takes_over)
            row.in_force_since = takes_over
        _take_over(row, outgoing, takes_over)
    row.first = _first(was, will, at) if was else 0
    _fill(row, values)
    row.save()
    row.members.all().delete()
    _seat(row, values.places)


def _first(was: rotation.Turns, will: rotation.Turns, at: datetime) -> int:
    """Which place of the new order holds turn 0, so that whoever holds the present turn keeps it."""
    if not will.places or not was.places or will.starts_on != was.starts_on:
        return 0
    if (will.places, will.turn, will.turn_length) == (was.places, was.turn, was.turn_length):
        return was.first
    if rotation.begins_at(will) > at or rotation.begins_at(was) > at:
        return 0
    place = (rotation.turn_number(was, at) + was.first) % len(was.places)
    in_order = [person for each in (*was.places[place:], *was.places[:place]) for person in each]
    seats = {person: number for number, each in reversed(list(enumerate(will.places))) for person in each}
    staying = next((seats[person] for person in in_order if person in seats), 0)
    return (staying - rotation.turn_number(will, at)) % len(will.places)


def _leave_behind(row: Rotation, *, zone: str, holidays: str, until: datetime) -> None:
    """A copy of the row as it stands, in force until `until`, by the zone and public holidays of before."""
    past = Rotation.objects.get(pk=row.pk)
    past.pk, past.version_of, past.in_force_until, past.time_zone = None, row, until, past.time_zone or zone
    past.holidays = past.holidays or holidays
    past._state.adding = True
    past.save()
    past.members.bulk_create(
        past.members.model(rotation=past, person_id=member.person_id, position=member.position)
        for member in row.members.all()
    )


def _take_over(row: Rotation, outgoing: Rotation | None, moment: datetime) -> None:
    """Let `outgoing` go on until `moment` and the row take over from it then; nothing where nothing goes on."""
    if outgoing is None:
        return
    outgoing.in_force_until = row.in_force_since = moment
    outgoing.save(update_fields=["in_force_until"])
    row.save(update_fields=["in_force_since"])


def _outgoing(row: Rotation) -> Rotation | None:
    """The version from which the row takes over, at this very moment or later."""
    return row.versions.filter(in_force_until=row.in_force_since).first() if row.in_force_since else None


def _has_run(row: Rotation, schedule: Schedule, at: datetime, zone: str = "") -> bool:
    turns = queries.turns_of(row, zone or schedule.time_zone, ())
    return max(rotation.begins_at(turns), row.in_force_since or rotation.begins_at(turns)) < at


def _fill(row: Rotation, values: RotationValues) -> None:
    require_visible(values.name)
    for name in FIELDS:
        setattr(row, name, getattr(values, name))
    row.restrictions = list(values.restrictions)


def _seat(row: Rotation, places: Sequence[Sequence[User]]) -> None:
    row.members.bulk_create(
        row.members.model(rotation=row, person=person, position=number)
        for number, place in enumerate(places)
        for person in place
    )


def _places(row: Rotation) -> tuple[rotation.Place, ...]:
    return queries.places_of(row.members.all())


def _wanted(values: RotationValues) -> tuple[rotation.Place, ...]:
    return tuple(tuple(person.pk for person in place) for place in values.places)


def _together(names: Iterable[str]) -> str:
    return " + ".join(names)


def _lock(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)


def _require_room(schedule: Schedule) -> None:
    if schedule.rotations.in_force().count() >= MOST_ROTATIONS:
        raise Refused(_("A schedule has at most %(most)s rotations.") % {"most": MOST_ROTATIONS}, status=400)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(value)
    return value if value is None or isinstance(value, int) else str(value)


def _told(row: Rotation) -> dict[str, Any]:
    members = row.members.select_related("person")
    people = [_together(str(each.person) for each in place) for _, place in groupby(members, lambda one: one.position)]
    return {**{name: _plain(getattr(row, name)) for name in FIELDS}, "people": people}


def _when_and_who(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != "name"}
