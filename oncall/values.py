"""What a form or a program asks for, before it is rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from accounts.models import Team, User
from oncall.models import Duty, Schedule, Turn

MOST_PEOPLE = 100
MOST_ROTATIONS = 40
MOST_STEPS = 30
MOST_TARGETS = 20
LONGEST_TURN = {"hours": 24 * 28, "days": 366, "weeks": 104, "months": 24}
LONGEST_WAIT = 7 * 24 * 3600
MOST_REPEATS = 20


@dataclass(frozen=True)
class RotationValues:
    """A rotation as somebody wants it. `beside` are the places in `people` of those who share the turn of whoever
    stands before them. `restrictions` as in models.Rotation; `time_zone` and `holidays` empty: the schedule's."""

    name: str
    people: Sequence[User]
    handoff_time: time
    starts_on: date
    duty: str = Duty.PRIMARY
    layer: int = 0
    turn: str = Turn.WEEKS
    turn_length: int = 1
    ends_on: date | None = None
    restrictions: Sequence[dict[str, Any]] = ()
    time_zone: str = ""
    holidays: str = ""
    is_shadow: bool = False
    beside: frozenset[int] = frozenset()

    @property
    def places(self) -> list[list[User]]:
        """The order of turns: who holds each of them, each person once."""
        found: list[list[User]] = []
        for number, person in enumerate(self.people):
            if not number or number not in self.beside:
                found.append([person])
            elif person not in found[-1]:
                found[-1].append(person)
        return found


@dataclass(frozen=True)
class TargetValues:
    """Whom a step calls: exactly one of person, team and schedule (with `duty`)."""

    person: User | None = None
    team: Team | None = None
    schedule: Schedule | None = None
    duty: str = Duty.PRIMARY

    @property
    def kind(self) -> str:
        return "person" if self.person else "team" if self.team else "schedule"


@dataclass(frozen=True)
class StepValues:
    """One step of a policy as somebody wants it."""

    wait_seconds: int
    targets: Sequence[TargetValues] = field(default_factory=tuple)
