"""How incidents went: medians with their n, beside the period before."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents import actions as incidents
from insights.statistics import change, spread
from tests.world import World


def went(world: World, minutes: int, **fields) -> None:
    start = world.now - timedelta(days=1)
    given = {
        "title": "Cards fail",
        "severity": world.severity("SEV2"),
        "service": None,
        "actor": world.admin,
        "at": start,
    }
    incident = incidents.declare(**{**given, **fields})
    incidents.mitigate(incident, actor=world.admin, at=start + timedelta(minutes=minutes))
    incidents.resolve(incident, actor=world.admin, at=start + timedelta(minutes=minutes + 10))


def test_the_median_time_to_mitigate_stands_there_with_its_n(world: World) -> None:
    for minutes in (10, 20, 90):
        went(world, minutes)
    answer = world.program().get("/measures/", days=30).json()
    mitigate = next(line for line in answer["measures"] if line["key"] == "mitigate")
    assert (mitigate["n"], mitigate["median_seconds"]) == (3, 1200)
    page = world.browser(world.admin).get("/insights/").content.decode()
    assert "20 min" in page


def test_drills_do_not_count(world: World) -> None:
    went(world, 10, drill=True)
    assert world.program().get("/measures/").json()["incidents"] == 0


def test_a_private_incident_is_in_the_figures_and_not_by_name(world: World) -> None:
    went(world, 10, title="zebra quartz leak", private=True)
    page = world.browser(world.person("Ola Outside")).get("/insights/").content.decode()
    assert "n = 1" in page
    assert "zebra" not in page


@pytest.mark.parametrize("query", ["days=5", "days=x", "severity=999", "team=-1", "service=abc"])
def test_a_wrong_filter_is_a_sentence(world: World, query: str) -> None:
    assert world.browser(world.admin).get(f"/insights/?{query}").status_code == 422
    name, _, value = query.partition("=")
    answer = world.program().get("/measures/", **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["detail"]


def test_missing_and_negative_spans_are_counted_as_missing() -> None:
    minute = timedelta(minutes=1)
    found = spread([minute, None, -minute, 3 * minute, 5 * minute])
    assert (found.n, found.missing, found.median) == (3, 2, 3 * minute)
    assert spread([]).median is None
    assert spread([minute]).p90 == minute
    assert change(2 * minute, minute) == 100
    assert change(None, minute) is None


def test_weeks_begin_on_monday_as_those_of_action_items_do(world: World) -> None:
    world.traveller.move_to(datetime(2026, 1, 17, 12, tzinfo=UTC))  # a Saturday
    at = world.now - timedelta(hours=1)
    for _turn in range(2):
        incidents.declare(title="Slow", severity=world.severity("SEV3"), service=None, actor=world.admin, at=at)
    page = world.browser(world.admin).get("/insights/?days=7")
    assert page.context["weeks"] == [("5 Jan", 0), ("12 Jan", 2)]
