"""What stories about alerts need: a source, its key, and Alertmanager's voice."""

import pytest

from tests.alerts.machines import Machine
from tests.world import World


@pytest.fixture
def machine(world: World) -> Machine:
    """An Alertmanager that speaks for the service Payments, its payloads put straight into the inbox."""
    return Machine(world)
