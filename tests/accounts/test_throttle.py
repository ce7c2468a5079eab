"""A program that calls too fast is told when to come back, and slows down nobody else."""

import pytest

from core import buckets
from tests.world import World


@pytest.fixture
def redis_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_away_until", 0.0)


@pytest.mark.usefixtures("redis_is_asked")
@pytest.mark.parametrize("redis_is_up", [True, False])
def test_a_program_that_calls_too_fast_is_told_to_wait(world: World, redis_is_up: bool) -> None:
    if not redis_is_up:
        world.settings.REDIS_URL = "redis://127.0.0.1:1/0"
    world.settings.API_PER_SECOND = 1
    fast, calm = world.program(), world.program()
    answers = [fast.get("/me") for _call in range(9)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert 1 <= int(refused["Retry-After"]) <= 2
    assert calm.get("/me").status_code == 200


def test_a_bucket_fills_with_time() -> None:
    local = buckets.Local()
    assert [local.take("a", rate=1, burst=2, now=0.0) for _call in range(3)] == [0, 0, 1.0]
    assert local.take("a", rate=1, burst=2, now=0.5) == 0.5
    assert local.take("a", rate=1, burst=2, now=1.0) == 0
    assert [local.take("a", rate=1, burst=2, now=100.0) for _call in range(3)] == [0, 0, 1.0]


def test_without_a_limit_nobody_waits(world: World) -> None:
    world.settings.API_PER_SECOND = 0
    program = world.program()
    assert {program.get("/me").status_code for _call in range(20)} == {200}
