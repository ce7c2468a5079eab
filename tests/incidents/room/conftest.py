"""A committed incident on the real clock, and two people at it."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from tests.world import World


@pytest.fixture
def town(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    """A committed world on the real clock: sockets live in real time."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "muster.test", "nas.lan"]
    return World(None, settings, tmp_path)


@pytest.fixture
def ben(town: World) -> User:
    return town.person("Ben Ortiz")


@pytest.fixture
def cleo(town: World) -> User:
    return town.person("Cleo Diaz")


@pytest.fixture
def incident(town: World, ben: User) -> Incident:
    return actions.declare(title="Fire", severity=town.severity("SEV2"), service=None, actor=ben, at=timezone.now())
