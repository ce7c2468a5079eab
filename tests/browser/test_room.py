"""The war room in real windows: what one does the others see, and nothing is lost when the line is."""

import re
import statistics
import time
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from tests.browser.conftest import Server, Windows, apart
from tests.world import World

pytestmark = pytest.mark.browser
QUICK = 3000  # milliseconds, for a machine under load; the promise of one second is measured below


@pytest.fixture
def ben(town: World) -> User:
    return town.person("Ben Ortiz")


@pytest.fixture
def cleo(town: World) -> User:
    return town.person("Cleo Diaz")


@pytest.fixture
def incident(town: World, ben: User) -> Incident:
    return actions.declare(
        title="Checkout fails", severity=town.severity("SEV2"), service=None, actor=ben, at=timezone.now()
    )


def enter(windows: Windows, person: User, incident: Incident, **more: Any) -> Window:
    window = windows.open(person, f"/incidents/{incident.reference}/", **more)
    expect(window.locator("[data-live-state]")).to_have_attribute("data-state", "open")
    return window


def lines(window: Window) -> list[int]:
    return [
        int(one) for one in window.eval_on_selector_all("#timeline > [data-seq]", "all => all.map(e => e.dataset.seq)")
    ]


def write(window: Window, text: str) -> None:
    window.fill("#composer textarea", text)
    window.keyboard.press("Control+Enter")


def test_what_one_does_the_other_sees_within_a_second(
    windows: Windows, incident: Incident, ben: User, cleo: User
) -> None:
    first, second = enter(windows, ben, incident), enter(windows, cleo, incident)
    write(first, "The gateway is **down**")
    expect(second.locator("#timeline strong", has_text="down")).to_be_visible(timeout=QUICK)
    expect(first.locator("#timeline strong", has_text="down")).to_be_visible(timeout=QUICK)
    expect(first.locator("#composer textarea")).to_have_value("")
    second.get_by_role("button", name="Mitigated").click()
    expect(first.locator("#room-head")).to_contain_text("Monitoring", timeout=QUICK)
    expect(second.locator("#room-head")).to_contain_text("Monitoring", timeout=QUICK)
    first.locator("#room-roles li", has_text="Commander").get_by_role("button", name="Take", exact=True).click()
    expect(second.locator("#room-head")).to_contain_text("Ben Ortiz", timeout=QUICK)
    assert lines(first) == lines(second) == [4, 3, 2, 1]


def test_who_joins_sees_who_is_here_and_who_leaves_is_seen_to_leave(
    windows: Windows, town: World, incident: Incident, ben: User, cleo: User
) -> None:
    first, second = enter(windows, ben, incident), enter(windows, cleo, incident)
    third = enter(windows, town.admin, incident)
    for window in (first, second, third):
        expect(window.locator("#room-here .avatar")).to_have_count(3, timeout=2 * QUICK)
    second.close()
    expect(first.locator("#room-here .avatar")).to_have_count(2, timeout=8 * QUICK)


def test_a_cut_line_loses_nothing_repeats_nothing_and_keeps_the_half_typed_note(
    windows: Windows, incident: Incident, ben: User, cleo: User
) -> None:
    windows.forgive_a_lost_line()
    first, second = enter(windows, ben, incident), enter(windows, cleo, incident)
    second.fill("#composer textarea", "I was just about to")
    second.context.set_offline(True)
    expect(second.locator("#offline")).to_be_visible()
    expect(second.locator("[data-live-state]")).to_have_attribute("data-state", "lost")
    for number in range(5):
        write(first, f"note {number}")
        expect(first.locator("#timeline .tl-body", has_text=f"note {number}")).to_be_visible()
    first.get_by_role("button", name="Cause found").click()
    expect(first.locator("#room-head")).to_contain_text("Identified")
    second.wait_for_timeout(20_000)
    assert lines(second) == [1]
    second.context.set_offline(False)
    expect(second.locator("#room-head")).to_contain_text("Identified", timeout=2 * QUICK)
    expect(second.locator("[data-live-state]")).to_have_attribute("data-state", "open")
    assert lines(second) == lines(first) == [7, 6, 5, 4, 3, 2, 1]
    expect(second.locator("#composer textarea")).to_have_value("I was just about to")
    second.reload()
    expect(second.locator("#composer textarea")).to_have_value("I was just about to")
    assert lines(second) == lines(first)


def test_a_restart_of_the_server_is_only_a_pause(
    windows: Windows, server: Server, incident: Incident, ben: User, cleo: User
) -> None:
    windows.forgive_a_lost_line()
    window = enter(windows, cleo, incident)
    window.fill("#composer textarea", "half a thought")
    server.stop()
    expect(window.locator("[data-live-state]")).to_have_attribute("data-state", "lost")
    apart(actions.add_note, incident, "written meanwhile", actor=ben, at=timezone.now())
    server.start()
    expect(window.locator("#timeline .tl-body", has_text="written meanwhile")).to_be_visible()
    expect(window.locator("[data-live-state]")).to_have_attribute("data-state", "open")
    expect(window.locator("#composer textarea")).to_have_value("half a thought")


def test_a_room_without_websockets_goes_on_by_asking(windows: Windows, incident: Incident, ben: User) -> None:
    windows.forgive("favicon.ico")
    window = windows.open(ben, "/healthz")
    window.context.route_web_socket("**/ws/**", lambda socket: socket.close())
    window.goto(f"/incidents/{incident.reference}/")
    expect(window.locator("[data-live-state]")).to_have_attribute("data-state", "polling", timeout=15_000)
    apart(actions.add_note, incident, "found by asking", actor=ben, at=timezone.now())
    expect(window.locator("#timeline .tl-body", has_text="found by asking")).to_be_visible(timeout=8000)
    window.get_by_role("button", name="Acknowledge").click()
    expect(window.locator("#timeline")).to_contain_text("acknowledged this", timeout=QUICK)


def test_somebody_elses_push_disturbs_nobody(windows: Windows, incident: Incident, ben: User, cleo: User) -> None:
    window = enter(windows, cleo, incident)
    window.locator("#role-menu-commander summary").click()
    window.fill("#composer textarea", "typing")
    apart(
        actions.change_severity,
        incident,
        incident.severity.__class__.objects.get(code="SEV1"),
        actor=ben,
        at=timezone.now(),
    )
    expect(window.locator("#room-head")).to_contain_text("SEV1", timeout=QUICK)
    expect(window.locator("#composer textarea")).to_be_focused()
    expect(window.locator("#composer textarea")).to_have_value("typing")


def test_a_menu_that_was_just_opened_stays_open(windows: Windows, incident: Incident, ben: User, cleo: User) -> None:
    window = enter(windows, cleo, incident)
    window.locator("#role-menu-scribe summary").click()
    apart(actions.take_role, incident, "commander", person=ben, actor=ben, at=timezone.now())
    expect(window.locator("#room-roles")).to_contain_text("Ben Ortiz", timeout=QUICK)
    expect(window.locator("#role-menu-scribe .menu-panel")).to_be_visible()


def test_a_room_made_private_closes_for_who_is_not_admitted(
    windows: Windows, incident: Incident, ben: User, cleo: User
) -> None:
    windows.forgive("404")
    window = enter(windows, cleo, incident)
    apart(actions.set_visibility, incident, private=True, actor=ben, at=timezone.now())
    expect(window.locator("body")).not_to_contain_text("Checkout fails", timeout=4000)


def test_signing_out_elsewhere_closes_the_room(windows: Windows, incident: Incident, cleo: User) -> None:
    window = enter(windows, cleo, incident)
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()
    window.wait_for_url(re.compile("login"), timeout=5000)


def test_every_move_has_a_key(windows: Windows, incident: Incident, ben: User) -> None:
    window = enter(windows, ben, incident)
    window.keyboard.press("a")
    expect(window.locator("#timeline")).to_contain_text("acknowledged this")
    window.keyboard.press("i")
    expect(window.locator("#room-head")).to_contain_text("Identified")
    window.keyboard.press("n")
    expect(window.locator("#composer textarea")).to_be_focused()
    window.keyboard.press("Escape")
    window.locator("h1").click()
    window.keyboard.press("r")
    window.locator("#confirm-dialog [data-confirm-go]").click()
    expect(window.locator("#room-head")).to_contain_text("Resolved")
    window.keyboard.press("?")
    expect(window.locator("#keys-dialog")).to_contain_text("Reopen")


def test_details_are_edited_in_a_dialog(windows: Windows, incident: Incident, ben: User) -> None:
    window = enter(windows, ben, incident)
    window.keyboard.press("d")
    dialog = window.locator("#room-dialog")
    dialog.get_by_label("Title").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Fill this in.")
    dialog.get_by_label("Title").fill("Cards fail")
    dialog.get_by_label("Summary").fill("All **cards**.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).not_to_be_visible()
    expect(window.locator("h1")).to_have_text("Cards fail")
    expect(window.locator("#room-facts strong")).to_have_text("cards")


def test_what_is_typed_goes_along_to_the_one_door_to_the_public(
    windows: Windows, incident: Incident, ben: User
) -> None:
    window = enter(windows, ben, incident, width=360, height=740)
    window.fill("#composer textarea", "We know and work on it.")
    window.locator("#composer .chip", has_text="Public update").focus()
    window.keyboard.press("Enter")
    dialog = window.locator("#room-dialog")
    expect(dialog.get_by_label("What customers should know")).to_have_value("We know and work on it.")
    dialog.get_by_label("Public title").fill("Card payments fail")
    dialog.get_by_label("Next update").select_option("30")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.locator("#tell-preview")).to_contain_text("Card payments fail")
    dialog.get_by_role("button", name="Publish").click()
    expect(window.locator("#room-updates")).to_contain_text("We know and work on it.", timeout=QUICK)
    expect(window.locator("#room-updates")).to_contain_text("Next public update")
    expect(window.locator("#composer textarea")).to_have_value("")


def test_one_thumb_is_enough_on_a_phone(windows: Windows, incident: Incident, ben: User) -> None:
    window = enter(windows, ben, incident, width=360, height=740)
    button = window.locator(".room-next")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] > 370, "the next move is under the thumb"
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    button.tap()
    expect(window.locator("#timeline")).to_contain_text("acknowledged this")
    window.locator(".room-more summary").tap()
    window.locator(".room-more .menu-item", has_text="Mitigated").tap()
    expect(window.locator("#room-head")).to_contain_text("Monitoring")


def test_what_happens_is_seen_within_a_second(windows: Windows, incident: Incident, ben: User, cleo: User) -> None:
    window = enter(windows, cleo, incident)
    took = []
    for number in range(5):
        window.wait_for_timeout(700)
        apart(actions.add_note, incident, f"timed {number}", actor=ben, at=timezone.now())
        began = time.monotonic()
        window.wait_for_selector(f"#timeline .tl-body:has-text('timed {number}')")
        took.append(time.monotonic() - began)
    assert statistics.median(took) < 1.0, took
