"""The home page answers: what is burning, who is on call, what do I owe."""

from datetime import date, timedelta

from incidents import actions as incidents
from incidents import paging
from incidents.models import Role
from postmortems.models import ActionItem
from tests.world import World


def test_an_empty_installation_shows_its_administrator_the_way_to_the_first_page(world: World) -> None:
    page = world.browser(world.admin).get("/").content.decode()
    assert "From here to the first page" in page
    assert "Nothing is burning" in page
    assert "Welcome to Muster" in page
    assert "All quiet" not in page


def test_what_burns_stands_there_the_worst_first(world: World) -> None:
    for title, code in (("Slow search", "SEV3"), ("Cards fail", "SEV1")):
        incidents.declare(title=title, severity=world.severity(code), service=None, actor=world.admin, at=world.now)
    page = world.browser(world.person("Rae Responder")).get("/").content.decode()
    assert page.index("Cards fail") < page.index("Slow search")
    assert "2 incidents are open" in page


def test_a_private_incident_burns_only_for_those_it_admits(world: World) -> None:
    incidents.declare(
        title="zebra quartz leak",
        severity=world.severity("SEV1"),
        service=None,
        actor=world.admin,
        at=world.now,
        private=True,
    )
    assert "zebra" in world.browser(world.admin).get("/").content.decode()
    page = world.browser(world.person("Ola Outside")).get("/").content.decode()
    assert "zebra" not in page
    assert "All quiet" in page


def test_what_i_owe_is_mine_roles_items_and_pages(world: World) -> None:
    rae, other = world.person("Rae Responder"), world.person("Oto Other")
    incident = incidents.declare(
        title="Cards fail", severity=world.severity("SEV2"), service=None, actor=world.admin, at=world.now
    )
    incidents.take_role(incident, Role.COMMANDER, person=rae, actor=rae, at=world.now)
    for owner, title in ((rae, "Rotate the keys"), (other, "Water the plants")):
        ActionItem.objects.create(title=title, owner=owner, due_on=date(2026, 1, 2), created_at=world.now)
    page = world.browser(rae).get("/").content.decode()
    assert "Commander: Cards fail" in page
    assert "Rotate the keys" in page
    assert "Overdue" in page
    assert "Water the plants" not in page


def test_somebody_signed_out_is_led_to_sign_in(client, world: World) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_what_was_resolved_this_week_stands_there(world: World) -> None:
    incident = incidents.declare(
        title="Cards fail", severity=world.severity("SEV2"), service=None, actor=world.admin, at=world.now
    )
    incidents.resolve(incident, actor=world.admin, at=world.now + timedelta(minutes=5))
    assert "Cards fail" in world.browser(world.admin).get("/").content.decode()


def test_who_answered_a_page_is_reminded_to_accept_or_decline(world: World) -> None:
    rae = world.person("Rae Responder")
    incident = incidents.declare(
        title="Cards fail",
        severity=world.severity("SEV2"),
        service=None,
        actor=None,
        at=world.now,
        origin="alert",
        actor_name="Alertmanager",
    )
    paging.page(incident, rae, reason="on call", at=world.now)
    assert "Answer the page: Cards fail" in world.browser(rae).get("/").content.decode()
    incidents.acknowledge(incident, actor=rae, at=world.now)
    assert "You are on it, now accept or decline: Cards fail" in world.browser(rae).get("/").content.decode()
