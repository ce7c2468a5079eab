"""The people who keep public pages: what they can change, and what a wrong value gets."""

import re
import shutil

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from incidents import actions as room
from incidents.models import Incident, Update
from statuspage.models import Announcement, Component, StatusPage
from tests.statuspage.conftest import Shop
from tests.statuspage.reader import read
from tests.world import World

PAGE = {"name": "Partners", "slug": "", "description": "", "time_zone": "Europe/Berlin", "language": "en"}


def test_every_page_is_listed_with_what_it_says(shop: Shop) -> None:
    text = shop.world.browser(shop.world.admin).get(reverse("statuspage:pages")).content.decode()
    assert "Status" in text
    assert "Operational" in text
    assert 'href="/status-pages/main/"' in text


def test_a_page_is_added_with_its_own_address_and_files(shop: Shop) -> None:
    browser = shop.world.browser(shop.world.admin)
    assert browser.get(reverse("statuspage:add-page")).status_code == 200
    answer = browser.post(reverse("statuspage:add-page"), PAGE)
    assert answer.headers["location"] == "/status-pages/partners/"
    shop.world.tick()
    assert "Partners" in read("/status/partners/").text
    assert "Partners" not in read("/status/").text
    assert AuditEntry.objects.filter(verb="add status page").exists()


@pytest.mark.parametrize(
    "slug", ["history", "api", "assets", "incidents", "new", "main", "MAIN", "two words", "a/b", ""]
)
def test_an_address_that_cannot_be_is_refused_at_its_field_and_what_was_typed_is_kept(shop: Shop, slug: str) -> None:
    browser = shop.world.browser(shop.world.admin)
    typed = PAGE | {"slug": slug, "name": "History" if slug == "history" else "Typed name"}
    answer = browser.post(reverse("statuspage:add-page"), typed)
    if not slug:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert typed["name"] in answer.content.decode()
    assert StatusPage.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Base"), ("name", ""), ("name", "x" * 121), ("language", "xx")]
)
def test_other_wrong_values_too(shop: Shop, field: str, value: str) -> None:
    answer = shop.world.browser(shop.world.admin).post(reverse("statuspage:add-page"), PAGE | {field: value})
    assert answer.status_code == 422


def test_an_edited_page_moves_its_files(shop: Shop) -> None:
    browser = shop.world.browser(shop.world.admin)
    browser.post(reverse("statuspage:add-page"), PAGE)
    shop.world.tick()
    where = reverse("statuspage:edit-page", kwargs={"slug": "partners"})
    assert browser.get(where).status_code == 200
    browser.post(where, PAGE | {"slug": "friends", "name": "Friends"})
    shop.world.tick()
    assert "Friends" in read("/status/friends/").text
    assert read("/status/partners/").status == 404


def test_another_page_becomes_the_default(shop: Shop) -> None:
    browser = shop.world.browser(shop.world.admin)
    browser.post(reverse("statuspage:add-page"), PAGE)
    shop.world.tick()
    browser.post(reverse("statuspage:default-page", kwargs={"slug": "partners"}))
    shop.world.tick()
    assert "Partners" in read("/status/").text
    assert "Payments" in read("/status/main/").text
    assert read("/status/partners/").headers["location"] == "/status/"


def test_the_default_page_cannot_be_removed_and_another_one_can(shop: Shop) -> None:
    browser = shop.world.browser(shop.world.admin)
    refused = browser.post(reverse("statuspage:remove-page", kwargs={"slug": "main"}))
    assert refused.status_code == 409
    assert "must be one" in refused.content.decode()
    browser.post(reverse("statuspage:add-page"), PAGE)
    shop.world.tick()
    browser.post(reverse("statuspage:remove-page", kwargs={"slug": "partners"}))
    shop.world.tick()
    assert read("/status/partners/").status == 404
    assert read("/status/").status == 200


def test_a_component_is_added_changed_moved_and_removed(shop: Shop) -> None:
    browser = shop.world.browser(shop.world.admin)
    where = reverse("statuspage:add-component", kwargs={"slug": "main"})
    assert browser.get(where).status_code == 200
    typed = {"name": "Mail", "group": "Extras", "description": "Receipts", "services": [shop.checkout.pk]}
    assert browser.post(where, typed).status_code == 302
    mail = Component.objects.get(name="Mail")
    assert list(mail.services.all()) == [shop.checkout]
    assert browser.post(where, typed).status_code == 422
    edit = reverse("statuspage:edit-component", kwargs={"pk": mail.pk})
    assert "Receipts" in browser.get(edit).content.decode()
    browser.post(edit, typed | {"name": "E-mail", "services": []})
    mail.refresh_from_db()
    assert (mail.name, mail.services.count()) == ("E-mail", 0)
    for to in ("up", "up", "up", "down"):
        browser.post(reverse("statuspage:component-place", kwargs={"pk": mail.pk}), {"to": to})
    assert [row.name for row in shop.page.components.all()] == ["Payments", "E-mail", "Search"]
    shop.world.tick()
    assert "Extras" in read("/status/").text
    browser.post(reverse("statuspage:remove-component", kwargs={"pk": mail.pk}))
    shop.world.tick()
    assert "E-mail" not in read("/status/").text


def test_a_persons_word_goes_before_the_incidents_until_it_is_taken_back(shop: Shop) -> None:
    responder = shop.world.person("Rita Responder")
    browser = shop.world.browser(responder)
    where = reverse("statuspage:component-state", kwargs={"pk": shop.payments.pk})
    assert browser.get(where).status_code == 200
    wrong = browser.post(where, {"state": "maintenance", "reason": ""})
    assert wrong.status_code == 422
    browser.post(where, {"state": "maintenance", "reason": "moving hall-7"})
    assert shop.state("Payments") == "maintenance"
    shop.tell(shop.declare("SEV1"))
    shop.world.tick()
    assert shop.state("Payments") == "maintenance"
    page = browser.get(reverse("statuspage:page", kwargs={"slug": "main"})).content.decode()
    assert "moving hall-7" in page
    assert "hall-7" not in read("/status/").text
    browser.post(reverse("statuspage:component-follow", kwargs={"pk": shop.payments.pk}))
    assert shop.state("Payments") == "major_outage"


def test_a_viewer_changes_nothing_and_a_responder_no_configuration(shop: Shop) -> None:
    viewer, responder = shop.world.person("Vic Viewer", role="viewer"), shop.world.person("Rita Responder")
    assert shop.world.browser(viewer).get(reverse("statuspage:page", kwargs={"slug": "main"})).status_code == 200
    for browser, name in (
        (shop.world.browser(viewer), reverse("statuspage:component-state", kwargs={"pk": shop.payments.pk})),
        (shop.world.browser(responder), reverse("statuspage:add-page")),
        (shop.world.browser(responder), reverse("statuspage:add-component", kwargs={"slug": "main"})),
        (shop.world.browser(responder), reverse("statuspage:edit-component", kwargs={"pk": shop.payments.pk})),
    ):
        assert browser.get(name).status_code == 403
        assert browser.post(name, PAGE).status_code == 403


def test_a_page_that_cannot_be_written_says_so_to_its_keepers_and_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.world.tick()
    with monkeypatch.context() as broken:
        broken.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        StatusPage.objects.all().changed(shop.world.now)
        shop.world.tick()
    browser = shop.world.browser(shop.world.admin)
    where = reverse("statuspage:page", kwargs={"slug": "main"})
    assert "No space left on device" in browser.get(where).content.decode()
    assert read("/status/").status == 200
    shop.later(seconds=21)
    assert "No space left" not in browser.get(where).content.decode()
    assert StatusPage.objects.get().written_revision == StatusPage.objects.get().revision


def test_lost_files_are_written_again(shop: Shop) -> None:
    shutil.rmtree(shop.world.settings.STATUS_ROOT)
    assert read("/status/").status == 404
    shop.world.tick()
    assert read("/status/").status == 200


def test_the_bars_move_on_when_the_day_does(shop: Shop) -> None:
    shop.later(hours=1)
    before = re.findall(r"<title>(\d+ \w+): operational", read("/status/").text)
    shop.later(days=1)
    after = re.findall(r"<title>(\d+ \w+): operational", read("/status/").text)
    assert before[-1] == "5 Jan"
    assert after[-1] == "6 Jan"


# The war room


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


# Programs


def test_a_program_keeps_pages_and_components(world: World) -> None:
    world.tick()
    program = world.program()
    made = program.post("/status-pages/", {"name": "Partners", "time_zone": "Europe/Berlin"})
    assert made.status_code == 201
    body = made.json()
    assert (body["slug"], body["is_default"], body["state"]) == ("partners", False, "operational")
    assert body["url"].endswith("/status/partners/")
    gateway = world.service("Gateway")
    component = program.post("/components", {"page": "partners", "name": "Gateway", "services": ["gateway"]})
    assert component.status_code == 201
    assert component.json()["services"] == [gateway.pk]
    where = f"/components/{component.json()['id']}"
    assert program.patch(where, {"group": "Edge"}).json()["group"] == "Edge"
    told = program.post(f"{where}/state", {"state": "degraded", "reason": "slow"}).json()
    assert (told["state"], told["by_hand"]) == ("degraded", True)
    assert program.get("/status-pages/partners").json()["state"] == "degraded"
    assert program.post(f"{where}/follow-incidents/").json()["state"] == "operational"
    assert [row["name"] for row in program.get("/components/", page="partners").json()["results"]] == ["Gateway"]
    assert program.patch("/status-pages/partners/", {"is_default": True}).json()["url"].endswith("/status/")
    assert program.patch("/status-pages/partners/", {"is_default": False}).status_code == 400
    assert program.delete(where).status_code == 204
    assert program.delete("/status-pages/partners/").status_code == 409
    assert program.delete("/status-pages/main/").status_code == 204


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/status-pages/", {}),
        ("/status-pages/", {"name": "x", "slug": "history"}),
        ("/status-pages/", {"name": "x", "slug": "7"}),
        ("/status-pages/", {"name": "x", "time_zone": "Mars/Base"}),
        ("/status-pages/", {"name": ["x"]}),
        ("/components/", {"page": "main"}),
        ("/components/", {"page": "nowhere", "name": "x"}),
        ("/components/", {"page": "main", "name": ""}),
        ("/components/", {"page": "main", "name": "x", "services": ["nothing"]}),
        ("/components/", {"page": "main", "name": "x", "position": -1}),
        ("/components/", {"page": "main", "name": "Payments"}),
        ("/components/1000000000/state/", {"state": "degraded", "reason": "x"}),
    ],
)
def test_a_program_with_a_wrong_value_is_told_so(shop: Shop, path: str, body: object) -> None:
    answer = shop.world.program().post(path, body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    assert answer["content-type"] == "application/problem+json"


def test_programs_of_responders_set_states_and_nothing_else(shop: Shop) -> None:
    program = shop.world.program(shop.world.person("Rita Responder"))
    where = f"/components/{shop.payments.pk}"
    assert program.post(f"{where}/state/", {"state": "degraded", "reason": "x"}).status_code == 200
    assert program.post(f"{where}/state/", {"state": "gone", "reason": "x"}).status_code == 400
    assert program.patch(f"{where}/", {"name": "x"}).status_code == 403
    assert program.post("/status-pages/", {"name": "x"}).status_code == 403
    assert program.get("/components/", state="wrong").status_code == 400
