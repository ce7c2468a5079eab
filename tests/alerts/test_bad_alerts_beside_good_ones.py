"""A payload holds alerts that cannot be read: the others are taken in, and nothing is lost without a word."""

import html
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from alerts.actions import payloads_due
from alerts.models import Alert, Payload
from notifications.models import Message
from tests.alerts.doors import Web
from tests.alerts.machines import Machine, alert, group
from tests.world import World

BAD = {"status": "firing", "labels": ["a"], "annotations": {"summary": "Lost"}}


def mixed(world: World, *bad: Any, name: str = "Disk") -> dict[str, Any]:
    """Two good alerts, and then what is given."""
    good = [alert(name, starts=world.now, n=str(n)) for n in range(2)]
    document = group(*good)
    return {**document, "alerts": [*good, *bad]}


def page(world: World, path: str, person: User | None = None) -> str:
    answer = world.browser(person or world.admin).get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bad", [BAD, None, "words", 5, [], {"labels": "a=b"}])
def test_the_good_alerts_of_an_accepted_payload_are_all_taken_in(web: Web, sender: Machine, bad: Any) -> None:
    answer = web.send(f"/in/alertmanager/{sender.key}", mixed(sender.world, bad))
    assert answer.status == 200
    payloads_due(sender.world.now)
    payload = Payload.objects.get()
    assert (payload.state, payload.alert_count, payload.unreadable_count) == ("in_part", 2, 1)
    assert payload.unreadable is not None
    assert payload.unreadable[0].startswith("alerts[2]")
    assert {one.labels["n"] for one in Alert.objects.all()} == {"0", "1"}
    assert len(sender.incidents()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("alerts", "sentence"),
    [
        ([BAD], "alerts[0].labels must be an object."),
        ([None, BAD], "alerts[0] must be an object."),
        ([5] * 40_000, "alerts[0] must be an object."),
    ],
)
def test_a_payload_without_one_readable_alert_is_refused_with_the_sentence_and_kept(
    web: Web, sender: Machine, alerts: list[Any], sentence: str
) -> None:
    answer = web.send(f"/in/alertmanager/{sender.key}", {"alerts": alerts})
    assert (answer.status, answer.json["detail"]) == (400, sentence)
    payload = Payload.objects.get()
    assert (payload.state, payload.failure) == ("unreadable", sentence)
    assert sentence in page(sender.world, f"/alerts/sources/{sender.source.pk}/")
    assert not Message.objects.exists(), "its sender was told"


def test_what_was_lost_is_shown_with_its_sentences_and_counted(world: World, machine: Machine) -> None:
    payload = machine.say(mixed(world, BAD, None, *["x"] * 30))
    rob = world.person("Rob Responder")
    shown = page(world, f"/alerts/sources/{machine.source.pk}/", rob)
    for words in ("Read in part", "32 alerts not readable: alerts[2].labels must be an object.", "Disk is wrong"):
        assert words in shown
    assert "1 in part" in page(world, "/alerts/sources/", rob)
    one = page(world, f"/alerts/sources/payloads/{payload.pk}/", rob)
    assert "32 alerts could not be read and were not taken in" in one
    for words in (
        "alerts[2].labels must be an object.",
        "alerts[3] must be an object.",
        "and 12 more",
        "Disk is wrong",
    ):
        assert words in one
    told = world.program().get("/payloads/", state="in_part").json()["results"][0]
    assert (told["unreadable_count"], told["unreadable"][1]) == (32, "alerts[3] must be an object.")
    assert len(told["alerts"]) == 2


def test_a_payload_that_was_read_in_part_is_read_again_once_its_parser_is_mended(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = machine.say(mixed(world, BAD))
    assert "Read 1 unreadable again" in page(world, f"/alerts/sources/{machine.source.pk}/")
    monkeypatch.setattr("alerts.sources.alertmanager._trouble", lambda index, said: "")
    monkeypatch.setattr("alerts.sources.alertmanager.labels", lambda raw: dict(raw) if isinstance(raw, dict) else {})
    world.browser(world.admin).post(f"/alerts/sources/{machine.source.pk}/replay/")
    machine.read()
    payload.refresh_from_db()
    assert (payload.state, payload.unreadable_count, payload.unreadable, payload.alert_count) == ("done", 0, None, 3)
    assert set(Alert.objects.values_list("title", flat=True)) == {"Disk is wrong", "Lost"}


def notices() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind="notice").order_by("pk")
    return [(row.person.name, row.subject) for row in rows if row.person]


SUBJECT = "Alerts from Alertmanager could not be read"


def test_the_managers_of_the_services_team_are_told_once_an_hour(world: World, machine: Machine) -> None:
    mia, rob = world.person("Mia Manager", role="manager"), world.person("Rob Responder")
    world.person("Max Elsewhere", role="manager")
    machine.service.owner = world.team("Payments", mia, rob)
    machine.service.save()
    first = machine.say(mixed(world, BAD))
    assert notices() == [("Mia Manager", SUBJECT)]
    (message,) = Message.objects.all()
    assert "alerts[2].labels must be an object." in message.text
    assert f"/alerts/sources/payloads/{first.pk}/" in message.text
    world.traveller.shift(timedelta(minutes=59))
    machine.say(mixed(world, None))
    assert len(notices()) == 1
    world.traveller.shift(timedelta(minutes=1))
    machine.say(mixed(world, None))
    assert notices() == [("Mia Manager", SUBJECT)] * 2


def test_without_a_manager_in_the_team_the_administrators_are_told(world: World, machine: Machine) -> None:
    machine.say(mixed(world, BAD), read=False)
    machine.say(b"accepted before its parser grew stricter")
    assert notices() == [("Ada Admin", SUBJECT)], "one for all that came together"
    assert "Other payloads that came with it: 1" in Message.objects.get().text


def test_who_reads_it_again_by_hand_is_not_told_of_what_they_look_at(world: World, machine: Machine) -> None:
    payload = machine.say(mixed(world, BAD))
    world.traveller.shift(timedelta(hours=2))
    world.browser(world.admin).post(f"/alerts/sources/payloads/{payload.pk}/replay/")
    machine.read()
    payload.refresh_from_db()
    assert payload.state == "in_part"
    assert len(notices()) == 1


def test_a_payload_muster_fails_on_is_told_of_too(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.sources import TOOLS

    broken = TOOLS["alertmanager"]._replace(parse=lambda document: 1 / 0)
    monkeypatch.setitem(TOOLS, "alertmanager", broken)
    machine.fires("Disk", read=False)
    for _ in range(4):
        machine.read()
        assert notices() == []
        world.traveller.shift(400)
    machine.read()
    assert notices() == [("Ada Admin", SUBJECT)]


def test_a_notice_that_cannot_be_left_costs_no_alert(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.actions.noticing.notify", lambda *_args, **_more: 1 / 0)
    assert machine.say(mixed(world, BAD)).state == "in_part"
    assert len(machine.incidents()) == 1


def test_weird_but_readable_alerts_all_become_alerts(world: World, machine: Machine) -> None:
    same = alert("Twice", starts=world.now)
    long = alert("Long", starts=world.now)
    long["annotations"] = {"summary": "x" * 100_000}
    bare = {"labels": {"alertname": "Bare", "port": 80, "tags": ["a", {"b": None}], "nothing": None}}
    payload = machine.say({"alerts": [same, {**same, "status": "resolved"}, same, long, bare, {}], "status": "firing"})
    assert (payload.state, payload.alert_count, len(payload.alert_ids)) == ("done", 6, 4)
    assert machine.alert("Long").title == "x" * 300
    assert Alert.objects.get(title="Bare").labels == {
        "alertname": "Bare", "port": "80", "tags": '["a",{"b":null}]', "nothing": "",
    }  # fmt: skip
    assert Alert.objects.filter(title=machine.source.name, labels={}).count() == 1
    assert machine.alert("Twice").deliveries == 3
