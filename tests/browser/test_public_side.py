"""From the war room to the world, and from the war room to a promise, in a real browser."""

import pytest
from playwright.sync_api import expect

from incidents import actions
from statuspage.actions import add_component
from statuspage.models import StatusPage


@pytest.mark.browser
def test_the_public_is_told_from_the_room_and_reads_it(town, windows, server) -> None:
    town.settings.STATUS_ROOT = server.data / "status"
    town.tick()
    rita = town.person("Rita Moreau")
    service = town.service("Checkout")
    add_component(StatusPage.objects.get(), name="Card payments", services=[service], actor=town.admin, at=town.now)
    incident = actions.declare(
        title="Cards are declined", severity=town.severity("SEV2"), service=service, actor=rita, at=town.now
    )
    room = windows.open(rita, f"/incidents/{incident.reference}/")
    room.get_by_role("link", name="Tell the public").click()
    dialog = room.locator("#room-dialog")
    dialog.get_by_label("What customers should know").fill("One in five payments fails.")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("As the public will see it")).to_be_visible()
    expect(dialog.get_by_label("What customers should know")).to_have_value("One in five payments fails.")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).not_to_be_visible()
    panel = room.locator("#statuspage-of-incident")
    expect(panel.get_by_text("Being published…")).to_be_visible()
    town.tick()
    expect(panel.get_by_text("Published", exact=True)).to_be_visible(timeout=10_000)
    room.goto(server.url + "/status/")
    expect(room.get_by_text("One in five payments fails.")).to_be_visible()
    expect(room.get_by_text("Some systems are out")).to_be_visible()


@pytest.mark.browser
def test_an_action_item_is_noted_in_the_room_without_leaving_it(town, windows) -> None:
    rita = town.person("Rita Moreau")
    incident = actions.declare(
        title="Cards are declined", severity=town.severity("SEV2"), service=None, actor=rita, at=town.now
    )
    room = windows.open(rita, f"/incidents/{incident.reference}/", width=360)
    room.get_by_role("link", name="Action item", exact=True).click()
    dialog = room.locator("#room-dialog")
    windows.forgive("422")
    dialog.get_by_label("Done when").fill("The alert fires in a drill.")
    dialog.get_by_role("button", name="Add action item").click()
    expect(dialog.get_by_label("What will be done")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Done when")).to_have_value("The alert fires in a drill.")
    dialog.get_by_label("What will be done").fill("Alert on the connection pool")
    dialog.get_by_role("button", name="Add action item").click()
    expect(dialog).not_to_be_visible()
    expect(room.locator("#postmortems-of-incident").get_by_text("Alert on the connection pool")).to_be_visible()
