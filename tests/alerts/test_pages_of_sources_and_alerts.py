"""Pages of alerts: what people see and press."""

import html
import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from alerts.models import AlertSource, Payload
from incidents import actions as incident_actions
from tests.alerts.machines import Machine, alert, group
from tests.world import World


def words(answer: object) -> str:
    return html.unescape(answer.content.decode())  # type: ignore[attr-defined]


def test_a_new_source_is_made_with_three_inputs_and_shows_its_key_exactly_once(world: World) -> None:
    world.service("Checkout")
    browser = world.browser(world.person("Mia Manager", role="manager"))
    assert browser.get("/alerts/sources/new/?service=checkout").status_code == 200
    form = {"name": "Prometheus, production", "kind": "alertmanager", "service": world.service("Search").pk}
    answer = browser.post("/alerts/sources/new/", form, follow=True)
    page = words(answer)
    source = AlertSource.objects.get()
    assert answer.redirect_chain[-1][0] == f"/alerts/sources/{source.pk}/"
    (url,) = set(re.findall(rf"{world.settings.PUBLIC_URL}/in/alertmanager/in_[a-z2-7]{{32}}", page))
    assert f"- url: {url}\n        send_resolved: true" in page
    assert "no-store" in answer.headers["Cache-Control"]
    again = words(browser.get(f"/alerts/sources/{source.pk}/"))
    assert url not in again
    assert f"in_{source.keys.get().prefix}…" in again
    assert AuditEntry.objects.filter(verb="create alert source", subject__contains="Prometheus").exists()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "x" * 121}, "121 characters, and 120 have room"),
        ({"name": "taken"}, "There is a source called “taken” already."),
        ({"kind": "pigeon"}, "Choose one of those"),
        ({"service": "0"}, "Choose one of those"),
        ({"service": "many"}, "Choose one of those"),
        ({"service": str(10**30)}, "Choose one of those"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_what_was_typed_stays(world: World, form: dict, sentence: str) -> None:
    from alerts.actions import create_source

    service = world.service("Checkout")
    create_source(name="Taken", kind="alertmanager", service=service, actor=None, at=world.now)
    typed = {"name": "Typed", "kind": "alertmanager", "service": service.pk, **form}
    answer = world.browser(world.admin).post("/alerts/sources/new/", typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'value="{typed["name"]}"' in words(answer) or not typed["name"]
    assert AlertSource.objects.count() == 1


def test_a_source_is_edited_rotated_and_switched(world: World, machine: Machine) -> None:
    browser, page = world.browser(world.admin), f"/alerts/sources/{machine.source.pk}/"
    assert browser.get(f"{page}edit/").status_code == 200
    form = {"name": "Renamed", "service": machine.service.pk, "default_severity": world.severity("SEV1").pk}
    assert browser.post(f"{page}edit/", form).status_code == 302
    assert machine.fresh.default_severity == world.severity("SEV1")
    assert browser.post(f"{page}edit/", {"name": "", "service": "x"}).status_code == 422
    other = Machine(world, service="Search", name="Other")
    assert browser.post(f"{page}edit/", {**form, "name": other.source.name}).status_code == 422
    rotated = words(browser.post(f"{page}key/", follow=True))
    assert "shown only this once" in rotated
    assert rotated.count("in_") > 2
    assert browser.post(f"{page}switch/", {"to": "off"}, follow=True).status_code == 200
    assert machine.fresh.disabled_at == world.now
    assert "Switched off" in words(browser.get("/alerts/sources/"))
    browser.post(f"{page}switch/", {"to": "on"})
    assert machine.fresh.disabled_at is None


def test_what_one_person_left_alone_does_not_undo_what_another_changed(world: World, machine: Machine) -> None:
    mine, page = world.browser(world.admin), f"/alerts/sources/{machine.source.pk}/edit/"
    fields = {"name", "service", "default_severity"}
    opened = mine.get(page).context["form"]
    assert all(f'name="initial-{name}"' in words(mine.get(page)) for name in fields)
    held = {name: opened[name].value() or "" for name in fields}
    as_opened = {f"initial-{name}": value for name, value in held.items()}
    theirs = {**held, **as_opened, "name": "Renamed"}
    assert world.browser(world.person("Mia", role="manager")).post(page, theirs).status_code == 302
    answer = mine.post(page, {**held, **as_opened, "default_severity": world.severity("SEV1").pk})
    assert answer.status_code == 302
    assert (machine.fresh.name, machine.fresh.default_severity) == ("Renamed", world.severity("SEV1"))


def test_a_responder_sees_sources_and_changes_nothing(world: World, machine: Machine) -> None:
    payload = machine.fires("Disk")
    browser, page = world.browser(world.person("Rob Responder")), f"/alerts/sources/{machine.source.pk}/"
    seen = words(browser.get(page))
    assert "New key" not in seen
    assert "Send a test" not in seen
    assert browser.get(f"{page}edit/").status_code == 403
    for path in (
        "/alerts/sources/new/", f"{page}key/", f"{page}switch/", f"{page}test/", f"{page}replay/",
        f"/alerts/sources/payloads/{payload.pk}/replay/",
    ):  # fmt: skip
        assert browser.post(path).status_code == 403


@pytest.mark.parametrize(
    "name", ["new-key", "switch-source", "test-source", "replay-unreadable", "replay", "acknowledge", "resolve"]
)
def test_what_changes_something_is_never_done_by_following_a_link(world: World, machine: Machine, name: str) -> None:
    machine.fires("Disk")
    assert world.browser(world.admin).get(reverse(f"alerts:{name}", args=[1])).status_code == 405


def test_the_page_of_a_source_shows_its_payloads_and_what_became_of_each(world: World, machine: Machine) -> None:
    machine.fires("Disk")
    machine.say(b"nonsense")
    browser = world.browser(world.admin)
    page = words(browser.get(f"/alerts/sources/{machine.source.pk}/"))
    assert "Disk is wrong" in page
    assert machine.incidents()[0].reference in page
    assert "The body is not JSON" in page
    sources = words(browser.get("/alerts/sources/"))
    assert machine.source.name in sources
    answer = browser.post(f"/alerts/sources/{machine.source.pk}/replay/", follow=True)
    assert "1 payload is read again." in words(answer)


def test_a_payload_is_shown_as_it_came_and_nothing_in_it_is_alive(world: World, machine: Machine) -> None:
    evil = alert("<script>alert(1)</script>", starts=world.now)
    evil["annotations"] = {
        "summary": "<img src=x onerror=alert(1)> {{ 7*7 }}",
        "description": "</pre><script>alert(2)</script> \x07 [x](javascript:alert(1))",
        "runbook_url": "javascript:alert(1)",
        "dashboard": "https://ok.example.com/d/1",
        "odd": "\ud800 \x00",
    }
    payload = machine.say(group(evil))
    browser = world.browser(world.admin)
    pages = [f"/alerts/sources/payloads/{payload.pk}/", f"/alerts/{payload.alert_ids[0]}/", "/alerts/",
             f"/alerts/sources/{machine.source.pk}/", f"/alerts/of/{machine.incidents()[0].reference}/"]  # fmt: skip
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
        assert b"<img src=x" not in answer.content
        assert b'href="javascript' not in answer.content
    assert b"https://ok.example.com/d/1" in browser.get(pages[1]).content
    broken = machine.say(b"\xff\x00\x01<script>alert(3)</script>" + b"[" * 5000)
    answer = browser.get(f"/alerts/sources/payloads/{broken.pk}/")
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_alerts_are_found_by_state_source_service_label_and_words(world: World, machine: Machine) -> None:
    machine.fires("Disk", host="db-1")
    machine.fires("Memory")
    machine.resolves("Memory", ended=world.now)
    browser = world.browser(world.person("Vic Viewer", role="viewer"))

    def shown(query: str) -> set[str]:
        answer = browser.get(f"/alerts/?{query}")
        assert answer.status_code == 200
        return set(re.findall(r">(Disk|Memory) is wrong<", words(answer)))

    assert shown("") == {"Disk"}
    assert shown("show=all") == {"Disk", "Memory"}
    assert shown("show=resolved") == {"Memory"}
    assert shown("show=acknowledged") == set()
    assert shown("q=memory") == {"Memory"}
    assert shown("show=all&label=host=db-1") == {"Disk"}
    assert shown("show=all&label=host") == {"Disk"}
    assert shown(f"source={machine.source.pk}&service=payments") == {"Disk"}
    assert shown(f"incident={machine.alert('Disk', host='db-1').incident.reference}") == {"Disk"}
    assert shown("source=none&show=nonsense") == set()
    assert shown("service=nowhere") == set()
    assert shown("label==&before=x") == {"Disk"}
    assert browser.get("/alerts/?incident=INC-999999").status_code == 404


def test_a_long_list_is_paged_without_a_gap(world: World, machine: Machine) -> None:
    for number in range(4):
        machine.say(group(*(alert("A", starts=world.now, n=f"{number}-{n}") for n in range(30)), key="g"))
        world.traveller.shift(1)
    browser, seen, query = world.browser(world.admin), [], ""
    for _ in range(10):
        page = words(browser.get(f"/alerts/?{query}"))
        seen += re.findall(r'class="list-title" href="/alerts/(\d+)/"', page)
        older = re.search(r'href="\?([^"]*before=[^"]+)">Older', page)
        if not older:
            break
        query = older[1]
    assert len(seen) == len(set(seen)) == 120


def test_an_alert_shows_its_episodes_with_the_reason_it_met_each_incident(world: World, machine: Machine) -> None:
    machine.fires("Disk")
    world.traveller.shift(60)
    machine.resolves("Disk")
    world.traveller.shift(60)
    payload = machine.fires("Disk")
    page = words(world.browser(world.admin).get(f"/alerts/{machine.alert('Disk').pk}/"))
    assert "Nothing open fitted, so an incident was declared." in page
    assert "Its incident had ended by itself minutes before, so it was opened again." in page
    assert f"/alerts/sources/payloads/{payload.pk}/" in page
    assert "heard of 3 times" in page
    assert world.browser(world.admin).get("/alerts/99999/").status_code == 404
    assert world.browser(world.admin).get(f"/alerts/{10**30}/").status_code == 404


def test_an_alert_is_acknowledged_and_resolved_from_its_page(world: World, machine: Machine) -> None:
    machine.fires("Disk")
    page, browser = f"/alerts/{machine.alert('Disk').pk}/", world.browser(world.person("Rob Responder"))
    assert "Acknowledged" in words(browser.post(f"{page}acknowledge/", follow=True))
    assert machine.incidents()[0].acknowledged_at == world.now
    assert browser.post(f"{page}resolve/").status_code == 302
    assert machine.alert("Disk").state == "resolved"
    assert browser.post(f"{page}resolve/").status_code == 409
    viewer = world.browser(world.person("Vic Viewer", role="viewer"))
    assert viewer.post(f"{page}resolve/").status_code == 403


def test_a_test_alert_is_sent_from_the_page_and_shows_what_became_of_it(world: World, machine: Machine) -> None:
    browser, page = world.browser(world.admin), f"/alerts/sources/{machine.source.pk}/"
    answer = browser.post(f"{page}test/", {"trial": "quiet"})
    payload = Payload.objects.order_by("pk").first()
    assert answer.headers["Location"] == f"/alerts/sources/payloads/{payload.pk}/"
    assert "will be read in a moment" in words(browser.get(answer.headers["Location"]))
    machine.read()
    became = words(browser.get(answer.headers["Location"], headers={"HX-Request": "true"}))
    assert f"Test alert from {machine.source.name}" in became
    assert "every 1s" not in became
    assert not machine.incidents()
    assert browser.post(f"{page}test/", {"trial": "loud"}).status_code == 422
    browser.post(f"{page}test/", {"trial": "paging"})
    machine.read()
    assert machine.incidents()[0].drill


def test_the_room_and_the_service_show_their_alerts(world: World, machine: Machine) -> None:
    machine.say(group(*(alert("Disk", starts=world.now, n=str(n)) for n in range(12))))
    browser, reference = world.browser(world.admin), machine.incidents()[0].reference
    panel = words(browser.get(f"/alerts/of/{reference}/"))
    assert "12 firing" in panel
    assert "All 12 alerts" in panel
    assert "12 are firing" in words(browser.get("/alerts/of-service/payments/"))
    assert browser.get("/alerts/of-service/nowhere/").status_code == 404
    world.service("Search")
    assert "No source watches this service" in words(browser.get("/alerts/of-service/search/"))


def test_the_alerts_of_a_private_incident_are_nowhere_for_a_person_outside_it(world: World, machine: Machine) -> None:
    payload = machine.fires("Zanzibar")
    known, incident = machine.alert("Zanzibar"), machine.incidents()[0]
    incident_actions.set_visibility(incident, private=True, actor=world.admin, at=world.now)
    waiting = machine.fires("Zanzibar", read=False)
    outside, inside = world.browser(world.person("Olga Outside", role="manager")), world.browser(world.admin)
    pages = {
        "/alerts/?show=all": 200, "/alerts/?q=Zanzibar": 200, f"/alerts/{known.pk}/": 404, "/alerts/sources/": 200,
        f"/alerts/sources/{machine.source.pk}/": 200, f"/alerts/sources/payloads/{payload.pk}/": 200,
        f"/alerts/sources/payloads/{waiting.pk}/": 200, f"/alerts/of/{incident.reference}/": 404,
        "/alerts/of-service/payments/": 200, f"/alerts/?incident={incident.reference}": 404,
    }  # fmt: skip
    for page, status in pages.items():
        answer = outside.get(page)
        assert answer.status_code == status, page
        found = words(answer).replace("q=Zanzibar", "").replace('value="Zanzibar"', "")
        assert "Zanzibar" not in found, page
        assert incident.reference not in found or "incident=" in page
        assert "Zanzibar" in words(inside.get(page)) or page == "/alerts/sources/", page
    assert outside.post(f"/alerts/{known.pk}/resolve/").status_code == 404


@pytest.mark.parametrize("page", ["/alerts/", "/alerts/sources/", "/alerts/sources/new/", "/alerts/?show=all"])
def test_an_empty_installation_says_what_to_do_first(world: World, page: str) -> None:
    answer = world.browser(world.admin).get(page)
    assert answer.status_code == 200


def test_a_stranger_is_led_to_the_sign_in(world: World, client) -> None:
    assert client.get("/alerts/").status_code == 302
