"""Debian's Alertmanager, configured with the snippet copied from the source's page, fires and resolves."""

import html
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts import actions, intake
from alerts.door.inbox import Inbox
from alerts.door.line import Unavailable
from alerts.models import Alert, AlertSource, Payload
from alerts.sources import TOOLS
from config.nudge import payloads_arrived
from incidents.models import Incident
from tests.alerts.alertmanagers import AMTOOL, PROGRAM, Alertmanager
from tests.alerts.doors import Web
from tests.world import World

pytestmark = pytest.mark.skipif(not (PROGRAM and AMTOOL), reason="prometheus-alertmanager and amtool are not installed")


@pytest.fixture
def arrived() -> Iterator[threading.Event]:
    """Set whenever the door has committed something."""
    event = threading.Event()
    intake.after_commit(event.set)
    yield event
    intake.after_commit(payloads_arrived)


@pytest.fixture
def present(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    """A committed world on the real clock."""
    return World(None, settings, tmp_path)


def read_what_arrives(arrived: threading.Event, world: World, seconds: float) -> bool:
    """Wait for the next payload and read it as a worker would."""
    if not arrived.wait(seconds):
        return False
    arrived.clear()
    actions.payloads_due(world.now)
    return True


def test_alertmanager_fires_and_resolves_with_the_snippet_of_the_page(
    present: World, arrived: threading.Event, settings: Any, tmp_path: Path
) -> None:
    present.service("Checkout")
    with Web().running() as web:
        settings.PUBLIC_URL = f"http://127.0.0.1:{web.port}"
        form = {"name": "Real", "kind": "alertmanager", "service": present.service("Payments").pk}
        page = html.unescape(
            present.browser(present.admin).post("/alerts/sources/new/", form, follow=True).content.decode()
        )
        snippet = re.search(r"<pre[^>]*>(route:.*?)</pre>", page, re.DOTALL)
        assert snippet
        with Alertmanager(tmp_path, snippet[1]).running() as real:
            begun = time.monotonic()
            real.fire("DiskFull", severity="critical", instance="db-1", summary="The disk of db-1 is <full> & sad")
            assert read_what_arrives(arrived, present, 10)
            incident = Incident.objects.get()
            assert time.monotonic() - begun < 2, "from amtool to triage"
            assert (incident.status, incident.title) == ("triage", "The disk of db-1 is <full> & sad")
            assert incident.severity.code == "SEV1"
            known = Alert.objects.get()
            assert re.fullmatch(r"[0-9a-f]{16}", known.dedup_key)
            assert known.group.key == '{}:{alertname="DiskFull"}'
            real.fire("DiskFull", severity="critical", instance="db-1", over=True)
            until = time.monotonic() + 30
            while Alert.objects.firing().exists() and time.monotonic() < until:
                read_what_arrives(arrived, present, 5)
            known.refresh_from_db()
            incident.refresh_from_db()
            assert (known.state, incident.status) == ("resolved", "resolved")
    assert not Payload.objects.exclude(state="done").exists()
    assert AlertSource.objects.get().last_seen_at is not None


def test_what_alertmanager_was_told_to_send_again_arrives_when_muster_is_back(
    present: World, arrived: threading.Event, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, key = actions.create_source(
        name="Real", kind="alertmanager", service=present.service("Payments"), actor=None, at=present.now
    )
    first = Inbox._commit
    failures: list[int] = []

    async def broken(self: Inbox, batch: list[Any]) -> None:
        if len(failures) < 2:
            failures.append(1)
            raise Unavailable("PostgreSQL is restarting")
        await first(self, batch)

    monkeypatch.setattr(Inbox, "_commit", broken)
    with Web().running() as web:
        config = set_up(f"http://127.0.0.1:{web.port}/in/alertmanager/{key}")
        with Alertmanager(tmp_path, config).running() as real:
            real.fire("Flood", severity="warning")
            assert read_what_arrives(arrived, present, 30)
    assert len(failures) == 2
    assert Incident.objects.get().title == "Flood"
    assert source.alerts.count() == 1


def set_up(url: str) -> str:
    return TOOLS["alertmanager"].setup(url)
