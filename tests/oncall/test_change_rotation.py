"""A rotation changes from now on; what was stays as it was."""

from datetime import date, datetime, time, timedelta

import pytest

from accounts.models import AuditEntry
from core.errors import Refused
from oncall import actions, queries
from oncall.models import Duty, Schedule
from tests.oncall.making import at, schedule, weekly
from tests.world import World


def holder(schedule: Schedule, moment: datetime) -> str | None:
    held = queries.on_call_now(schedule, at=moment)[Duty.PRIMARY]
    return held[0].name.split()[0] if held else None


def weeks(schedule: Schedule, count: int) -> list[str | None]:
    """Who holds each week's Tuesday."""
    return [holder(schedule, at("2026-01-06T12:00") + timedelta(weeks=week)) for week in range(count)]


def test_who_is_on_call_stays_until_the_handoff_when_somebody_joins(world: World) -> None:
    ann, ben, cat, dan = (world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat", "Dan"))
    plan = schedule(world, ann, ben, cat)
    world.traveller.move_to(at("2026-01-21T12:00"))  # Cat's week
    actions.change_rotation(plan.rotations.get(), weekly(dan, ann, ben, cat), actor=world.admin, at=world.now)
    assert weeks(plan, 7) == ["Ann", "Ben", "Cat", "Dan", "Ann", "Ben", "Cat"]


def test_the_next_in_line_takes_over_at_once_from_somebody_taken_out(world: World) -> None:
    ann, ben, cat = (world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat"))
    plan = schedule(world, ann, ben, cat)
    world.traveller.move_to(at("2026-01-13T12:00"))  # Ben's week
    actions.change_rotation(plan.rotations.get(), weekly(ann, cat), actor=world.admin, at=world.now)
    assert holder(plan, at("2026-01-13T11:59")) == "Ben"
    assert holder(plan, at("2026-01-13T12:00")) == "Cat"
    assert holder(plan, at("2026-01-20T12:00")) == "Ann"


def test_a_new_first_handoff_ahead_leaves_the_old_turns_until_then(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-14T12:00"))
    row = plan.rotations.get()
    changed = actions.change_rotation(row, weekly(ben, starts_on=date(2026, 1, 26)), actor=world.admin, at=world.now)
    assert weeks(plan, 5) == ["Ann", "Ann", "Ann", "Ben", "Ben"]
    actions.change_rotation(changed, weekly(ben, starts_on=date(2026, 2, 2)), actor=world.admin, at=world.now)
    assert weeks(plan, 5) == ["Ann", "Ann", "Ann", "Ann", "Ben"]
    actions.remove_rotation(changed, actor=world.admin, at=world.now)
    assert weeks(plan, 5) == ["Ann", "Ann", None, None, None]


def test_two_changes_at_one_moment_keep_the_holder(world: World) -> None:
    ann, ben, cat = (world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat"))
    plan = schedule(world, ann, ben)
    world.traveller.move_to(at("2026-01-13T12:00"))
    row = actions.change_rotation(plan.rotations.get(), weekly(cat, ann, ben), actor=world.admin, at=world.now)
    actions.change_rotation(row, weekly(cat, ben, ann), actor=world.admin, at=world.now)
    assert weeks(plan, 4) == ["Ann", "Ben", "Ann", "Cat"]


def test_a_removed_rotation_stays_in_the_record(world: World) -> None:
    ann = world.person("Ann Doe")
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-13T12:00"))
    actions.remove_rotation(plan.rotations.get(), actor=world.admin, at=world.now)
    assert holder(plan, at("2026-01-12T12:00")) == "Ann"
    assert holder(plan, at("2026-01-13T12:00")) is None
    assert not plan.rotations.in_force().exists()


def test_a_rotation_that_never_ran_is_changed_without_a_trace_in_the_calendar(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    actions.change_rotation(plan.rotations.get(), weekly(ben), actor=world.admin, at=world.now)
    assert weeks(plan, 2) == ["Ben", "Ben"]
    assert plan.rotations.count() == 1


def test_a_schedule_moved_to_another_zone_keeps_its_past_and_hands_over_by_the_new_clock(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann, ben)
    world.traveller.move_to(at("2026-01-13T12:00"))
    moved = actions.change_schedule(plan, time_zone="Asia/Tokyo", actor=world.admin, at=world.now)
    found = queries.shifts(moved, since=at("2026-01-05T10:00"), until=at("2026-01-26T10:00"))
    assert [(shift.person.name[:3], f"{shift.starts_at:%d %H:%M}") for shift in found] == [
        ("Ann", "05 10:00"), ("Ben", "12 10:00"), ("Ben", "13 12:00"), ("Ann", "19 01:00"), ("Ben", "26 01:00"),
    ]  # fmt: skip


def test_a_zone_changed_while_a_change_lies_ahead_leaves_no_gap(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-14T12:00"))
    later = weekly(ben, starts_on=date(2026, 1, 26))
    actions.change_rotation(plan.rotations.get(), later, actor=world.admin, at=world.now)
    moved = actions.change_schedule(plan, time_zone="America/New_York", actor=world.admin, at=world.now)
    found = queries.shifts(moved, since=at("2026-01-19T10:00"), until=at("2026-02-02T15:00"))
    assert [(shift.person.name[:3], f"{shift.starts_at:%d %H:%M}", f"{shift.ends_at:%d %H:%M}") for shift in found] == [
        ("Ann", "19 10:00", "26 10:00"), ("Ann", "26 10:00", "26 15:00"), ("Ben", "26 15:00", "02 15:00"),
    ]  # fmt: skip


def test_a_change_of_nothing_is_no_change(world: World) -> None:
    ann = world.person("Ann Doe")
    plan = schedule(world, ann)
    before = AuditEntry.objects.count()
    actions.change_rotation(plan.rotations.get(), weekly(ann), actor=world.admin, at=world.now + timedelta(days=30))
    assert (AuditEntry.objects.count(), plan.rotations.count()) == (before, 1)


def test_a_leavers_turns_fall_to_the_next_in_line_from_now_on(world: World) -> None:
    ann, ben, cat = (world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat"))
    plan = schedule(world, ann, ben, cat)
    type(ben).objects.filter(pk=ben.pk).update(is_active=False)
    now = at("2026-01-20T12:00")
    found = queries.shifts(plan, since=at("2026-01-05T10:00"), until=at("2026-02-09T10:00"), at=now)
    names = [shift.person.name.split()[0] for shift in found]
    assert names == ["Ann", "Ben", "Cat", "Ann", "Cat"]


def test_the_change_stands_in_the_audit_log_with_names(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    actions.change_rotation(plan.rotations.get(), weekly(ben, handoff_time=time(9)), actor=world.admin, at=world.now)
    line = AuditEntry.objects.filter(verb="change rotation").get()
    assert (line.before["people"], line.after["people"]) == (["Ann Doe"], ["Ben Doe"])
    assert (line.before["handoff_time"], line.after["handoff_time"]) == ("10:00:00", "09:00:00")


# The template of a team


def test_in_a_team_of_six_the_secondary_of_this_week_is_the_primary_of_the_next(world: World) -> None:
    six = [world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat", "Dan", "Eve", "Fay")]
    plan = actions.add_team_schedule(
        "Payments", people=six, time_zone="Europe/Berlin", starts_on=date(2026, 1, 5), actor=world.admin, at=world.now
    )
    for week in range(12):
        monday = at("2026-01-05T10:00", "Europe/Berlin") + timedelta(weeks=week)
        now, then = queries.on_call_now(plan, at=monday), queries.on_call_now(plan, at=monday + timedelta(weeks=1))
        assert now[Duty.SECONDARY] == then[Duty.PRIMARY] != now[Duty.PRIMARY]


def test_a_team_of_one_cannot_be_its_own_secondary(world: World) -> None:
    with pytest.raises(Refused, match="at least two people"):
        actions.add_team_schedule(
            "Alone", people=[world.admin], starts_on=date(2026, 1, 5), actor=world.admin, at=world.now
        )
