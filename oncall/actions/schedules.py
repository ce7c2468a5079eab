"""Schedules: made, changed, removed, and the template of a team."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Team, User
from core.errors import Refused
from core.names import require_visible
from core.slugs import slug_from
from oncall.actions.rotations import create_rotation, move
from oncall.actions.templates import TEN, team_of
from oncall.models import EscalationPolicy, Schedule
from oncall.values import RotationValues

ADDRESSES = {"new", "for-team"}  # pages of their own among the schedules


def add_schedule(
    name: str,
    *,
    actor: User | None,
    at: datetime,
    time_zone: str = "UTC",
    team: Team | None = None,
    description: str = "",
    holidays: str = "",
    rotations: Sequence[RotationValues] = (),
) -> Schedule:
    """A new schedule with its rotations."""
    with transaction.atomic():
        _require_free(name)
        slug = slug_from(name, word="schedule", taken=_is_taken)
        schedule = Schedule.objects.create(
            name=name, slug=slug, time_zone=time_zone, team=team, description=description, holidays=holidays
        )
        for values in rotations:
            create_rotation(schedule, values)
        audit.record(actor, "add schedule", name, before={}, after=_told(schedule), at=at)
    return schedule


def add_team_schedule(
    name: str,
    *,
    people: Sequence[User],
    actor: User | None,
    at: datetime,
    starts_on: date,
    time_zone: str = "UTC",
    team: Team | None = None,
    description: str = "",
    holidays: str = "",
    handoff_time: time = TEN,
) -> Schedule:
    """The template of a team: weekly turns as primary, and as secondary the week before one's own primary week, so that
    whoever takes over has watched for a week. It takes two people or more."""
    rotations = team_of(people, starts_on=starts_on, handoff_time=handoff_time)
    return add_schedule(
        name, time_zone=time_zone, team=team, description=description, holidays=holidays, rotations=rotations,
        actor=actor, at=at,
    )  # fmt: skip


def change_schedule(schedule: Schedule, *, actor: User | None, at: datetime, **changes: Any) -> Schedule:
    """Give the schedule other values: any of name, description, team, time_zone, holidays. In another zone the
    handoffs keep their time on the wall clock, from now on."""
    with transaction.atomic():
        fresh = Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)
        before, zone, holidays = _told(fresh), fresh.time_zone, fresh.holidays
        if "name" in changes:
            _require_free(changes["name"], but=fresh)
        for field, value in changes.items():
            setattr(fresh, field, value)
        fresh.save()
        if (fresh.time_zone, fresh.holidays) != (zone, holidays):
            move(fresh, zone=zone, holidays=holidays, at=at)
        if _told(fresh) != before:
            audit.record(actor, "change schedule", fresh.name, before=before, after=_told(fresh), at=at)
    return fresh


def remove_schedule(schedule: Schedule, *, actor: User | None, at: datetime) -> None:
    """It is gone, with its rotations and overrides. Refused while a policy calls it."""
    with transaction.atomic():
        fresh = Schedule.objects.select_for_update().get(pk=schedule.pk)
        using = EscalationPolicy.objects.filter(steps__targets__schedule=fresh).distinct()
        if using:
            names = ", ".join(f"“{policy}”" for policy in using)
            raise Refused(
                _("Policies call this schedule: %(names)s. Take it out of them first.") % {"names": names},
                code="in_use",
            )
        audit.record(actor, "remove schedule", fresh.name, before=_told(fresh), after={}, at=at)
        fresh.delete()


def _is_taken(slug: str) -> bool:
    return slug in ADDRESSES or Schedule.objects.filter(slug=slug).exists()


def _require_free(name: str, but: Schedule | None = None) -> None:
    same = Schedule.objects.filter(name__iexact=name)
    require_visible(name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise Refused(_("There is a schedule called “%(name)s” already.") % {"name": name}, code="name_taken")


def _told(schedule: Schedule) -> dict[str, Any]:
    rotations = [
        {"name": row.name, "people": [str(member.person) for member in row.members.select_related("person")]}
        for row in schedule.rotations.in_force().order_by("id")
    ]
    team = str(schedule.team) if schedule.team else None
    return {
        "name": schedule.name,
        "description": schedule.description,
        "team": team,
        "time_zone": schedule.time_zone,
        "holidays": schedule.holidays,
        "rotations": rotations,
    }
