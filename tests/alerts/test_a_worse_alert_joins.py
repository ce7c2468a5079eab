"""An alert joins an incident that was not as bad: what counts from then on, what is told, and who is woken."""

from datetime import timedelta

import pytest

from accounts.models import User
from incidents import actions, story
from incidents.models import Incident, Kind, Page
from tests.alerts.machines import Machine
from tests.paging.conftest import policy_of
from tests.world import World

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
