"""The ground under every story."""

import pytest

from tests.world import World


def test_every_sweep_of_the_table_exists_and_runs_on_an_empty_installation(world: World) -> None:
    world.tick()


def test_a_program_without_a_token_is_told_so(world: World, client) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_the_process_answers_for_itself(world: World, client, path: str) -> None:
    assert client.get(path).status_code == 200
