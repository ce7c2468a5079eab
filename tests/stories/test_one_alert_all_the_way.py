"""One alert through the real processes: people are paged, the public hears, something is learnt."""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.machines import alert, group
from tests.install.running import free_port
from tests.stories.conftest import Running, eventually


class Alertmanager:
    """Debian's real Alertmanager where it is installed, its captured words otherwise."""

    def __init__(self, folder: Path, snippet: str, intake: str) -> None:
        self.intake, self.started = intake, None
        self.program = shutil.which("prometheus-alertmanager")
        if self.program is None or shutil.which("amtool") is None:
            return
        self.address = f"http://127.0.0.1:{free_port()}"
        (folder / "alertmanager.yml").write_text(snippet)
        self.process = subprocess.Popen(
            [
                self.program,
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}",
                f"--web.listen-address={self.address.removeprefix('http://')}",
                "--cluster.listen-address=",
            ],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "alertmanager.log").open("wb"),
        )
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.address}/-/ready", timeout=1).status == 200)
        except OSError:
            return False

    def say(self, name: str, *, firing: bool) -> None:
        if self.program is None:
            self._say_captured(name, firing=firing)
            return
        end = [] if firing else [f"--end={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"]
        subprocess.run(
            ["amtool", "alert", "add", name, "severity=critical", f"--annotation=summary={name} is wrong", *end,
             f"--alertmanager.url={self.address}"],
            check=True,
        )  # fmt: skip

    def _say_captured(self, name: str, *, firing: bool) -> None:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        body = group(alert(name, firing=firing, starts=now, ends=None if firing else now, severity="critical"))
        import json

        request = urllib.request.Request(self.intake, json.dumps(body).encode(), method="POST")
        assert urllib.request.urlopen(request, timeout=5).status == 200

    def stop(self) -> None:
        if self.program is not None:
            self.process.terminate()
            self.process.wait(10)


def snippet(url: str) -> str:
    """What the source's page gives to copy, with shorter waits (the page itself is tested with the source)."""
    return f"""
route: {{receiver: muster, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: muster
    webhook_configs: [{{url: "{url}", send_resolved: true}}]
"""


@pytest.fixture(scope="module")
def tool(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    made = running.paged_through("Ben First", "Cora Second", wait_seconds=6)
    source = running.post(
        "/alert-sources/", {"name": "Alertmanager", "kind": "alertmanager", "service": made["service"]["id"]}
    )
    manager = Alertmanager(tmp_path_factory.mktemp("alertmanager"), snippet(source["url"]), source["url"])
    yield {**made, "manager": manager, "source": source}
    manager.stop()


def open_incident(running: Running, title: str) -> Any:
    return next((row for row in running.get("/incidents/")["results"] if title in row["title"]), None)


def test_an_alert_pages_escalates_is_acknowledged_by_its_link_and_leaves_a_lesson(
    running: Running, tool: dict[str, Any]
) -> None:
    running.web.ledger.rows.clear()
    tool["manager"].say("CardsFail", firing=True)
    begun = time.monotonic()
    incident = eventually(lambda: open_incident(running, "CardsFail"))
    assert time.monotonic() - begun < 6, "an alert becomes an incident within moments"
    assert incident["status"] == "triage"
    reference = incident["reference"]

    eventually(lambda: running.mail.to("ben.first@example.com"), seconds=8)
    first = eventually(lambda: [row for row in running.web.ledger.rows if row.path == "/ben"], seconds=8)[0]
    assert first.body["kind"] == "page"
    assert first.body["incident"] == reference
    assert first.headers["muster-signature"].startswith("t=")
    second = eventually(lambda: [row for row in running.web.ledger.rows if row.path == "/cora"], seconds=15)[0]
    assert second.arrived - first.arrived > 5, "the second step waits"

    link = second.body["acknowledge_url"]
    assert running.ask("GET", link).status == 200
    assert running.get(f"/incidents/{reference}/")["acknowledged_at"] is None, "looking changes nothing"
    assert running.ask("POST", link, b"").status == 200
    assert running.get(f"/incidents/{reference}/")["acknowledged_at"]
    pages = running.get(f"/incidents/{reference}/pages/")["results"]
    assert {page["person"]["name"] for page in pages} == {"Ben First", "Cora Second"}

    running.post(f"/incidents/{reference}/accept")
    component = running.post("/components/", {"name": "Card payments", "services": [tool["service"]["id"]]})
    running.post(f"/incidents/{reference}/updates", {"audience": "public", "text": "Cards fail. We are looking."})
    status = lambda: running.ask("GET", f"{running.url}/status/").body.decode()  # noqa: E731
    eventually(lambda: "Cards fail. We are looking." in status())
    assert component["name"] in status()
    tool["manager"].say("CardsFail", firing=False)
    key = f"/alerts/?source={tool['source']['id']}&state=resolved"
    eventually(lambda: running.get(key)["results"])
    assert running.get(f"/incidents/{reference}/")["status"] != "resolved", "people have it; the machine only tells"
    running.post(f"/incidents/{reference}/resolve")
    eventually(lambda: [row for row in running.get("/postmortems/")["results"] if row["incident"] == reference])


def test_the_next_step_comes_once_although_redis_forgets_and_worker_and_beat_are_killed(
    running: Running, tool: dict[str, Any]
) -> None:
    import os
    import signal

    running.web.ledger.rows.clear()
    tool["manager"].say("LedgerStuck", firing=True)
    first = eventually(lambda: [row for row in running.web.ledger.rows if row.path == "/ben"], seconds=10)[0]
    _redis(running, "flushall")
    for name in ("worker", "beat"):
        os.kill(running.up.children()[name], signal.SIGKILL)
    second = eventually(lambda: [row for row in running.web.ledger.rows if row.path == "/cora"], seconds=25)[0]
    assert second.arrived - first.arrived < 6 + 10, "at most ten seconds late"
    keys = [row.key for row in running.web.ledger.rows if row.path == "/cora"]
    assert len(set(keys)) == len(keys) == 1, "once"
    reference = open_incident(running, "LedgerStuck")["reference"]
    running.post(f"/incidents/{reference}/resolve")


def test_the_public_page_answers_while_the_database_and_redis_are_stopped(running: Running) -> None:
    import os
    import signal

    before = running.ask("GET", f"{running.url}/status/")
    children = running.up.children()
    for name in ("postgres", "valkey"):
        os.kill(children[name], signal.SIGSTOP)
    try:
        for path in ("/status/", "/status/api/v2/summary.json", "/status/history.atom"):
            assert running.ask("GET", running.url + path).status == 200, path
        assert running.ask("GET", f"{running.url}/status/").body == before.body
    finally:
        for name in ("postgres", "valkey"):
            os.kill(children[name], signal.SIGCONT)
    eventually(lambda: running.up.status("/readyz") == 200)


def _redis(running: Running, word: str) -> None:
    import redis

    env = Path(f"/proc/{running.up.children()['web']}/environ").read_bytes().split(b"\0")
    address = next(line for line in env if line.startswith(b"REDIS_URL=")).decode().removeprefix("REDIS_URL=")
    with redis.Redis.from_url(address) as client:
        client.execute_command(word)
