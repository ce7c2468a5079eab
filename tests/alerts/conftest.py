"""What stories about alerts need: a source, its key, and Alertmanager's voice."""

from collections.abc import Iterator

import pytest

from tests.alerts.doors import Web
from tests.alerts.machines import Machine
from tests.world import World


@pytest.fixture
def machine(world: World) -> Machine:
    """An Alertmanager that speaks for the service Payments, its payloads put straight into the inbox."""
    return Machine(world)


@pytest.fixture
def sender(committed_world: World) -> Machine:
    """The same, really committed, for stories that go through the door."""
    return Machine(committed_world)


@pytest.fixture
def web(committed_world: World) -> Iterator[Web]:
    """The door itself, open."""
    with Web().running() as running:
        yield running
