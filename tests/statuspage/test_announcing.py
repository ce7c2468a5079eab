"""What the public is told, and what it is never told."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test.utils import CaptureQueriesContext

from catalog.models import Service
from incidents import actions
from incidents.models import Incident
from statuspage.models import Announcement, AnnouncementUpdate, Component, StatusPage
from statuspage.publishing import announcements_due, pages_due
from tests.statuspage.reader import read
from tests.world import World


@pytest.fixture
def shop(world: World) -> World:
    """A default page with two components, one of them tied to the service Checkout."""
    world.tick()
    page = StatusPage.objects.get()
    service = world.service("Checkout")
    for position, name in enumerate(["Payments", "Search"]):
        component = page.components.create(name=name, position=position, created_at=world.now, changed_at=world.now)
        component.intervals.create(state="operational", started_at=world.now)
    page.components.get(name="Payments").services.add(service)
    return world


def later(world: World, **by: float) -> None:
    """That much later; nothing was due in between."""
    world.traveller.move_to(world.now + timedelta(**by))
    world.tick()


def declare(world: World, severity: str = "SEV2", title: str = "Cards are declined", **more: object) -> Incident:
    fields = {"service": Service.objects.filter(slug="checkout").first(), "private": False, "drill": False} | more
    return actions.declare(
        title=title,
        severity=world.severity(severity),
        actor=world.admin,
        at=world.now,
        **fields,  # type: ignore[arg-type]
    )


def tell(world: World, incident: Incident, text: str = "We are looking into it.", **more: object) -> None:
    actions.post_update(incident, audience="public", text=text, actor=world.admin, at=world.now, **more)  # type: ignore[arg-type]


def state(name: str) -> str:
    return Component.objects.get(name=name).state


def test_an_incident_nobody_told_the_public_about_stays_inside(shop: World) -> None:
    declare(shop, title="zebra quartz")
    actions.post_update(Incident.objects.get(), audience="internal", text="walrus onyx", actor=shop.admin, at=shop.now)
    shop.advance(seconds=10)
    everything = everything_written(shop)
    assert "zebra" not in everything
    assert "walrus" not in everything
    assert state("Payments") == "operational"


def test_a_public_update_shows_the_incident_on_the_page_its_feeds_and_its_json(shop: World) -> None:
    incident = declare(shop)
    tell(
        shop,
        incident,
        "Some cards are declined.\n\nWe are looking into it.",
        next_update_at=shop.now + timedelta(minutes=30),
    )
    shop.advance(seconds=4)
    page = read("/status/").text
    assert "Cards are declined" in page
    assert "Some cards are declined." in page
    assert "09:30 UTC" in page
    assert "Some systems are out" in page
    summary = read("/status/api/v2/summary.json").json
    assert summary["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert [one["name"] for one in summary["incidents"]] == ["Cards are declined"]
    assert [(one["name"], one["status"]) for one in summary["components"]] == [
        ("Payments", "partial_outage"),
        ("Search", "operational"),
    ]
    for feed in ("atom", "rss"):
        assert "Cards are declined" in read(f"/status/history.{feed}").text
    own = summary["incidents"][0]["shortlink"].partition("/status/")[2]
    assert "Some cards are declined." in read(f"/status/{own}").text
    assert "Cards are declined" in read("/status/history/2026-01/").text


@pytest.mark.parametrize(
    ("severity", "said", "impact"),
    [
        ("SEV1", "major_outage", "critical"),
        ("SEV2", "partial_outage", "major"),
        ("SEV3", "degraded", "minor"),
        ("SEV4", "operational", "none"),
    ],
)
def test_the_severity_says_how_the_component_is(shop: World, severity: str, said: str, impact: str) -> None:
    tell(shop, declare(shop, severity))
    shop.tick()
    assert state("Payments") == said
    assert state("Search") == "operational"
    assert Announcement.objects.get().impact == impact


def test_a_changed_severity_moves_the_component_with_it(shop: World) -> None:
    incident = declare(shop, "SEV3")
    tell(shop, incident)
    shop.tick()
    actions.change_severity(incident, shop.severity("SEV1"), actor=shop.admin, at=shop.now)
    shop.tick()
    assert state("Payments") == "major_outage"


def test_resolving_is_announced_even_without_words_and_the_component_is_well_again(shop: World) -> None:
    incident = declare(shop)
    tell(shop, incident)
    later(shop, minutes=10)
    actions.resolve(incident, actor=shop.admin, at=shop.now)
    shop.tick()
    row = Announcement.objects.get()
    assert (row.status, row.resolved_at) == ("resolved", shop.now)
    assert row.updates.first().text == "This incident has been resolved."
    assert state("Payments") == "operational"
    assert read("/status/api/v2/status.json").json["status"]["indicator"] == "none"
    assert read("/status/api/v2/incidents/unresolved.json").json["incidents"] == []
    before = AnnouncementUpdate.objects.count()
    shop.advance(seconds=20)
    actions.close(incident, actor=shop.admin, at=shop.now)
    shop.advance(seconds=20)
    assert AnnouncementUpdate.objects.count() == before


def test_an_incident_that_was_never_announced_resolves_in_silence(shop: World) -> None:
    actions.resolve(declare(shop), actor=shop.admin, at=shop.now)
    shop.tick()
    assert not Announcement.objects.exists()


def test_a_component_stays_bad_while_another_open_announcement_says_so(shop: World) -> None:
    one, two = declare(shop, "SEV1"), declare(shop, "SEV3")
    tell(shop, one)
    tell(shop, two)
    shop.tick()
    assert state("Payments") == "major_outage"
    actions.resolve(one, actor=shop.admin, at=shop.now)
    shop.tick()
    assert state("Payments") == "degraded"
    actions.resolve(two, actor=shop.admin, at=shop.now)
    shop.tick()
    assert state("Payments") == "operational"


def test_downtime_counts_from_when_the_incident_began_until_it_was_resolved(shop: World) -> None:
    later(shop, hours=2)
    incident = declare(shop, "SEV1")
    later(shop, minutes=6)
    tell(shop, incident)
    later(shop, minutes=54)
    actions.resolve(incident, actor=shop.admin, at=shop.now)
    later(shop, hours=2)
    spans = [
        (row.state, row.ended_at - row.started_at if row.ended_at else None)
        for row in Component.objects.get(name="Payments").intervals.all()
    ]
    assert spans == [("operational", timedelta(hours=2)), ("major_outage", timedelta(hours=1)), ("operational", None)]
    assert "5 Jan: 1 h of major outage" in read("/status/").text
    assert "80 % uptime" in read("/status/").text


def test_a_new_title_is_followed(shop: World) -> None:
    incident = declare(shop)
    tell(shop, incident)
    shop.tick()
    actions.rename(incident, title="Card payments fail", actor=shop.admin, at=shop.now)
    shop.tick()
    assert "Card payments fail" in read("/status/").text
    assert "Cards are declined" not in read("/status/").text


def test_a_reopened_incident_is_open_again_in_public_with_a_word(shop: World) -> None:
    incident = declare(shop)
    tell(shop, incident)
    shop.tick()
    actions.resolve(incident, actor=shop.admin, at=shop.now)
    later(shop, minutes=5)
    actions.reopen(incident, actor=shop.admin, at=shop.now)
    shop.tick()
    row = Announcement.objects.get()
    assert (row.status, row.resolved_at) == ("investigating", None)
    assert row.updates.first().text == "The problem has come back. We are investigating."
    assert state("Payments") == "partial_outage"


def test_an_incident_of_no_known_component_stands_on_the_default_page_without_one(shop: World) -> None:
    tell(shop, declare(shop, "SEV1", service=None, title="Everything is slow"))
    shop.tick()
    told = read("/status/api/v2/summary.json").json
    assert told["incidents"][0]["components"] == []
    assert told["status"]["indicator"] == "critical"
    assert {one["status"] for one in told["components"]} == {"operational"}


def test_an_incident_is_announced_on_the_pages_of_its_components_alone(shop: World) -> None:
    other = StatusPage.objects.create(name="Partners", slug="partners", changed_at=shop.now)
    gateway = other.components.create(name="Gateway", created_at=shop.now, changed_at=shop.now)
    gateway.services.add(shop.service("Gateway"))
    tell(shop, declare(shop, service=Service.objects.get(slug="gateway"), title="Gateway is down"))
    tell(shop, declare(shop, title="Cards are declined"))
    shop.tick()
    assert "Gateway is down" in read("/status/partners/").text
    assert "Gateway is down" not in read("/status/").text
    assert "Cards are declined" not in read("/status/partners/").text
    assert "Cards are declined" not in read("/status/partners/api/v2/incidents.json").text


def test_nothing_is_announced_twice(shop: World) -> None:
    incident = declare(shop)
    tell(shop, incident, "One.")
    shop.advance(seconds=20)
    tell(shop, incident, "Two.")
    shop.advance(seconds=20)
    assert [row.text for row in AnnouncementUpdate.objects.all()] == ["Two.", "One."]
    written = StatusPage.objects.get()
    assert announcements_due(shop.now) == 0
    assert pages_due(shop.now) == 0
    assert StatusPage.objects.get().written_at == written.written_at


def test_private_incidents_and_drills_leave_no_trace(shop: World) -> None:
    """The words are random; they must be found in no public file, whole tree, every format."""
    hidden = declare(shop, title="vermilion okapi", private=True)
    drill = declare(shop, title="cobalt tapir", drill=True)
    for incident in (hidden, drill):
        with pytest.raises(Exception, match="private|drill"):
            tell(shop, incident, "umber pangolin")
    later = declare(shop, title="saffron quokka")
    tell(shop, later, "teal axolotl")
    shop.tick()
    assert "saffron quokka" in everything_written(shop)
    actions.set_visibility(later, private=True, actor=shop.admin, at=shop.now)
    shop.tick()
    everything = everything_written(shop)
    for word in ("okapi", "tapir", "pangolin", "quokka", "axolotl"):
        assert word not in everything
    assert state("Payments") == "operational"


def test_nothing_internal_is_in_any_public_file(shop: World) -> None:
    later(shop, days=1)
    responder = shop.person("Wilhelmina Unterberg")
    incident = declare(shop, summary="db-internal-7 is out of disk")
    actions.take_role(incident, "commander", person=responder, actor=responder, at=shop.now)
    actions.add_note(incident, "the root password is hunter2", actor=responder, at=shop.now)
    tell(shop, incident)
    shop.tick()
    everything = everything_written(shop)
    for secret in ("INC-", "Wilhelmina", "db-internal-7", "hunter2", "SEV2", "Checkout", "checkout", "Ada Admin"):
        assert secret not in everything
    row = Announcement.objects.get()
    for document in ("summary", "incidents", "components"):
        body = read(f"/status/api/v2/{document}.json").json
        assert all(isinstance(one, str) and len(one) == 12 for one in ids_in(body))
    assert row.public_id in everything


def test_hostile_words_stay_words(shop: World) -> None:
    hostile = "<script>alert(1)</script> & \x0b\ufffe ]]> ![x](https://evil.example/x.png)"
    incident = declare(shop, title="<img src=x onerror=alert(1)>\x08")
    tell(shop, incident, hostile)
    shop.tick()
    Announcement.objects.update(title="broken \ufffe\x08 <b>title")
    StatusPage.objects.all().changed(shop.now)
    shop.tick()
    for page in ("/status/", "/status/history/"):
        text = read(page).text
        assert "<script" not in text
        assert "<img" not in text
        assert "evil.example" not in text or "<a" in text
    for feed in ("atom", "rss"):
        ElementTree.fromstring(read(f"/status/history.{feed}").body)


def test_an_idle_sweep_asks_few_questions(shop: World, django_assert_max_num_queries: CaptureQueriesContext) -> None:
    for _ in range(3):
        tell(shop, declare(shop))
    shop.tick()
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        pages_due(shop.now)


def everything_written(world: World) -> str:
    """Every public file there is, in one text."""
    root = Path(world.settings.STATUS_ROOT)
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix not in {".br", ".gz"}]
    return "\n".join(f"{path}\n{path.read_text()}" for path in files)


def ids_in(body: object) -> list[object]:
    if isinstance(body, dict):
        own = [value for key, value in body.items() if key in {"id", "page_id", "incident_id", "code"}]
        return own + [one for value in body.values() for one in ids_in(value)]
    if isinstance(body, list):
        return [one for value in body for one in ids_in(value)]
    return []
