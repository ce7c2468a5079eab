"""What a plan does next. Pure: a function of the plan's snapshot and of where it stands.

A place in the plan is (round, step), both from 0, and names the step that fires next. The rounds are 0 … repeat_times.
After the last step of the last round comes the fallback, at the place (repeat_times + 1, 0). When it has not answered
either, the next place says so, and every place after that calls the fallback again, further and further apart: a page
never ends in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Plan = Mapping[str, Any]

FALLBACK_WAIT = 300  # seconds the fallback has, where the plan has no step to take it from
LONGEST_FALLBACK_WAIT = 3600
SOON, SOON_TIMES, LATER = 900, 4, 3600  # again every quarter of an hour for an hour, then hourly


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
    """Every round was walked: call `person` (a user id), or the administrators where it is None. `number`: how often it
    was called before; from the first time on, the administrators are called beside the person."""

    round: int
    step: int
    person: int | None
    number: int = 0

    @property
    def then(self) -> tuple[int, int]:
        return self.round, self.step + 1


@dataclass(frozen=True, slots=True)
class Silence:
    """The fallback was called too and has not answered: say so, and wait until it is called again."""

    round: int
    step: int

    @property
    def then(self) -> tuple[int, int]:
        return self.round, self.step + 1


def next_step(plan: Plan, round: int, step: int) -> Next | Fallback | Silence:
    """What fires at the place (round, step). A step beyond the last one is the first of the next round, so the engine
    may simply count on; a plan without steps goes to its fallback at once."""
    steps, last_round = plan.get("steps") or [], int(plan.get("repeat_times") or 0)
    fallback_round = last_round + 1 if steps else 0
    if steps and round <= last_round and step >= len(steps):
        round, step = round + 1, 0
    if steps and round <= last_round:
        found = steps[max(step, 0)]
        return Next(round, step, int(found["wait_seconds"]), found["targets"])
    if round > fallback_round:
        round, step = fallback_round, max(step, 1)
    if step == 1:
        return Silence(round, step)
    return Fallback(round, step, plan.get("fallback"), max(step - 1, 0))


def wait_after(plan: Plan, here: Next | Fallback | Silence) -> int:
    """Seconds from `here` to whatever follows it unless somebody answers."""
    if isinstance(here, Next):
        return here.wait_seconds
    if isinstance(here, Silence):
        return SOON
    if here.number:
        return SOON if here.number < SOON_TIMES else LATER
    steps = plan.get("steps") or []
    return min(int(steps[-1]["wait_seconds"]), LONGEST_FALLBACK_WAIT) if steps else FALLBACK_WAIT


def is_used_up(plan: Plan, round: int, step: int) -> bool:
    """Whether everyone in the plan was called before this place, its fallback too."""
    here = next_step(plan, round, step)
    return isinstance(here, Silence) or (isinstance(here, Fallback) and here.number > 0)


def ladder(plan: Plan) -> list[Next | Fallback]:
    """The whole way through the plan, from the first step to the first call of the fallback: what a simulator shows."""
    found: list[Next | Fallback] = []
    place = (0, 0)
    while not isinstance(answer := next_step(plan, *place), Silence):
        found.append(answer)
        place = answer.then
    return found
