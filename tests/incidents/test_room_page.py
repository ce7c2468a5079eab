"""The war room and its forms, as a browser without a socket sees them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents import actions
from incidents.models import Incident, Kind, Role, TimelineEvent
from tests.world import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ben(world: World) -> User:
    return world.person("Ben Ortiz", time_zone="Europe/Berlin")


@pytest.fixture
def incident(world: World, ben: User) -> Incident:
    return actions.declare(
        title="Checkout fails <b>", severity=world.severity("SEV2"), service=world.service("Payments"), actor=ben,
        at=world.now, summary="Cards only.",
    )  # fmt: skip


def room(incident: Incident, rest: str = "") -> str:
    return f"/incidents/{incident.reference}/{rest}"


def post(client: Client, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(path, data or {}, headers={**HTMX, **headers})


def test_the_room_shows_how_it_stands(world: World, ben: User, incident: Incident) -> None:
    page = world.browser(ben).get(room(incident)).content.decode()
    for words in ("Checkout fails &lt;b&gt;", incident.reference, "SEV2", "Payments", "No commander", "Cards only."):
        assert words in page
    assert 'hx-post="/incidents/' in page


def test_a_viewer_sees_the_room_and_no_button(world: World, incident: Incident) -> None:
    page = world.browser(world.person("Vera View", role="viewer")).get(room(incident)).content.decode()
    assert "Checkout fails" in page
    assert "composer" not in page.replace("composer-", "")
    assert "/move/" not in page


def test_a_viewer_who_posts_is_refused(world: World, incident: Incident) -> None:
    vera = world.browser(world.person("Vera View", role="viewer"))
    for path in ("move/resolve/", "say/", "roles/", "visibility/", "admission/", "escalate/", "form/details/"):
        assert post(vera, room(incident, path)).status_code == 403
    assert TimelineEvent.objects.count() == 1


def test_a_room_that_is_not_there_is_not_found(world: World, ben: User) -> None:
    for reference in ("INC-99999", "INC-0", "nonsense", "INC-1e9", "INC-99999999999999999999"):
        assert world.browser(ben).get(f"/incidents/{reference}/").status_code == 404


def test_a_reference_in_small_letters_is_understood(world: World, ben: User, incident: Incident) -> None:
    assert world.browser(ben).get(room(incident).replace("INC", "inc")).status_code == 200


def test_a_signed_out_reader_is_led_to_the_sign_in(world: World, incident: Incident, client: Client) -> None:
    answer = client.get(room(incident))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize("verb", ["acknowledge", "identify", "mitigate", "resolve"])
def test_a_move_answers_the_changed_room_as_the_socket_would(
    world: World, ben: User, incident: Incident, verb: str
) -> None:
    answer = post(world.browser(ben), room(incident, f"move/{verb}/"), **{"Room-Head": "1"})
    message = json.loads(answer.content)
    assert message["kind"] == "parts"
    assert "Ben Ortiz" in message["lines"][-1][1]
    assert message["head"] == message["lines"][-1][0] > 1
    assert '<div id="room-moves"' in message["parts"]["room-moves"]


def test_without_scripts_a_move_leads_back_to_the_room(world: World, ben: User, incident: Incident) -> None:
    answer = world.browser(ben).post(room(incident, "move/acknowledge/"))
    assert (answer.status_code, answer["Location"]) == (302, room(incident))


def test_a_move_that_is_not_there_is_not_found(world: World, ben: User, incident: Incident) -> None:
    assert post(world.browser(ben), room(incident, "move/explode/")).status_code == 404


def test_who_comes_second_reads_a_sentence(world: World, ben: User, incident: Incident) -> None:
    post(world.browser(ben), room(incident, "move/acknowledge/"))
    answer = post(world.browser(world.admin), room(incident, "move/acknowledge/"))
    assert answer.status_code == 409
    assert "Ben Ortiz acknowledged" in answer.content.decode()


def test_a_note_is_told_sanitised(world: World, ben: User, incident: Incident) -> None:
    text = "It **is** DNS <script>alert(1)</script> [x](javascript:alert(1))"
    answer = post(world.browser(ben), room(incident, "say/"), {"what": "note", "text": text}, **{"Room-Head": "1"})
    line = json.loads(answer.content)["lines"][-1][1]
    assert "<strong>is</strong>" in line
    assert "<script" not in line
    assert 'href="javascript' not in line


def test_an_empty_note_is_refused_at_its_field(world: World, ben: User, incident: Incident) -> None:
    answer = post(world.browser(ben), room(incident, "say/"), {"what": "internal", "text": "  "})
    assert answer.status_code == 422
    assert "write a few words" in answer.content.decode()
    whole = world.browser(ben).post(room(incident, "say/"), {"what": "note", "text": ""})
    assert whole.status_code == 422
    assert "<html" in whole.content.decode()


def test_what_was_typed_is_kept_when_the_update_is_refused(world: World, ben: User, incident: Incident) -> None:
    answer = post(
        world.browser(ben), room(incident, "say/"), {"what": "internal", "text": "We are sorry", "next_minutes": "7"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "field-error" in page
    assert "We are sorry" in page


def test_the_public_has_one_door_with_a_title_and_a_preview(world: World, ben: User, incident: Incident) -> None:
    browser = world.browser(ben)
    answer = post(browser, room(incident, "say/"), {"what": "public", "text": "We are sorry"})
    assert answer.status_code == 422
    assert not incident.updates.exists()
    door = f'data-carry="id_text" hx-get="/status-pages/of/{incident.reference}/tell/"'
    assert door in browser.get(room(incident)).content.decode()
    actions.set_visibility(incident, private=True, actor=ben, at=world.now)
    assert door not in browser.get(room(incident)).content.decode()


def test_an_update_promises_the_next_one(world: World, ben: User, incident: Incident) -> None:
    post(world.browser(ben), room(incident, "say/"), {"what": "internal", "text": "We know", "next_minutes": "30"})
    assert incident.updates.get().next_update_at == world.now + timedelta(minutes=30)


def test_roles_are_taken_given_and_left(world: World, ben: User, incident: Incident) -> None:
    browser = world.browser(ben)
    post(browser, room(incident, "roles/"), {"do": "take", "role": "commander"})
    assert incident.roles.get(left_at=None).person == ben
    post(browser, room(incident, "form/role/"), {"role": "commander", "person": world.admin.pk})
    assert incident.roles.get(left_at=None).person == world.admin
    post(browser, room(incident, "roles/"), {"do": "leave", "role": "commander", "person": world.admin.pk})
    assert not incident.roles.filter(left_at=None).exists()


@pytest.mark.parametrize("data", [{"role": "king"}, {"role": "commander", "person": "x"}, {"person": "9" * 30}])
def test_a_role_that_makes_no_sense_is_refused(
    world: World, ben: User, incident: Incident, data: dict[str, str]
) -> None:
    assert post(world.browser(ben), room(incident, "roles/"), {"do": "take", **data}).status_code == 400


def test_details_are_edited_at_once(world: World, ben: User, incident: Incident) -> None:
    browser = world.browser(ben)
    form = browser.get(room(incident, "form/details/"), headers=HTMX).content.decode()
    assert "Cards only." in form
    data = {"title": "Cards fail", "severity": world.severity("SEV1").pk, "service": "", "summary": "All cards."}
    answer = post(browser, room(incident, "form/details/"), data, **{"Room-Head": "1"})
    assert len(json.loads(answer.content)["lines"]) == 4
    fresh = Incident.objects.get(pk=incident.pk)
    assert (fresh.title, fresh.severity.code, fresh.service, fresh.summary) == (
        "Cards fail",
        "SEV1",
        None,
        "All cards.",
    )


def test_details_that_are_wrong_are_refused_at_the_field(world: World, ben: User, incident: Incident) -> None:
    data = {"title": " ", "severity": "999999", "service": "abc", "summary": "kept words"}
    answer = post(world.browser(ben), room(incident, "form/details/"), data)
    assert answer.status_code == 422
    assert answer.content.decode().count("field-error") >= 3
    assert "kept words" in answer.content.decode()


def test_times_are_corrected_in_the_readers_own_zone(world: World, ben: User, incident: Incident) -> None:
    browser = world.browser(ben)
    form = browser.get(room(incident, "form/times/"), headers=HTMX).content.decode()
    assert "2026-01-05T10:00:00" in form  # 09:00 UTC in Berlin
    data = {"detected_at": "2026-01-05T10:00:00", "declared_at": "2026-01-05T10:00:00"}
    answer = post(browser, room(incident, "form/times/"), {**data, "impact_started_at": "2026-01-05T09:30:00"})
    assert answer.status_code == 200
    assert Incident.objects.get(pk=incident.pk).impact_started_at == world.now - timedelta(minutes=30)
    for wrong in ("2026-01-05T11:30:00", "yesterday"):
        answer = post(browser, room(incident, "form/times/"), {**data, "impact_started_at": wrong})
        assert answer.status_code == 422


def test_declining_asks_why(world: World, ben: User) -> None:
    triage = actions.declare(
        title="CPU high", severity=world.severity("SEV3"), service=None, actor=None, at=world.now,
        origin=Incident.Origin.ALERT, actor_name="Alertmanager",
    )  # fmt: skip
    browser = world.browser(ben)
    assert "Why is it none?" in browser.get(room(triage, "form/decline/")).content.decode()
    post(browser, room(triage, "form/decline/"), {"reason": "A load test"})
    assert Incident.objects.get(pk=triage.pk).decline_reason == "A load test"


def test_a_room_is_made_private_and_somebody_admitted(world: World, ben: User, incident: Incident) -> None:
    carol = world.person("Carol Case")
    browser = world.browser(ben)
    post(browser, room(incident, "visibility/"), {"private": "yes"})
    assert world.browser(carol).get(room(incident)).status_code == 404
    post(browser, room(incident, "form/admit/"), {"person": carol.pk})
    assert world.browser(carol).get(room(incident)).status_code == 200
    post(browser, room(incident, "admission/"), {"person": carol.pk})
    assert world.browser(carol).get(room(incident)).status_code == 404
    post(browser, room(incident, "visibility/"), {"private": "no"})
    assert world.browser(carol).get(room(incident)).status_code == 200


def test_the_live_message_has_what_the_reader_has_not_got(world: World, ben: User, incident: Incident) -> None:
    for number in range(5):
        actions.add_note(incident, f"note {number}", actor=ben, at=world.now)
    message = world.browser(ben).get(room(incident, "live/"), {"after": 3}).json()
    assert [seq for seq, _html in message["lines"]] == [4, 5, 6]
    assert message["head"] == 6
    for nonsense in ("", "-1", "x", "9" * 40):
        assert world.browser(ben).get(room(incident, "live/"), {"after": nonsense}).status_code == 200


def test_who_is_far_behind_is_told_to_begin_anew(world: World, ben: User, incident: Incident) -> None:
    fill(world, incident, 300)
    message = world.browser(ben).get(room(incident, "live/"), {"after": 1}).json()
    assert (message["gap"], message["lines"]) == (True, [])


def test_the_story_is_read_in_windows_and_narrowed(world: World, ben: User, incident: Incident) -> None:
    fill(world, incident, 100)
    browser = world.browser(ben)
    page = browser.get(room(incident)).content.decode()
    assert 'id="e101"' in page
    assert 'id="e62"' in page
    assert 'id="e61"' not in page
    more = browser.get(room(incident, "timeline/"), {"before": 62, "part": "lines"}, headers=HTMX).content.decode()
    assert 'id="e61"' in more
    assert 'id="e62"' not in more
    status = browser.get(room(incident, "timeline/"), {"show": "status"}, headers=HTMX).content.decode()
    assert 'id="e1"' in status
    assert 'id="e100"' not in status
    assert browser.get(room(incident), {"show": "<x>", "before": "y"}).status_code == 200


def test_a_room_of_five_thousand_lines_opens_in_few_queries(world: World, ben: User, incident: Incident) -> None:
    fill(world, incident, 5000)
    actions.take_role(incident, Role.COMMANDER, person=ben, actor=ben, at=world.now)
    browser = world.browser(ben)
    browser.get(room(incident))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert browser.get(room(incident)).status_code == 200
    assert len(few) <= 20, [query["sql"][:120] for query in few]


def fill(world: World, incident: Incident, number: int) -> None:
    TimelineEvent.objects.bulk_create(
        TimelineEvent(
            incident=incident, seq=seq, kind=Kind.NOTE, text=f"line {seq}", happened_at=world.now, recorded_at=world.now
        )
        for seq in range(2, number + 2)
    )
    Incident.objects.filter(pk=incident.pk).update(head=number + 1)


@pytest.mark.parametrize("name", ["details", "times", "role", "admit"])
def test_without_scripts_each_form_stands_on_a_page_of_its_own(
    world: World, ben: User, incident: Incident, name: str
) -> None:
    page = world.browser(ben).get(room(incident, f"form/{name}/"))
    assert page.status_code == 200
    assert "<html" in page.content.decode()
    assert world.browser(ben).get(room(incident, "form/nonsense/")).status_code == 404


def test_the_next_people_are_paged_now_at_the_press_of_a_button(world: World, ben: User, incident: Incident) -> None:
    message = json.loads(post(world.browser(ben), room(incident, "escalate/"), **{"Room-Head": "1"}).content)
    assert "asked for the next people now" in message["lines"][-1][1]
    actions.resolve(incident, actor=ben, at=world.now)
    assert post(world.browser(ben), room(incident, "escalate/")).status_code == 409
