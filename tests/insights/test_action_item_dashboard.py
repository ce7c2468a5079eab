"""The manager's dashboard of action items."""

import csv
from datetime import date, timedelta

import pytest

from incidents import actions as incidents
from postmortems.models import ActionItem
from tests.world import World

TODAY = date(2026, 1, 5)


def item(world: World, title: str, owner, *, due: int = 10, **fields) -> ActionItem:
    return ActionItem.objects.create(
        title=title, owner=owner, due_on=TODAY + timedelta(days=due), created_at=world.now - timedelta(days=3), **fields
    )


def rows(world: World, reader, query: str = "") -> list[str]:
    answer = world.browser(reader).get(f"/action-items.csv?{query}")
    lines = answer.content.decode().splitlines()
    return [row["what"] for row in csv.DictReader(lines)]


def test_overdue_items_are_counted_and_named(world: World) -> None:
    rae = world.person("Rae Responder")
    item(world, "Rotate the keys", rae, due=-2)
    item(world, "Write the runbook", rae, due=3)
    page = world.browser(world.admin).get("/action-items/").content.decode()
    assert "Rotate the keys" in page
    assert "1 overdue" in page


def test_filters_narrow_the_list_and_the_file_alike(world: World) -> None:
    rae, oto = world.person("Rae Responder"), world.person("Oto Other")
    world.team("Payments", oto)
    item(world, "Rotate the keys", rae, due=-2, priority="high")
    item(world, "Write the runbook", oto, due=3)
    item(world, "Buy a fire bell", rae, state="done", evidence="It rings.", finished_at=world.now)
    assert rows(world, world.admin) == ["Rotate the keys", "Write the runbook"]
    assert rows(world, world.admin, "show=overdue") == ["Rotate the keys"]
    assert rows(world, world.admin, "show=soon") == ["Write the runbook"]
    assert rows(world, world.admin, "show=done") == ["Buy a fire bell"]
    assert rows(world, world.admin, f"owner={rae.pk}&show=all") == ["Rotate the keys", "Buy a fire bell"]
    assert rows(world, world.admin, "priority=high") == ["Rotate the keys"]
    assert rows(world, world.admin, "q=runbook") == ["Write the runbook"]
    assert rows(world, world.admin, f"team={oto.teams.get().pk}") == ["Write the runbook"]


def test_items_of_a_private_incident_are_neither_listed_nor_counted_for_outsiders(world: World) -> None:
    incident = incidents.declare(
        title="zebra quartz leak",
        severity=world.severity("SEV1"),
        service=None,
        actor=world.admin,
        at=world.now,
        private=True,
    )
    item(world, "zebra cage", world.admin, due=-5, incident=incident)
    outsider = world.person("Ola Outside", role="manager")
    page = world.browser(outsider).get("/action-items/").content.decode()
    assert "zebra" not in page
    assert "1 overdue" not in page
    assert rows(world, outsider, "show=all") == []
    assert rows(world, world.admin) == ["zebra cage"]


def test_a_cell_cannot_become_a_formula(world: World) -> None:
    item(world, "=HYPERLINK(1)", world.person("Rae Responder"))
    assert rows(world, world.admin) == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("query", ["show=nonsense", "owner=999999", "team=x", "priority=☠", "q=" + "x" * 500])
def test_a_wrong_filter_is_a_sentence_at_its_field(world: World, query: str) -> None:
    item(world, "Rotate the keys", world.admin)
    answer = world.browser(world.admin).get(f"/action-items/?{query}")
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_a_wrong_page_number_shows_a_page(world: World, page: str) -> None:
    assert world.browser(world.admin).get(f"/action-items/?page={page}").status_code == 200
