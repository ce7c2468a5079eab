"""What the machine said travels with the page: why it matters, where, and what to read."""

from typing import Any

from django.test import Client

from incidents import links
from incidents.models import Page
from notifications.models import Message
from tests.alerts.machines import Machine, alert, group
from tests.paging.conftest import policy_of
from tests.world import World

RUNBOOK, QUERY = "https://runbooks.example.com/DiskFull", "http://prometheus.example.com/graph?g0.expr=up"


def fires(machine: Machine, **notes: str) -> None:
    said: dict[str, Any] = alert(
        "DiskFull", starts=machine.world.now, severity="critical", instance="db1:9100", cluster="eu"
    )
    said["annotations"] |= {"description": "91 % used.\nIt fills by noon.", "runbook_url": RUNBOOK, **notes}
    machine.say(group(said))


def test_the_mail_and_the_webhook_carry_what_the_alert_says(world: World, machine: Machine) -> None:
    ben = world.person("Ben Ops")
    policy_of(machine.service, [ben])
    fires(machine)
    world.tick()
    message = Message.objects.get(person=ben)
    assert "> 91 % used.\n> It fills by noon.\n" in message.text
    assert "Labels: instance=db1:9100, cluster=eu" in message.text
    assert f"Runbook: {RUNBOOK}" in message.text
    assert f"Source: {QUERY}" in message.text
    payload = message.payload
    assert payload["description"] == "91 % used.\nIt fills by noon."
    assert payload["labels"] == {"instance": "db1:9100", "cluster": "eu"}
    assert (payload["runbook_url"], payload["source_url"]) == (RUNBOOK, QUERY)


def test_the_html_of_the_mail_has_links_to_press(world: World, machine: Machine, mailoutbox: list[Any]) -> None:
    policy_of(machine.service, [world.person("Ben Ops")])
    fires(machine, description="<b>bold</b>")
    world.tick()
    (html,) = [part.content for part in mailoutbox[0].alternatives]
    assert f'<a href="{RUNBOOK}">' in html
    assert "&gt; &lt;b&gt;bold" in html


def test_the_acknowledge_page_and_the_room_show_the_runbook(world: World, machine: Machine) -> None:
    policy_of(machine.service, [world.person("Ben Ops")])
    fires(machine)
    world.tick()
    shown = Client().get(f"/p/{links.token_for(Page.objects.get(), at=world.now)}/").text
    assert "91 % used.<br>It fills by noon." in shown
    assert f'href="{RUNBOOK}"' in shown
    assert f'href="{QUERY}"' in shown
    assert "instance=db1:9100" in shown
    (incident,) = machine.incidents()
    browser = world.browser(world.admin)
    assert f'href="{RUNBOOK}"' in browser.get(f"/incidents/{incident.reference}/").text
    assert f'href="{RUNBOOK}"' in browser.get(f"/alerts/of/{incident.reference}/").text


def test_only_web_addresses_are_links(world: World, machine: Machine) -> None:
    policy_of(machine.service, [world.person("Ben Ops")])
    fires(machine, runbook_url="javascript:alert(1)")
    world.tick()
    message = Message.objects.get()
    assert message.payload["runbook_url"] is None
    assert "javascript" not in message.text


def test_the_worst_alert_speaks_in_its_newest_words(world: World, machine: Machine) -> None:
    policy_of(machine.service, [world.person("Ben Ops")], [world.person("Cleo Dev")], wait=60)
    machine.say(group(alert("Slow", starts=world.now, severity="warning"), key="{}:{}"))
    said = alert("Down", starts=world.now, severity="critical")
    said["annotations"]["description"] = "Nothing answers."
    machine.say(group(said, key="{}:{}"))
    world.tick()
    assert {message.payload["description"] for message in Message.objects.filter(kind="page")} == {"Nothing answers."}
