"""What the public is told, and what it is never told."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test.utils import CaptureQueriesContext

from catalog.models import Service
from incidents import actions, public
from incidents.models import Incident
from statuspage import announcing
from statuspage.models import Announcement, AnnouncementUpdate, Component, StatusPage
from statuspage.publishing import announcements_due, pages_due
from tests.statuspage.conftest import Shop
from tests.statuspage.reader import read
from tests.world import World


def test_an_incident_nobody_told_the_public_about_stays_inside(shop: Shop) -> None:
    shop.declare(title="zebra quartz")
    actions.post_update(
        Incident.objects.get(), audience="internal", text="walrus onyx", actor=shop.world.admin, at=shop.world.now
    )
    shop.world.advance(seconds=10)
    everything = everything_written(shop.world)
    assert "zebra" not in everything
    assert "walrus" not in everything
    assert shop.state("Payments") == "operational"


def test_today_is_not_called_quiet_while_an_incident_is_open(shop: Shop) -> None:
    incident = shop.declare(title="Cards fail")
    shop.tell(incident)
    shop.world.tick()
    today = read("/status/").text.split('id="past"')[1].split("</li>")[0]
    assert "not over yet" in today
    assert "No incidents." not in today


def test_a_page_without_components_does_not_say_what_is_out(shop: Shop) -> None:
    Component.objects.all().delete()
    shop.tell(shop.declare())
    shop.world.tick()
    text = read("/status/").text
    assert "There is an open incident" in text
    assert "Some systems" not in text


def test_a_public_update_shows_the_incident_on_the_page_its_feeds_and_its_json(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(
        incident,
        "Some cards are declined.\n\nWe are looking into it.",
        next_update_at=shop.world.now + timedelta(minutes=30),
    )
    shop.world.advance(seconds=4)
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
def test_the_severity_says_how_the_component_is(shop: Shop, severity: str, said: str, impact: str) -> None:
    shop.tell(shop.declare(severity))
    shop.world.tick()
    assert shop.state("Payments") == said
    assert shop.state("Search") == "operational"
    assert Announcement.objects.get().impact == impact


def test_a_changed_severity_moves_the_component_with_it(shop: Shop) -> None:
    incident = shop.declare("SEV3")
    shop.tell(incident)
    shop.world.tick()
    actions.change_severity(incident, shop.world.severity("SEV1"), actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    assert shop.state("Payments") == "major_outage"


def test_resolving_is_announced_even_without_words_and_the_component_is_well_again(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(incident)
    shop.later(minutes=10)
    actions.resolve(incident, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    row = Announcement.objects.get()
    assert (row.status, row.resolved_at) == ("resolved", shop.world.now)
    assert row.updates.first().text == "This incident has been resolved."
    assert shop.state("Payments") == "operational"
    assert read("/status/api/v2/status.json").json["status"]["indicator"] == "none"
    assert read("/status/api/v2/incidents/unresolved.json").json["incidents"] == []
    before = AnnouncementUpdate.objects.count()
    shop.world.advance(seconds=20)
    actions.close(incident, actor=shop.world.admin, at=shop.world.now)
    shop.world.advance(seconds=20)
    assert AnnouncementUpdate.objects.count() == before


def test_an_incident_that_was_never_announced_resolves_in_silence(shop: Shop) -> None:
    actions.resolve(shop.declare(), actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    assert not Announcement.objects.exists()


def test_a_component_stays_bad_while_another_open_announcement_says_so(shop: Shop) -> None:
    one, two = shop.declare("SEV1"), shop.declare("SEV3")
    shop.tell(one)
    shop.tell(two)
    shop.world.tick()
    assert shop.state("Payments") == "major_outage"
    actions.resolve(one, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    assert shop.state("Payments") == "degraded"
    actions.resolve(two, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    assert shop.state("Payments") == "operational"


def test_downtime_counts_from_when_the_incident_began_until_it_was_resolved(shop: Shop) -> None:
    shop.later(hours=2)
    incident = shop.declare("SEV1")
    shop.later(minutes=6)
    shop.tell(incident)
    shop.later(minutes=54)
    actions.resolve(incident, actor=shop.world.admin, at=shop.world.now)
    shop.later(hours=22)
    spans = [
        (row.state, row.ended_at - row.started_at if row.ended_at else None)
        for row in Component.objects.get(name="Payments").intervals.all()
    ]
    assert spans == [("operational", timedelta(hours=2)), ("major_outage", timedelta(hours=1)), ("operational", None)]
    assert "5 Jan: 1 h of major outage" in read("/status/").text
    assert "96 % uptime in 90 days" in read("/status/").text


def test_a_new_title_is_followed(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(incident)
    shop.world.tick()
    actions.rename(incident, title="Card payments fail", actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    assert "Card payments fail" in read("/status/").text
    assert "Cards are declined" not in read("/status/").text


def test_a_reopened_incident_is_open_again_in_public_with_a_word(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(incident)
    shop.world.tick()
    actions.resolve(incident, actor=shop.world.admin, at=shop.world.now)
    shop.later(minutes=5)
    actions.reopen(incident, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    row = Announcement.objects.get()
    assert (row.status, row.resolved_at) == ("investigating", None)
    assert row.updates.first().text == "The problem has come back. We are investigating."
    assert shop.state("Payments") == "partial_outage"


def test_an_incident_of_no_known_component_stands_on_the_default_page_without_one(shop: Shop) -> None:
    shop.tell(shop.declare("SEV1", service=None, title="Everything is slow"))
    shop.world.tick()
    told = read("/status/api/v2/summary.json").json
    assert told["incidents"][0]["components"] == []
    assert told["status"]["indicator"] == "critical"
    assert {one["status"] for one in told["components"]} == {"operational"}


def test_an_incident_is_announced_on_the_pages_of_its_components_alone(shop: Shop) -> None:
    other = StatusPage.objects.create(name="Partners", slug="partners", changed_at=shop.world.now)
    gateway = other.components.create(name="Gateway", created_at=shop.world.now, changed_at=shop.world.now)
    gateway.services.add(shop.world.service("Gateway"))
    shop.tell(shop.declare(service=Service.objects.get(slug="gateway"), title="Gateway is down"))
    shop.tell(shop.declare(title="Cards are declined"))
    shop.world.tick()
    assert "Gateway is down" in read("/status/partners/").text
    assert "Gateway is down" not in read("/status/").text
    assert "Cards are declined" not in read("/status/partners/").text
    assert "Cards are declined" not in read("/status/partners/api/v2/incidents.json").text


def test_nothing_is_announced_twice(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(incident, "One.")
    shop.world.advance(seconds=20)
    shop.tell(incident, "Two.")
    shop.world.advance(seconds=20)
    assert [row.text for row in AnnouncementUpdate.objects.all()] == ["Two.", "One."]
    written = StatusPage.objects.get()
    assert announcements_due(shop.world.now) == 0
    assert pages_due(shop.world.now) == 0
    assert StatusPage.objects.get().written_at == written.written_at


def test_what_was_read_too_early_undoes_nothing_that_was_told_since(shop: Shop) -> None:
    incident = shop.declare()
    shop.tell(incident)
    shop.world.tick()
    early = public.find(incident.pk)
    assert early is not None
    actions.resolve(incident, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    announcing.announce(early, at=shop.world.now)
    row = Announcement.objects.get()
    assert row.status == "resolved"
    assert [update.status for update in row.updates.all()] == ["resolved", "investigating"]
    actions.set_visibility(incident, private=True, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    announcing.announce(early, at=shop.world.now)
    assert not Announcement.objects.exists()


def test_private_incidents_and_drills_leave_no_trace(shop: Shop) -> None:
    """The words are random; they must be found in no public file, whole tree, every format."""
    hidden = shop.declare(title="vermilion okapi", private=True)
    drill = shop.declare(title="cobalt tapir", drill=True)
    for incident in (hidden, drill):
        with pytest.raises(Exception, match=r"private|drill"):
            shop.tell(incident, "umber pangolin")
    later = shop.declare(title="saffron quokka")
    shop.tell(later, "teal axolotl")
    shop.world.tick()
    assert "saffron quokka" in everything_written(shop.world)
    actions.set_visibility(later, private=True, actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    everything = everything_written(shop.world)
    for word in ("okapi", "tapir", "pangolin", "quokka", "axolotl"):
        assert word not in everything
    assert shop.state("Payments") == "operational"


def test_nothing_internal_is_in_any_public_file(shop: Shop) -> None:
    shop.later(days=1)
    responder = shop.world.person("Wilhelmina Unterberg")
    incident = shop.declare(summary="db-internal-7 is out of disk")
    actions.take_role(incident, "commander", person=responder, actor=responder, at=shop.world.now)
    actions.add_note(incident, "the root password is hunter2", actor=responder, at=shop.world.now)
    shop.tell(incident)
    shop.world.tick()
    everything = everything_written(shop.world)
    for secret in ("INC-", "Wilhelmina", "db-internal-7", "hunter2", "SEV2", "Checkout", "checkout", "Ada Admin"):
        assert secret not in everything
    row = Announcement.objects.get()
    for document in ("summary", "incidents", "components"):
        body = read(f"/status/api/v2/{document}.json").json
        assert all(isinstance(one, str) and len(one) == 12 for one in ids_in(body))
    assert row.public_id in everything


def test_hostile_words_stay_words(shop: Shop) -> None:
    hostile = "<script>alert(1)</script> & \x0b\ufffe ]]> ![x](https://evil.example/x.png)"
    incident = shop.declare(title="<img src=x onerror=alert(1)>\x08")
    shop.tell(incident, hostile)
    shop.world.tick()
    Announcement.objects.update(title="broken \ufffe\x08 <b>title")
    StatusPage.objects.all().changed(shop.world.now)
    shop.world.tick()
    for page in ("/status/", "/status/history/"):
        text = read(page).text
        assert "<script" not in text
        assert "<img" not in text
        assert "evil.example" not in text or "<a" in text
    for feed in ("atom", "rss"):
        ElementTree.fromstring(read(f"/status/history.{feed}").body)


def test_an_idle_sweep_asks_few_questions(shop: Shop, django_assert_max_num_queries: CaptureQueriesContext) -> None:
    for _ in range(3):
        shop.tell(shop.declare())
    shop.world.tick()
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        pages_due(shop.world.now)


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
