"""What a plan does next. Pure: a function of the plan's snapshot and of where it stands.

A place in the plan is (round, step), both from 0, and names the step that fires next. The rounds are 0 … repeat_times.
After the last step of the last round comes the fallback, at the place (repeat_times + 1, 0), and after it nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Plan = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Next:
    """Call `targets` now, then wait `wait_seconds`. `round` and `step` are where this step stands; `then` is the place
    to store for the time after."""

    round: int
    step: int
    wait_seconds: int
    targets: Sequence[Mapping[str, Any]]

    @property
    def then(self) -> tuple[int, int]:
        return self.round, self.step + 1


@dataclass(frozen=True, slots=True)
class Fallback:
    """Every round was walked: call `person` (a user id), or the administrators where it is None."""

    round: int
    step: int
    person: int | None

    @property
    def then(self) -> tuple[int, int]:
        return self.round, self.step + 1


@dataclass(frozen=True, slots=True)
class Over:
    """The fallback was called too; nobody is left."""


def next_step(plan: Plan, round: int, step: int) -> Next | Fallback | Over:
    """What fires at the place (round, step). A step beyond the last one is the first of the next round, so the engine
    may simply count on; a plan without steps goes to its fallback at once."""
    steps, last_round = plan.get("steps") or [], int(plan.get("repeat_times") or 0)
    fallback_round = last_round + 1 if steps else 0
    if steps and round <= last_round and step >= len(steps):
        round, step = round + 1, 0
    if steps and round <= last_round:
        found = steps[max(step, 0)]
        return Next(round, step, int(found["wait_seconds"]), found["targets"])
    if (round, step) == (fallback_round, 0):
        return Fallback(round, step, plan.get("fallback"))
    return Over()


def ladder(plan: Plan) -> list[Next | Fallback]:
    """The whole way through the plan, from the first step to the fallback: what a simulator shows."""
    found: list[Next | Fallback] = []
    place = (0, 0)
    while not isinstance(answer := next_step(plan, *place), Over):
        found.append(answer)
        place = answer.then
    return found
