"""What went wrong is told with dignity: a page for people, problem+json for programs."""

from typing import Any

from tests.world import World


def test_a_program_that_asks_for_nothing_gets_a_problem_in_json(world: World, client: Any) -> None:
    answer = client.get("/api/v1/nothing-of-the-kind/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Not found"
    assert answer.json()["detail"]


def test_a_person_who_is_lost_gets_a_page_with_a_way_back(world: World) -> None:
    answer = world.browser(world.admin).get("/nothing-of-the-kind/")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()
