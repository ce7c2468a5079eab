"""Alert sources, alerts and payloads for programs."""

from datetime import timedelta

import pytest

from alerts import actions
from alerts.models import AlertSource, Payload
from incidents import actions as incident_actions
from tests.alerts.machines import Machine, alert, fingerprint, group
from tests.incidents.test_races import at_once
from tests.world import World


def made(world: World, **more: object) -> dict:
    world.service("Checkout")
    answer = world.program().post(
        "/alert-sources/", {"name": "Prod", "kind": "alertmanager", "service": "checkout", **more}
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_program_makes_a_source_and_is_given_its_key_and_address_once(world: World) -> None:
    source = made(world)
    assert source["url"] == f"{world.settings.PUBLIC_URL}/in/alertmanager/{source['key']}"
    assert (source["name"], source["kind"]) == ("Prod", "alertmanager")
    again = world.program().get(f"/alert-sources/{source['id']}/").json()
    assert "key" not in again
    assert again["key_prefixes"] == [source["key"].removeprefix("in_")[:8]]
    assert source["key"] not in world.program().get("/alert-sources/").content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " ", "kind": "alertmanager", "service": "checkout"}, "name"),
        ({"name": "x" * 121, "kind": "alertmanager", "service": "checkout"}, "name"),
        ({"name": "A", "kind": "carrier pigeon", "service": "checkout"}, "kind"),
        ({"name": "A", "kind": "alertmanager", "service": "nowhere"}, "service"),
        ({"name": "A", "kind": "alertmanager", "service": ["checkout"]}, "service"),
        ({"name": "A", "kind": "alertmanager", "service": True}, "service"),
        ({"name": "A", "kind": "alertmanager", "service": "checkout", "default_severity": "SEV9"}, "default_severity"),
        ({"name": {"a": 1}, "kind": 5, "service": 10**15}, "name"),
    ],
)
def test_a_source_that_cannot_be_made_is_refused_at_its_field(world: World, body: dict, field: str) -> None:
    world.service("Checkout")
    answer = world.program().post("/alert-sources/", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not AlertSource.objects.exists()


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    made(world)
    answer = world.program().post("/alert-sources/", {"name": "PROD", "kind": "alertmanager", "service": "checkout"})
    assert answer.status_code == 409
    assert "already" in answer.json()["detail"]


def test_a_source_is_changed_rotated_switched_off_and_on(world: World) -> None:
    source = made(world)
    program, path = world.program(), f"/alert-sources/{source['id']}/"
    assert program.patch(path, {"default_severity": "P2", "name": "Renamed"}).json()["default_severity"] == "SEV2"
    assert program.patch(path, {"name": ""}).status_code == 400
    rotated = program.post(f"{path}rotate").json()
    assert rotated["key"] != source["key"]
    assert len(rotated["key_prefixes"]) == 2
    third = program.post(f"{path}rotate/").json()
    assert third["key_prefixes"][1:] == rotated["key_prefixes"][:1], "only two keys are valid at a time"
    world.traveller.shift(timedelta(hours=25))
    program = world.program()
    assert program.get(path).json()["key_prefixes"] == third["key_prefixes"][:1]
    assert program.delete(path).status_code == 204
    assert program.get(path).json()["enabled"] is False
    assert program.post(f"{path}enable").json()["enabled"] is True


def test_only_who_may_configure_changes_sources(world: World) -> None:
    source = made(world)
    responder = world.program(world.person("Rob Responder"))
    assert responder.get("/alert-sources/").status_code == 200
    for path in ("", f"{source['id']}/rotate", f"{source['id']}/enable", f"{source['id']}/test"):
        assert responder.post(f"/alert-sources/{path}", {}).status_code == 403
    assert responder.delete(f"/alert-sources/{source['id']}/").status_code == 403
    assert world.program(scope="read").post("/alert-sources/", {}).status_code == 403


def test_alerts_are_listed_by_source_state_key_label_and_words(world: World, machine: Machine) -> None:
    machine.fires("Disk", severity="critical", host="db 1")
    machine.fires("Memory", severity="warning")
    world.traveller.shift(60)
    machine.resolves("Memory", severity="warning")
    program = world.program()
    key = fingerprint({"alertname": "Disk", "severity": "critical", "host": "db 1"})

    def titles(**query: object) -> list[str]:
        answer = program.get("/alerts/", **query)
        assert answer.status_code == 200, answer.content
        assert set(answer.json()) == {"next", "previous", "results"}
        return [row["title"] for row in answer.json()["results"]]

    disk, memory = "Disk is wrong", "Memory is wrong"
    assert titles() == [memory, disk]
    assert titles(source=machine.source.pk, state="firing") == [disk]
    assert titles(state="resolved") == [memory]
    assert titles(state="acknowledged") == []
    assert titles(source="", state="", dedup_key="") == [memory, disk], "an empty filter is none"
    assert titles(dedup_key=key) == [disk]
    assert titles(dedup_key="unknown") == []
    assert titles(label="host=db 1") == [disk]
    assert titles(label="severity") == [memory, disk]
    assert titles(q="mem wrong") == [memory]
    assert titles(service="payments") == [memory, disk]
    row = program.get("/alerts/", state="firing").json()["results"][0]
    assert row["incident"] == machine.alert("Disk", severity="critical", host="db 1").incident.reference
    assert row["labels"] == {"alertname": "Disk", "severity": "critical", "host": "db 1"}
    assert (row["severity"], row["started_at"], row["resolved_at"]) == ("critical", "2026-01-05T09:00:00Z", None)
    assert program.get(f"/alerts/{row['id']}").json() == row


@pytest.mark.parametrize(
    "query",
    [{"state": "on fire"}, {"source": "mine"}, {"source": "0"}, {"source": str(10**30)}, {"service": "nowhere"},
     {"label": "x" * 2000}, {"q": "x" * 201}, {"cursor": "nonsense"}],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_told_so(world: World, query: dict) -> None:
    answer = world.program().get("/alerts/", **query)
    assert answer.status_code in {400, 404}
    assert answer.json()["detail"]
    if "cursor" not in query:
        assert answer.status_code == 400


def test_an_alert_is_acknowledged_with_its_incident(world: World, machine: Machine) -> None:
    machine.fires("Disk")
    program, known = world.program(), machine.alert("Disk")
    answer = program.post(f"/alerts/{known.pk}/acknowledge")
    assert answer.json()["state"] == "acknowledged"
    assert program.get("/alerts/", state="acknowledged").json()["results"][0]["id"] == known.pk
    assert program.get("/alerts/", state="firing").json()["results"] == []
    known.incident.refresh_from_db()
    assert known.incident.acknowledged_at == world.now
    assert program.post(f"/alerts/{known.pk}/resolve").json()["state"] == "resolved"
    assert program.post(f"/alerts/{known.pk}/resolve").status_code == 409
    assert program.post(f"/alerts/{known.pk}/acknowledge").status_code == 409
    known.incident.refresh_from_db()
    assert known.incident.status == "resolved"
    world.traveller.shift(600)
    machine.fires("Disk")
    assert program.get(f"/alerts/{known.pk}/").json()["state"] == "firing"


def test_alerts_of_a_private_incident_are_there_only_for_whom_it_admits(world: World, machine: Machine) -> None:
    outsider = world.person("Olga Outside", role="manager")
    machine.say(group(alert("Zanzibar", starts=world.now)))
    known = machine.alert("Zanzibar")
    program = world.program(outsider)
    assert "Zanzibar" in program.get("/alerts/").content.decode()
    incident_actions.set_visibility(known.incident, private=True, actor=world.admin, at=world.now)
    payload = Payload.objects.get()
    for path in ("/alerts/", "/alerts/?q=Zanzibar", f"/alerts/{known.pk}/", "/payloads/", f"/payloads/{payload.pk}/"):
        assert "Zanzibar" not in program.get(path).content.decode()
        assert str(known.incident.reference) not in program.get(path).content.decode()
    assert program.get(f"/alerts/{known.pk}/").status_code == 404
    assert program.post(f"/alerts/{known.pk}/acknowledge").status_code == 404
    assert program.get(f"/payloads/{payload.pk}/").json()["alerts"] == []
    incident_actions.admit(known.incident, outsider, actor=world.admin, at=world.now)
    assert "Zanzibar" in program.get(f"/alerts/{known.pk}/").content.decode()


def test_payloads_are_listed_and_replayed(world: World, machine: Machine) -> None:
    broken = machine.say(b"nonsense")
    good = machine.fires("Disk")
    program = world.program()
    rows = program.get("/payloads/", source=machine.source.pk, state="unreadable").json()["results"]
    assert [row["id"] for row in rows] == [broken.pk]
    assert "not JSON" in rows[0]["failure"]
    assert program.get("/payloads/", state="eaten").status_code == 400
    world.traveller.shift(60)
    machine.resolves("Disk")
    assert program.post(f"/payloads/{good.pk}/replay").json()["state"] == "waiting"
    assert program.post(f"/payloads/{good.pk}/replay").status_code == 409
    assert program.post(f"/alert-sources/{machine.source.pk}/replay-unreadable").json() == {"payloads": 1}
    machine.read()
    assert machine.alert("Disk").state == "resolved", "a replayed payload cannot raise what ended since"
    assert len(machine.incidents()) == 1
    broken.refresh_from_db()
    assert broken.state == "unreadable"


def test_a_test_alert_goes_the_whole_way_and_pages_only_if_asked(world: World, machine: Machine) -> None:
    program = world.program()
    path = f"/alert-sources/{machine.source.pk}/test"
    quiet = program.post(path)
    assert (quiet.status_code, quiet.json()["trial"]) == (202, "quiet")
    machine.read()
    assert machine.incidents() == []
    assert program.get(f"/payloads/{quiet.json()['id']}/").json()["state"] == "done"
    assert [row["is_test"] for row in program.get("/alerts/").json()["results"]] == [True]
    program.post(path, {"paging": True})
    machine.read()
    (drill,) = machine.incidents()
    assert (drill.drill, drill.status) == (True, "triage")
    assert program.post(path, {"paging": "perhaps"}).status_code == 400


def test_old_payloads_go_and_what_waits_stays(world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(8):
        machine.fires("Disk", n=str(n))
    machine.say(b"nonsense")
    world.traveller.shift(timedelta(days=31))
    for n in range(6):
        machine.fires("New", n=str(n))
    waiting = machine.fires("Waits", read=False)
    assert actions.old_payloads_due(world.now) == 9
    assert Payload.objects.count() == 7
    monkeypatch.setattr("alerts.actions.inbox.KEEP_PAYLOADS", 4)
    assert actions.old_payloads_due(world.now) == 2
    monkeypatch.setattr("alerts.actions.inbox.KEEP_BYTES", 10)
    assert actions.old_payloads_due(world.now) == 3
    assert Payload.objects.filter(pk=waiting.pk).exists()
    assert actions.old_payloads_due(world.now) == 0


def test_programs_that_change_different_things_at_once_lose_nothing(committed_world: World) -> None:
    world = committed_world
    source, mine, other = Machine(world).source, world.program(), world.program()
    path = f"/alert-sources/{source.pk}/"
    for number in range(8):
        severity = f"SEV{number % 4 + 1}"
        renamed, graded = at_once(
            [
                lambda n=number: mine.patch(path, {"name": f"Name {n}"}),
                lambda s=severity: other.patch(path, {"default_severity": s}),
            ]
        )
        assert (renamed.status_code, graded.status_code) == (200, 200)
        source.refresh_from_db()
        assert (source.name, source.default_severity.code) == (f"Name {number}", severity)
    assert mine.patch(path, {}).json()["name"] == "Name 7"
    assert mine.patch(path, {"default_severity": None}).json()["default_severity"] is None
