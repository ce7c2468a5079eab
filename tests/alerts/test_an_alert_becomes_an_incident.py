"""From a payload in the inbox to an incident in triage, and back."""

from datetime import timedelta

import pytest

from alerts.models import Alert, Occurrence, Payload
from incidents import actions as incident_actions
from incidents.models import Incident, Kind
from tests.alerts.machines import Machine, alert, group
from tests.world import World


def lines(incident: Incident, kind: str) -> list[str]:
    return list(incident.timeline.filter(kind=kind).order_by("seq").values_list("text", flat=True))


def test_a_firing_alert_declares_an_incident_in_triage_on_the_service_of_its_source(machine: Machine) -> None:
    payload = machine.fires("HighLatency", severity="critical")
    (incident,) = machine.incidents()
    assert (incident.status, incident.title, incident.origin) == ("triage", "HighLatency is wrong", "alert")
    assert incident.service == machine.service
    assert incident.severity.code == "SEV1"
    assert machine.alert("HighLatency", severity="critical").incident == incident
    assert lines(incident, Kind.ALERT_FIRED) == ["Fired: HighLatency is wrong"]
    assert payload.state == Payload.State.DONE
    assert payload.alert_ids == [machine.alert("HighLatency", severity="critical").pk]


def test_the_same_alert_said_again_is_the_same_alert_and_the_same_incident(world: World, machine: Machine) -> None:
    start = world.now
    for minutes in range(3):
        machine.fires("Disk", started=start)
        world.traveller.shift(timedelta(minutes=minutes))
    assert len(machine.incidents()) == 1
    known = machine.alert("Disk")
    assert (known.deliveries, known.state, known.occurrences.count()) == (3, "firing", 1)
    assert known.changed_at == start


def test_an_incident_that_nobody_accepted_ends_with_its_last_alert(world: World, machine: Machine) -> None:
    machine.say(group(alert("A", starts=world.now), alert("B", starts=world.now), key="g"))
    (incident,) = machine.incidents()
    assert incident.title == "A is wrong (and 1 more alert)"
    machine.resolves("A", key="g")
    incident.refresh_from_db()
    assert incident.status == "triage"
    world.traveller.shift(60)
    machine.resolves("B", key="g")
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert (
        lines(incident, Kind.ALERT_RESOLVED)[-1]
        == "Resolved: B is wrong. No alert of this incident is firing any more."
    )
    assert incident.timeline.get(kind=Kind.RESOLVED).actor_name == machine.source.name


def test_an_accepted_incident_is_only_told_that_its_alerts_are_over(world: World, machine: Machine) -> None:
    machine.fires("A")
    (incident,) = machine.incidents()
    incident_actions.accept(incident, actor=world.admin, at=world.now)
    world.traveller.shift(60)
    machine.resolves("A")
    incident.refresh_from_db()
    assert incident.status == "investigating"
    assert len(lines(incident, Kind.ALERT_RESOLVED)) == 1


def test_an_alert_that_comes_back_within_minutes_reopens_the_incident_that_ended_by_itself(
    world: World, machine: Machine
) -> None:
    machine.fires("A")
    world.traveller.shift(60)
    machine.resolves("A")
    world.traveller.shift(120)
    machine.fires("A")
    (incident,) = machine.incidents()
    assert incident.is_open
    assert machine.alert("A").occurrences.count() == 2
    world.traveller.shift(60)
    machine.resolves("A")
    incident.refresh_from_db()
    assert incident.status == "resolved"


def test_an_alert_that_comes_back_later_declares_a_new_incident(world: World, machine: Machine) -> None:
    machine.fires("A")
    world.traveller.shift(60)
    machine.resolves("A")
    world.traveller.shift(301)
    machine.fires("A")
    first, second = machine.incidents()
    assert (first.status, second.status) == ("resolved", "triage")
    assert machine.alert("A").incident == second


def test_an_alert_that_a_person_ended_by_resolving_and_that_comes_back_is_a_new_incident(
    world: World, machine: Machine
) -> None:
    machine.fires("A")
    incident_actions.resolve(machine.incidents()[0], actor=world.admin, at=world.now)
    world.traveller.shift(60)
    machine.resolves("A")
    world.traveller.shift(60)
    machine.fires("A")
    assert [row.status for row in machine.incidents()] == ["resolved", "triage"]


def test_an_alert_still_said_to_fire_long_after_its_incident_was_resolved_is_a_new_incident(
    world: World, machine: Machine
) -> None:
    start = world.now
    machine.fires("A", started=start)
    incident_actions.resolve(machine.incidents()[0], actor=world.admin, at=world.now)
    world.traveller.shift(240)
    machine.fires("A", started=start)
    assert len(machine.incidents()) == 1
    world.traveller.shift(120)
    machine.fires("A", started=start)
    first, second = machine.incidents()
    assert lines(second, Kind.ALERT_FIRED) == ["Still firing although its last incident was resolved: A is wrong"]
    assert list(machine.alert("A").occurrences.values_list("incident", flat=True)) == [second.pk, first.pk]


def test_an_episode_that_was_declined_as_noise_stays_declined_and_the_next_one_is_asked_again(
    world: World, machine: Machine
) -> None:
    start = world.now
    machine.fires("A", started=start)
    incident_actions.decline(machine.incidents()[0], actor=world.admin, at=world.now, reason="Known")
    world.traveller.shift(timedelta(hours=4))
    machine.fires("A", started=start)
    assert len(machine.incidents()) == 1
    machine.resolves("A")
    world.traveller.shift(60)
    machine.fires("A")
    assert len(machine.incidents()) == 2


def test_alerts_that_the_tool_grouped_share_one_incident(world: World, machine: Machine) -> None:
    machine.fires("A", key="{}:{}", instance="1", severity="warning")
    machine.fires("A", key="{}:{}", instance="2", severity="critical")
    (incident,) = machine.incidents()
    assert incident.alerts.count() == 2
    assert incident.severity.code == "SEV1", "a worse alert raises what nobody has accepted yet"
    machine.fires("Z", key="{}:{other}")
    assert len(machine.incidents()) == 2


def test_the_order_of_arrival_does_not_matter(world: World, machine: Machine) -> None:
    start = world.now - timedelta(minutes=10)
    ended = world.now - timedelta(minutes=1)
    machine.resolves("A", started=start, ended=ended)
    known = machine.alert("A")
    assert (known.state, known.resolved_at, machine.incidents()) == ("resolved", ended, [])
    machine.fires("A", started=start)
    known.refresh_from_db()
    assert (known.state, machine.incidents()) == ("resolved", [])
    machine.fires("A", started=world.now)
    machine.resolves("A", started=start, ended=ended)
    known.refresh_from_db()
    assert known.state == "firing"
    assert len(machine.incidents()) == 1


def test_a_pair_of_alertmanagers_that_disagree_by_seconds_makes_one_alert(world: World, machine: Machine) -> None:
    first, second = world.now, world.now + timedelta(seconds=15)
    world.traveller.shift(30)
    machine.fires("A", started=first)
    machine.fires("A", started=second)
    world.traveller.shift(60)
    machine.resolves("A", started=first, ended=world.now)
    machine.fires("A", started=second)
    machine.resolves("A", started=second, ended=world.now)
    known = machine.alert("A")
    assert (known.state, known.occurrences.count(), len(machine.incidents())) == ("resolved", 1, 1)


def test_what_fired_and_ended_while_nobody_read_leaves_the_same_story(world: World, machine: Machine) -> None:
    for _ in range(3):
        machine.fires("A", read=False)
        world.traveller.shift(20)
        machine.resolves("A", read=False)
        world.traveller.shift(20)
    machine.read()
    (incident,) = machine.incidents()
    assert incident.status == "resolved"
    assert machine.alert("A").occurrences.filter(resolved_at__isnull=False).count() == 3


def test_a_truncated_group_that_is_over_ends_the_alerts_it_no_longer_lists(world: World, machine: Machine) -> None:
    machine.say(group(*(alert("A", starts=world.now, n=str(n)) for n in range(5)), key="g"))
    world.traveller.shift(60)
    machine.say(group(alert("A", firing=False, starts=world.now, ends=world.now, n="0"), key="g", truncatedAlerts=4))
    assert not Alert.objects.firing().exists()
    assert machine.incidents()[0].status == "resolved"


def test_a_storm_of_ten_thousand_alerts_becomes_a_few_incidents_that_say_so(world: World, machine: Machine) -> None:
    for number in range(10):
        machine.fires(f"First{number}")
        world.traveller.shift(1)
    for part in range(4):
        machine.say(
            group(
                *(alert("Storm", starts=world.now, n=f"{part}-{n}", severity="warning") for n in range(50)),
                key=f"s{part}",
            )
        )
        for n in range(50):
            machine.fires(f"Other{part}", read=False, n=str(n), key=f"{part}{n}")
        machine.read()
    assert len(machine.incidents()) == 10
    last = machine.incidents()[-1]
    assert last.alerts.count() > 390
    assert any("storming" in text for text in lines(last, Kind.ALERT_FIRED))
    assert last.timeline.count() < 30
    assert Alert.objects.filter(incident=None).count() == 0
    world.traveller.shift(61)
    machine.fires("Calm")
    assert len(machine.incidents()) == 11


def test_a_storm_out_of_nothing_is_one_incident(world: World, machine: Machine) -> None:
    for n in range(60):
        machine.fires(f"A{n}", read=False, severity="critical" if n == 7 else "info")
    machine.read()
    (incident,) = machine.incidents()
    assert incident.title == "A7 is wrong (and 59 more alerts)"
    assert incident.severity.code == "SEV1"


def test_a_source_gives_alerts_without_a_severity_its_own(world: World, machine: Machine) -> None:
    machine.source.default_severity = world.severity("SEV2")
    machine.source.save()
    machine.fires("A", severity="page")
    assert machine.incidents()[0].severity.code == "SEV2"
    machine.fires("B", severity="SEV4")
    assert machine.incidents()[1].severity.code == "SEV4"


def test_one_payload_that_cannot_be_read_holds_up_nobody(world: World, machine: Machine) -> None:
    other = Machine(world, service="Search", name="Another")
    broken = machine.say(b'{"alerts": [{"labels": 5}]}', read=False)
    poisoned = machine.say(group(alert("Poison", starts=world.now)), read=False)
    machine.fires("Good", read=False)
    other.fires("Fine", read=False)
    machine.read()
    broken.refresh_from_db()
    poisoned.refresh_from_db()
    assert (broken.state, broken.failure) == ("unreadable", "alerts[0].labels must be an object.")
    assert poisoned.state == "done"
    assert len(machine.incidents()) == 3


def test_a_payload_muster_itself_fails_on_is_set_aside_after_a_few_attempts(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.normal import Parsed
    from alerts.sources import TOOLS, alertmanager

    def fragile(document: object) -> Parsed:
        found = alertmanager.parse(document)
        if found.alerts[0].title.startswith("Poison"):
            raise ZeroDivisionError("a mistake of ours")
        return found

    monkeypatch.setitem(TOOLS, "alertmanager", TOOLS["alertmanager"]._replace(parse=fragile))
    poisoned = machine.fires("Poison", read=False)
    machine.fires("Good")
    assert [row.title for row in machine.incidents()] == ["Good is wrong"]
    for _ in range(5):
        world.traveller.shift(400)
        machine.read()
    poisoned.refresh_from_db()
    assert poisoned.state == "unreadable"
    assert "ZeroDivisionError: a mistake of ours" in poisoned.failure
    assert Occurrence.objects.count() == 1


def test_a_word_an_administrator_gave_a_severity_is_understood_in_labels(world: World, machine: Machine) -> None:
    worst = world.severity("SEV1")
    worst.aliases = [*worst.aliases, "blackout"]
    worst.save()
    machine.fires("A", severity="Blackout")
    assert machine.incidents()[0].severity.code == "SEV1"
