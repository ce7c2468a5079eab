"""What a plan does next."""

from typing import Any

from oncall.policy import Fallback, Next, Silence, is_used_up, ladder, next_step, wait_after


def plan(steps: int = 2, repeat_times: int = 0, fallback: int | None = 7) -> dict[str, Any]:
    walked = [{"wait_seconds": 60 * (n + 1), "targets": [{"kind": "person", "id": n}]} for n in range(steps)]
    return {"policy": 1, "name": "Default", "repeat_times": repeat_times, "steps": walked, "fallback": fallback}


def test_steps_come_in_order_with_their_waits_and_then_the_fallback() -> None:
    assert next_step(plan(), 0, 0) == Next(0, 0, 60, [{"kind": "person", "id": 0}])
    assert next_step(plan(), 0, 1) == Next(0, 1, 120, [{"kind": "person", "id": 1}])
    assert next_step(plan(), 0, 2) == Fallback(1, 0, 7)
    assert next_step(plan(), 1, 1) == Silence(1, 1)


def test_the_round_is_walked_once_and_then_as_often_again_as_the_policy_says() -> None:
    walked = ladder(plan(steps=2, repeat_times=2))
    assert [(each.round, each.step) for each in walked] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0)]
    assert isinstance(walked[-1], Fallback)


def test_a_plan_with_one_step_repeats_that_step() -> None:
    assert [(each.round, each.step) for each in ladder(plan(steps=1, repeat_times=1))] == [(0, 0), (1, 0), (2, 0)]


def test_a_plan_without_steps_goes_to_its_fallback_at_once_and_only_once() -> None:
    assert ladder(plan(steps=0, repeat_times=3)) == [Fallback(0, 0, 7)]


def test_a_plan_without_a_fallback_person_falls_back_to_the_administrators() -> None:
    assert ladder(plan(steps=0, fallback=None)) == [Fallback(0, 0, None)]


def test_after_the_silence_is_told_the_fallback_is_called_again_and_again() -> None:
    assert [next_step(plan(), 1, step) for step in (2, 3)] == [Fallback(1, 2, 7, 1), Fallback(1, 3, 7, 2)]
    assert not is_used_up(plan(), 1, 0)
    assert all(is_used_up(plan(), 1, step) for step in (1, 2, 99))


def test_it_is_called_every_quarter_of_an_hour_for_an_hour_and_then_hourly() -> None:
    waits = [wait_after(plan(), next_step(plan(), 1, step)) for step in range(7)]
    assert waits == [120, 900, 900, 900, 900, 3600, 3600]


def test_the_fallback_has_the_last_step_s_wait_but_never_days() -> None:
    slow = plan()
    slow["steps"][-1]["wait_seconds"] = 7 * 86400
    assert wait_after(slow, next_step(slow, 1, 0)) == 3600
    assert wait_after(plan(steps=0), Fallback(0, 0, 7)) == 300


def test_a_place_far_beyond_the_plan_is_among_the_last_calls() -> None:
    assert next_step(plan(), 9, 9) == Fallback(1, 9, 7, 8)
    assert next_step(plan(), 9, 0) == Silence(1, 1)
