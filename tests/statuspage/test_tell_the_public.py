"""From the war room to the public: what is said, what is shown of it, and what never is."""

import pytest
from django.urls import reverse

from incidents import actions as room
from incidents.models import Incident, Update
from statuspage.models import Announcement
from tests.statuspage.conftest import Shop
from tests.statuspage.reader import read


def panel(shop: Shop, incident: Incident) -> str:
    where = reverse("statuspage:of-incident", kwargs={"reference": incident.reference})
    answer = shop.world.browser(shop.world.admin).get(where, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_war_room_shows_what_is_public_now(shop: Shop) -> None:
    incident = shop.declare()
    assert "The public does not know of this." in panel(shop, incident)
    shop.tell(incident)
    assert "on its way" in panel(shop, incident)
    shop.world.tick()
    text = panel(shop, incident)
    assert "Published" in text
    assert "Partial outage" in text
    whole = shop.world.browser(shop.world.admin).get(
        reverse("statuspage:of-incident", kwargs={"reference": incident.reference})
    )
    assert "<html" in whole.content.decode()


def typed(**more: object) -> dict[str, object]:
    return {
        "public_title": "Card payments fail",
        "text": "Cards work again in Europe.",
        "status": "identified",
        "next_minutes": "30",
    } | more


def test_a_public_update_is_composed_looked_at_and_published(shop: Shop) -> None:
    incident = shop.declare()
    browser = shop.world.browser(shop.world.person("Rita Responder"))
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    assert "Components on Status" in browser.get(where).content.decode()
    more = {f"component_{shop.search.pk}": "degraded"}
    seen = browser.post(where, typed(preview="1", **more)).content.decode()
    assert "As the public will see it" in seen
    assert "Cards work again in Europe." in seen
    assert not Update.objects.exists()
    answer = browser.post(where, typed(**more))
    assert answer.headers["location"] == f"/incidents/{incident.reference}/"
    incident.refresh_from_db()
    assert incident.status == "identified"
    assert (shop.state("Payments"), shop.state("Search")) == ("partial_outage", "degraded")
    assert "Being published" in panel(shop, incident)
    shop.world.tick()
    assert "Cards work again in Europe." in read("/status/").text
    assert Announcement.objects.get().updates.count() == 1
    shop.tell(incident, "Still so.")
    shop.world.tick()
    assert shop.state("Search") == "degraded"


def test_the_preview_speaks_as_the_page_does_in_its_zone_and_language_not_in_the_writers(shop: Shop) -> None:
    incident = shop.declare()
    writer = shop.world.person("Rita Responder", time_zone="Asia/Tokyo")
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    seen = shop.world.browser(writer).post(where, typed(preview="1")).content.decode().split("As the public will")[1]
    assert "5 Jan, 09:00 UTC" in seen
    assert "5 Jan, 09:30 UTC" in seen
    shop.page.language = "zh-hans"
    shop.page.save()
    seen = shop.world.browser(writer).post(where, typed(preview="1")).content.decode().split("As the public will")[1]
    assert "1月5日" in seen
    assert "已定位" in seen


def test_the_title_of_a_machine_is_never_offered_to_customers(shop: Shop) -> None:
    incident = shop.declare(title="HighErrorRate on db1.internal", origin="alert")
    room.accept(incident, actor=shop.world.admin, at=shop.world.now)
    browser = shop.world.browser(shop.world.admin)
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    parts = {"HX-Request": "true"}
    assert "db1.internal" not in browser.get(where, headers=parts).content.decode()
    assert browser.post(where, typed(public_title=""), headers=parts).status_code == 422
    assert "Card payments fail" in browser.post(where, typed(preview="1"), headers=parts).content.decode()
    browser.post(where, typed())
    shop.world.tick()
    assert "Card payments fail" in read("/status/").text
    assert "db1.internal" not in read("/status/").text + read("/status/history.atom").text
    assert 'value="Card payments fail"' in browser.get(where).content.decode()


def test_a_title_said_in_public_stays_when_the_incident_is_renamed_inside(shop: Shop) -> None:
    incident = shop.declare(title="Cards are declined")
    browser = shop.world.browser(shop.world.admin)
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    assert 'value="Cards are declined"' in browser.get(where).content.decode()
    browser.post(where, typed())
    room.rename(incident, title="pool exhausted on db1", actor=shop.world.admin, at=shop.world.now)
    shop.world.tick()
    shop.tell(incident, "Still so.")
    shop.world.tick()
    assert Announcement.objects.get().title == "Card payments fail"
    browser.post(where, typed(public_title="Card payments fail in Europe"))
    assert Announcement.objects.get().title == "Card payments fail in Europe"


def test_a_program_gives_the_public_title_with_its_update(shop: Shop) -> None:
    incident = shop.declare(title="HighErrorRate on db1.internal", origin="alert")
    program = shop.world.program()
    where = f"/incidents/{incident.reference}/updates"
    inside = {"audience": "internal", "text": "x", "public_title": "Cards"}
    assert program.post(where, inside).status_code == 400
    assert program.post(where, {"audience": "public", "text": "x", "public_title": "x" * 201}).status_code == 400
    said = program.post(where, {"audience": "public", "text": "We look.", "public_title": "Cards fail"})
    assert (said.status_code, said.json()["public_title"]) == (201, "Cards fail")
    shop.world.tick()
    assert Announcement.objects.get().title == "Cards fail"


def test_in_the_room_the_answer_is_the_rooms_own_message(shop: Shop) -> None:
    incident = shop.declare()
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    browser = shop.world.browser(shop.world.admin)
    assert browser.get(where, headers={"HX-Request": "true"}).content.decode().startswith("<form")
    answer = browser.post(where, typed(status="resolved"), headers={"HX-Request": "true"})
    assert set(answer.json()["parts"]) == {"statuspage-of-incident"}
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert shop.state("Payments") == "operational"


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"public_title": " "},
        {"public_title": "x" * 201},
        {"status": "fixed"},
        {"next_minutes": "7"},
        {"next_minutes": "soon"},
        {"text": "x" * 20_001},
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(shop: Shop, wrong: dict[str, str]) -> None:
    where = reverse("statuspage:tell", kwargs={"reference": shop.declare().reference})
    answer = shop.world.browser(shop.world.admin).post(where, typed(**wrong), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    if "text" not in wrong:
        assert "Cards work again in Europe." in answer.content.decode()
    assert not Update.objects.exists()


@pytest.mark.parametrize("secret", ["private", "drill"])
def test_nothing_is_told_of_private_incidents_and_drills_and_the_sentence_is_shown(shop: Shop, secret: str) -> None:
    incident = shop.declare(**{secret: True})
    assert secret in panel(shop, incident)
    assert "Tell the public" not in panel(shop, incident)
    where = reverse("statuspage:tell", kwargs={"reference": incident.reference})
    answer = shop.world.browser(shop.world.admin).post(where, typed(status="investigating"))
    assert answer.status_code == 422
    assert secret in answer.content.decode()
    assert "Cards work again in Europe." in answer.content.decode()
    assert not Update.objects.exists()


def test_the_public_side_of_a_private_incident_is_not_there_for_outsiders(shop: Shop) -> None:
    incident = shop.declare(private=True)
    outsider = shop.world.browser(shop.world.person("Olaf Outsider"))
    for name in ("of-incident", "tell"):
        where = reverse(f"statuspage:{name}", kwargs={"reference": incident.reference})
        assert outsider.get(where).status_code == 404
    assert outsider.post(where, typed()).status_code == 404
