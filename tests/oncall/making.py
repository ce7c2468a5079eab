"""What stories of on call begin with."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from oncall import actions
from oncall.models import Schedule
from oncall.values import RotationValues
from tests.world import World

MONDAY = date(2026, 1, 5)


def at(text: str, zone: str = "UTC") -> datetime:
    """A moment by its wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def weekly(*people: User, **changes: Any) -> RotationValues:
    """A weekly primary rotation that hands over on Mondays at 10:00."""
    values: dict[str, Any] = {"name": "Weekly", "people": people, "handoff_time": time(10), "starts_on": MONDAY}
    return RotationValues(**{**values, **changes})


def schedule(world: World, *people: User, name: str = "Payments", zone: str = "UTC", **changes: Any) -> Schedule:
    """A schedule with one weekly primary rotation."""
    rotations = [weekly(*people, **changes)]
    return actions.add_schedule(name, time_zone=zone, rotations=rotations, actor=world.admin, at=world.now)
