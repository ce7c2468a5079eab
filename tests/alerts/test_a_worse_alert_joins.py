"""An alert joins an incident that was not as bad, or grows worse in it: what counts, what is told, and who is woken."""

from datetime import timedelta

import pytest

from accounts.models import User
from incidents import actions, story
from incidents.models import Incident, Kind, Page
from tests.alerts.machines import Machine, alert, group
from tests.paging.conftest import policy_of
from tests.world import START, World

GROUP = "{}:{}"


@pytest.fixture
def ben(world: World, machine: Machine) -> User:
    """On call for the service of the machine."""
    person = world.person("Ben Ops")
    policy_of(machine.service, [person], wait=600)
    return person


def joined(machine: Machine, first: str, *more: str) -> Incident:
    """The incident of a group whose alerts came one after the other, by their severities."""
    for severity in (first, *more):
        machine.fires("Disk", key=GROUP, severity=severity)
    (incident,) = machine.incidents()
    return incident


def grows(machine: Machine, severity: str, *, read: bool = True, firing: bool = True) -> None:
    """The same alert says how bad it is now. Alertmanager makes another fingerprint of a changed label; a rule whose
    own text holds the severity, or a tool with keys of its own, does not."""
    now = machine.world.now
    said = alert("Disk", firing=firing, starts=START, ends=None if firing else now, severity=severity)
    machine.say(group({**said, "fingerprint": "disk"}, key=GROUP), read=read)


def lines(incident: Incident) -> list[str]:
    """What the story says about the severity."""
    return [story.tell(event).words for event in incident.timeline.filter(kind=Kind.SEVERITY).order_by("seq")]


def urgencies(world: World) -> list[str]:
    world.tick()
    return list(Page.objects.order_by("pk").values_list("urgency", flat=True))


def test_the_severity_is_raised_and_the_story_says_why(machine: Machine) -> None:
    incident = joined(machine, "warning", "critical")
    assert incident.severity.code == "SEV1"
    assert lines(incident) == ["raised the severity from SEV3 to SEV1, because a worse alert joined: Disk is wrong"]
    assert incident.timeline.get(kind=Kind.SEVERITY).actor_name == machine.source.name


def test_it_is_raised_also_when_somebody_has_accepted_it(world: World, machine: Machine) -> None:
    incident = joined(machine, "warning")
    actions.accept(incident, actor=world.admin, at=world.now)
    assert joined(machine, "critical").severity.code == "SEV1"


def test_it_is_never_lowered(machine: Machine) -> None:
    incident = joined(machine, "error", "warning", "info")
    assert (incident.severity.code, lines(incident)) == ("SEV2", [])


def test_a_severity_that_a_person_chose_stays_and_it_is_told_once_that_a_worse_alert_joined(
    world: World, machine: Machine
) -> None:
    incident = joined(machine, "error")
    actions.change_severity(incident, world.severity("SEV3"), actor=world.admin, at=world.now)
    machine.fires("Disk", key=GROUP, severity="critical", host="a")
    machine.fires("Disk", key=GROUP, severity="critical", host="b")
    incident.refresh_from_db()
    assert incident.severity.code == "SEV3"
    assert lines(incident) == [
        "lowered the severity from SEV2 to SEV3",
        "left the severity at SEV3, chosen by a person: a worse alert joined (SEV1), Disk is wrong",
    ]
    actions.change_severity(incident, world.severity("SEV2"), actor=world.admin, at=world.now)
    machine.fires("Disk", key=GROUP, severity="critical", host="c")
    assert len(lines(incident)) == 4, "a new choice is told of anew"


def test_when_it_wakes_people_who_were_not_woken_before_the_paging_begins_anew(
    world: World, machine: Machine, ben: User
) -> None:
    joined(machine, "info")
    assert urgencies(world) == ["low"]
    joined(machine, "critical")
    assert urgencies(world) == ["low", "high"]


def test_it_begins_anew_also_where_everyone_had_been_asked_in_vain(world: World, machine: Machine, ben: User) -> None:
    joined(machine, "info")
    for _ in range(4):
        world.traveller.shift(timedelta(hours=1))
        urgencies(world)
    before = len(urgencies(world))
    joined(machine, "critical")
    assert urgencies(world)[before:] == ["high"]


def test_who_has_answered_is_not_paged_again(world: World, machine: Machine, ben: User) -> None:
    incident = joined(machine, "info")
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    assert joined(machine, "critical").severity.code == "SEV1"
    assert urgencies(world) == ["low"]


def test_where_people_are_woken_already_the_paging_goes_on_as_it_was(world: World, machine: Machine, ben: User) -> None:
    joined(machine, "warning")
    assert urgencies(world) == ["high"]
    joined(machine, "critical")
    assert urgencies(world) == ["high"]


def test_an_alert_that_grows_worse_in_its_incident_raises_the_severity_too(world: World, machine: Machine) -> None:
    for severity in ("warning", "critical", "critical"):
        grows(machine, severity)
    (incident,) = machine.incidents()
    assert incident.severity.code == "SEV1"
    assert lines(incident) == ["raised the severity from SEV3 to SEV1, because an alert grew worse: Disk is wrong"]
    grows(machine, "warning")
    grows(machine, "SEV2")
    incident.refresh_from_db()
    assert (incident.severity.code, len(lines(incident))) == ("SEV1", 1)


def test_one_that_grows_worse_wakes_people_who_were_not_woken_before(world: World, machine: Machine, ben: User) -> None:
    grows(machine, "info")
    assert urgencies(world) == ["low"]
    grows(machine, "critical")
    assert urgencies(world) == ["low", "high"]


def test_one_that_grows_worse_leaves_a_severity_that_a_person_chose_and_is_told_of_once(
    world: World, machine: Machine
) -> None:
    grows(machine, "error")
    (incident,) = machine.incidents()
    actions.change_severity(incident, world.severity("SEV4"), actor=world.admin, at=world.now)
    grows(machine, "error")
    assert len(lines(incident)) == 1, "it says nothing new"
    grows(machine, "critical")
    grows(machine, "critical")
    incident.refresh_from_db()
    assert incident.severity.code == "SEV4"
    assert lines(incident)[1:] == [
        "left the severity at SEV4, chosen by a person: an alert grew worse (SEV1), Disk is wrong"
    ]


@pytest.mark.parametrize("said", [("warning", "critical"), ("critical", "warning"), ("info", "SEV1", "info")])
def test_what_it_said_while_nobody_was_reading_counts_at_its_worst(machine: Machine, said: tuple[str, ...]) -> None:
    for severity in said:
        grows(machine, severity, read=False)
    machine.read()
    (incident,) = machine.incidents()
    assert (incident.severity.code, lines(incident)) == ("SEV1", [])


def test_an_alert_that_grew_worse_and_is_over_at_once_still_counted(world: World, machine: Machine) -> None:
    grows(machine, "warning")
    (incident,) = machine.incidents()
    world.traveller.shift(60)
    grows(machine, "critical", read=False)
    grows(machine, "critical", firing=False)
    incident.refresh_from_db()
    assert (incident.status, incident.severity.code) == ("resolved", "SEV1")
