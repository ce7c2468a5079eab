"""What every test may ask for. Stories take `world`: people, time that moves, and phones that receive."""

import os
from collections.abc import Iterator

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import pytest
import time_machine

from tests.addresses import pytest_configure, pytest_sessionfinish  # noqa: F401  (hooks of pytest)
from tests.world import START, World


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """Time that stands still on Monday 5 January 2026, 09:00 UTC, until a test moves it."""
    with time_machine.travel(START, tick=False) as moving:
        yield moving


@pytest.fixture
def world(db: None, traveller: time_machine.Traveller, settings: object, tmp_path: object) -> World:
    """An installation with default severities and an administrator, in one rolled-back transaction."""
    return World(traveller, settings, tmp_path)


@pytest.fixture
def committed_world(
    transactional_db: None, traveller: time_machine.Traveller, settings: object, tmp_path: object
) -> World:
    """As `world`, but really committed, for stories in which other connections take part."""
    return World(traveller, settings, tmp_path)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running in its process, beside which none can be run."""
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))
