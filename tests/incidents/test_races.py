"""Many people at once: one line of the story, one holder of a role, no number given twice."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from core.errors import Refused
from incidents import actions
from incidents.models import Incident, Kind, RoleAssignment, TimelineEvent
from tests.world import World

CROWD = 20


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Every deed in a thread of its own, all released in one instant; what each answered, or the refusal."""
    gate = threading.Barrier(len(deeds))
    answers: list[Any] = [None] * len(deeds)

    def run(index: int) -> None:
        gate.wait()
        try:
            answers[index] = deeds[index]()
        except Exception as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def declared(world: World, **more: Any) -> Incident:
    fields = {"title": "Fire", "severity": world.severity("SEV1"), "service": None, "actor": world.admin}
    return actions.declare(**{**fields, "at": world.now, **more})


def crowd(world: World, number: int = CROWD) -> list[User]:
    return [world.person(f"Person {index}") for index in range(number)]


def test_twenty_people_acknowledge_at_once_and_one_was_first(committed_world: World) -> None:
    world = committed_world
    world.settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    incident, people = declared(world), crowd(world)
    answers = at_once([lambda p=p: actions.acknowledge(incident, actor=p, at=world.now) for p in people])
    won = [answer for answer in answers if isinstance(answer, Incident)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(won), len(lost)) == (1, CROWD - 1)
    first = TimelineEvent.objects.get(incident=incident, kind=Kind.ACKNOWLEDGED)
    assert all(str(first.actor) in refusal.sentence for refusal in lost)


def test_one_person_pressing_twenty_times_is_one_line_and_no_refusal(committed_world: World) -> None:
    world = committed_world
    incident, ben = declared(world), world.person("Ben Ortiz")
    answers = at_once([lambda: actions.resolve(incident, actor=ben, at=world.now)] * CROWD)
    assert all(isinstance(answer, Incident) for answer in answers)
    assert TimelineEvent.objects.filter(incident=incident, kind=Kind.RESOLVED).count() == 1


def test_a_role_that_twenty_take_at_once_has_one_holder(committed_world: World) -> None:
    world = committed_world
    incident, people = declared(world), crowd(world, 10)
    answers = at_once(
        [lambda p=p: actions.take_role(incident, "commander", person=p, actor=p, at=world.now) for p in people]
    )
    assert all(isinstance(answer, RoleAssignment) for answer in answers), answers
    assert RoleAssignment.objects.filter(incident=incident, left_at=None).count() == 1


def test_lines_written_at_once_are_numbered_without_gaps(committed_world: World) -> None:
    world = committed_world
    incident, people = declared(world), crowd(world, 10)
    deeds = [lambda p=p: actions.add_note(incident, "x", actor=p, at=world.now) for p in people]
    deeds += [lambda: actions.change_severity(incident, world.severity("SEV2"), actor=None, at=world.now)]
    at_once(deeds)
    numbers = list(TimelineEvent.objects.filter(incident=incident).values_list("seq", flat=True))
    assert numbers == list(range(1, 13))
    assert Incident.objects.get(pk=incident.pk).head == 12


def test_whoever_waits_while_severity_and_service_change_finds_the_incident_as_it_then_is(
    committed_world: World,
) -> None:
    world = committed_world
    incident, ben = declared(world, service=world.service("Payments")), world.person("Ben Ortiz")
    search = world.service("Search")
    held, answers = threading.Event(), list[Any]()

    def wait_for_the_row() -> None:
        held.wait(10)
        try:
            answers.append(actions.acknowledge(incident, actor=ben, at=world.now))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    waiting = threading.Thread(target=wait_for_the_row)
    waiting.start()
    with transaction.atomic():
        actions.change_severity(incident, world.severity("SEV3"), actor=None, at=world.now)
        actions.set_service(incident, search, actor=None, at=world.now)
        held.set()
        time.sleep(0.5)
    waiting.join(60)
    [answer] = answers
    assert isinstance(answer, Incident), answer
    assert (answer.severity.code, answer.service, answer.acknowledged_at) == ("SEV3", search, world.now)


def test_severities_chosen_at_once_all_count(committed_world: World) -> None:
    world = committed_world
    incident = declared(world, severity=world.severity("SEV4"))
    deeds = [
        lambda code=f"SEV{1 + number % 3}": actions.change_severity(
            incident, world.severity(code), actor=None, at=world.now
        )
        for number in range(12)
    ]
    answers = at_once(deeds)
    assert all(isinstance(answer, Incident) for answer in answers), answers


def test_incidents_declared_at_once_have_numbers_of_their_own(committed_world: World) -> None:
    world = committed_world
    answers = at_once([lambda: declared(world)] * CROWD)
    assert len({answer.number for answer in answers}) == CROWD


def test_opposite_moves_at_once_leave_one_true_story(committed_world: World) -> None:
    world = committed_world
    ben, cleo = crowd(world, 2)
    for _ in range(5):
        incident = declared(world, origin=Incident.Origin.ALERT)
        at_once(
            [
                lambda i=incident: actions.accept(i, actor=ben, at=world.now),
                lambda i=incident: actions.decline(i, actor=cleo, at=world.now, reason="noise"),
            ]
        )
        kinds = set(TimelineEvent.objects.filter(incident=incident).values_list("kind", flat=True))
        status = Incident.objects.get(pk=incident.pk).status
        assert (status == "declined") == (Kind.DECLINED in kinds)
        assert (status == "investigating") == (Kind.ACCEPTED in kinds)
