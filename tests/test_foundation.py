"""The ground under every story."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import sweep
from core.models import ClockTick
from notifications import actions
from tests.world import World


def test_every_sweep_of_the_table_exists_and_runs_on_an_empty_installation(world: World) -> None:
    world.tick()


def test_a_program_without_a_token_is_told_so(world: World, client) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_the_process_answers_for_itself(world: World, client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_readiness_names_the_clock_that_never_ran_and_is_green_once_all_have(world: World, client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "clock:escalations" in answer.json()["faults"]
    world.tick()
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content


def test_two_who_note_the_first_tick_of_a_clock_do_not_collide(world: World) -> None:
    ticks: list[str] = []
    for ran_by in ("worker", "watchman"):
        with CaptureQueriesContext(connection) as asked:
            sweep.run("story", lambda at: 3, at=world.now, ran_by=ran_by)
        ticks += [query["sql"] for query in asked]
    assert [sql.startswith("INSERT") and "ON CONFLICT" in sql for sql in ticks] == [True, True]
    with pytest.raises(ZeroDivisionError):
        sweep.run("story", lambda at: 1 // 0, at=world.now, ran_by="worker")
    tick = ClockTick.objects.get(name="story")
    assert (tick.ran_by, tick.handled, tick.failed_at) == ("watchman", 3, world.now)
    assert "division" in tick.failure


def test_an_administrator_reads_one_message_of_the_outbox_and_nobody_else_does(world: World) -> None:
    rae = world.person("Rae Responder")
    (message,) = actions.notify(
        rae,
        topic="t/1",
        kind="notice",
        urgency="high",
        subject="Hello",
        text="Words",
        payload={},
        key="k",
        at=world.now,
    )
    assert world.program().get(f"/messages/{message.pk}/").json()["subject"] == "Hello"
    assert world.program(rae).get(f"/messages/{message.pk}/").status_code in {403, 404}
