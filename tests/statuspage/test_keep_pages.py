"""The people who keep public pages: what they can change, and what a wrong value gets."""

import re
import shutil

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from incidents import actions as room
from statuspage.models import Component, StatusPage
from tests.statuspage.conftest import Shop
from tests.statuspage.reader import read

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


def test_before_a_whole_day_of_record_there_is_no_figure(shop: Shop) -> None:
    incident = shop.declare("SEV1")
    shop.tell(incident)
    shop.later(hours=1)
    text = read("/status/").text
    assert "No record yet" in text
    assert "% uptime" not in text
    assert "No record yet; 1 day with trouble" in text
    assert "4 Jan: no record" in text
    assert "5 Jan: 1 h of major outage" in text
    keeper = shop.world.browser(shop.world.admin)
    page = reverse("statuspage:page", kwargs={"slug": shop.page.slug})
    assert "No record yet" in keeper.get(page).content.decode()
    room.resolve(incident, actor=shop.world.admin, at=shop.world.now)
    shop.later(hours=23)
    assert "95.83 % uptime in 90 days" in read("/status/").text


def test_the_bars_move_on_when_the_day_does(shop: Shop) -> None:
    shop.later(hours=1)
    before = re.findall(r"<title>(\d+ \w+): operational", read("/status/").text)
    shop.later(days=1)
    after = re.findall(r"<title>(\d+ \w+): operational", read("/status/").text)
    assert before[-1] == "5 Jan"
    assert after[-1] == "6 Jan"
