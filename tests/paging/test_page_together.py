"""Steps and acknowledgements that cross, over several connections."""

import threading
from typing import Any

import pytest
from django.db import connections

from core.errors import Refused
from incidents import acknowledging, actions, escalation, links
from incidents.models import Escalation, Incident, Kind, Page, TimelineEvent
from notifications import delivery
from tests.paging.conftest import policy_of
from tests.receivers import MailCatcher
from tests.world import World


def together(*works: Any) -> None:
    """Run the works in threads that begin together, each with its own connection."""
    gate, faults = threading.Barrier(len(works)), []

    def run(work: Any) -> None:
        try:
            gate.wait()
            work()
        except Exception as fault:  # told by the assertion below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults, faults


def declared(world: World, *, people: int = 1) -> Incident:
    service = world.service("Payments")
    called = [world.person(f"Person {number}") for number in range(people)]
    policy_of(service, called, wait=0, repeat=3)
    return actions.declare(
        title="Down", severity=world.severity("SEV1"), service=service, actor=None, at=world.now,
        origin=Incident.Origin.ALERT,
    )  # fmt: skip


def test_many_workers_fire_a_step_once(committed_world: World, mail: MailCatcher) -> None:
    world = committed_world
    incident = declared(world, people=5)

    def tick() -> None:
        escalation.escalations_due(world.now)
        delivery.messages_due(world.now)

    together(*[tick] * 4)
    rounds = Page.objects.filter(incident=incident).values_list("round", flat=True)
    assert Page.objects.count() == 5 * len(set(rounds))
    assert len(mail.ledger) == len(set(mail.ledger.keys)) == Page.objects.count()


@pytest.mark.parametrize("attempt", range(5))
def test_a_step_and_an_acknowledgement_never_lock_each_other_out(committed_world: World, mail, attempt: int) -> None:
    world = committed_world
    incident = declared(world, people=3)

    def acknowledge() -> None:
        actions.acknowledge(incident, actor=None, at=world.now)

    together(lambda: escalation.escalations_due(world.now), acknowledge, lambda: delivery.messages_due(world.now))
    assert Escalation.objects.get().state == Escalation.State.STOPPED
    assert escalation.escalations_due(world.now) == 0
    delivery.messages_due(world.now)
    seqs = list(TimelineEvent.objects.filter(incident=incident).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_twenty_taps_at_once_make_one_acknowledgement(committed_world: World, mail: MailCatcher) -> None:
    world = committed_world
    declared(world, people=8)
    escalation.escalations_due(world.now)
    tokens = [links.token_for(page, at=world.now) for page in Page.objects.all()]
    answers: list[int] = []

    def tap(token: str) -> Any:
        return lambda: answers.append(acknowledging.press(token, at=world.now)[1])

    together(*[tap(token) for token in tokens])
    assert sorted(answers) == [200] + [409] * 7
    assert TimelineEvent.objects.filter(kind=Kind.ACKNOWLEDGED).count() == 1
    with pytest.raises(Refused):
        actions.acknowledge(Incident.objects.get(), actor=world.admin, at=world.now)
