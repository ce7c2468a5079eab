"""The public status page, its JSON and feeds from the web process, beside the barest ASGI serving the same bytes."""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

from bench.frame import Row, table
from bench.web import serving

CLIENTS = 32
PARTS = [  # name, address, file, encoding
    ("page", "/status/", "index.html", "identity"),
    ("page, brotli", "/status/", "index.html.br", "br"),
    ("summary.json", "/status/api/v2/summary.json", "api/v2/summary.json", "identity"),
    ("history.atom", "/status/history.atom", "history.atom", "identity"),
]


def main(words: list[str]) -> int:
    """Print the table; 1 when a bar of the requirements is missed."""
    parser = argparse.ArgumentParser("bin/bench status", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="seconds of load a run (default 3)")
    parser.add_argument("--times", type=int, default=5, help="runs (default 5)")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as data:
        os.environ["MUSTER_DATA"] = data
        django.setup()
        _lived_in()
        rows = [row for part in PARTS for row in _measure(*part, Path(data) / "status", options)]
    print(table(f"Answers a second, {CLIENTS} clients that keep their connection, one web process", rows))
    return 1 if any((row.ratio or 1) < 0.5 for row in rows[::2]) or any(row.median > 20 for row in rows[1::2]) else 0


def _measure(name: str, address: str, file: str, encoding: str, root: Path, options: argparse.Namespace) -> list[Row]:
    ours: list[tuple[float, float]] = []
    floor: list[tuple[float, float]] = []
    os.environ["BENCH_FILE"] = str(root / file)
    size = (root / file).stat().st_size
    for _ in range(options.times):
        with serving("bench.status_floor:application") as web:
            floor.append(_load(web.port, address, encoding, options.seconds))
        with serving("config.asgi:application") as web:
            ours.append(_load(web.port, address, encoding, options.seconds))
    return [
        Row(f"{name} ({size / 1024:.0f} KB)", [run[0] for run in ours], "req/s", [run[0] for run in floor], "50 %"),
        Row(f"{name}: p95", [run[1] for run in ours], "ms", [run[1] for run in floor], "20 ms"),
    ]


def _lived_in() -> None:
    """A page with twelve components and a year of incidents, written."""
    from django.core.management import call_command

    from statuspage.models import Announcement, StatusPage
    from statuspage.publishing import pages_due

    call_command("migrate", verbosity=0, interactive=False)
    at = datetime.now(UTC)
    pages_due(at)
    page = StatusPage.objects.get(is_default=True)
    for position in range(12):
        part = page.components.create(name=f"Component {position}", position=position, created_at=at, changed_at=at)
        part.intervals.create(state="operational", started_at=at - timedelta(days=200))
    for number in range(60):
        begun = at - timedelta(days=6 * number, hours=3)
        told = Announcement.objects.create(
            page=page, incident_id=number, public_id=f"bench{number}", title=f"Trouble number {number}", impact="minor",
            status="resolved", started_at=begun, resolved_at=begun, created_at=begun, changed_at=begun,
        )  # fmt: skip
        for step, status in enumerate(("investigating", "identified", "resolved")):
            told.updates.create(update_id=number * 3 + step, status=status, text="Some words. " * 12, posted_at=begun)
    StatusPage.objects.all().changed(at)
    pages_due(at)


def _load(port: int, address: str, encoding: str, seconds: float) -> tuple[float, float]:
    """Answers a second, and the 95th hundredth of their times in ms."""
    took: list[float] = []
    begun = time.perf_counter()
    asyncio.run(_clients(port, address, encoding, begun + seconds, took))
    spread = time.perf_counter() - begun
    return len(took) / spread, statistics.quantiles(took, n=20)[18] * 1000


async def _clients(port: int, address: str, encoding: str, until: float, took: list[float]) -> None:
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(CLIENTS):
        _transport, client = await loop.create_connection(
            lambda: _Client(address, encoding, until, took), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))


class _Client(asyncio.Protocol):
    """One connection that asks again as soon as it was answered; it counts bytes and parses one header."""

    def __init__(self, address: str, encoding: str, until: float, took: list[float]) -> None:
        self.request = f"GET {address} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()
        self.until, self.took = until, took
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held, self.whole = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        if not self.whole:
            self.held += data
            end = self.held.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.held[:end].lower()
            assert head.startswith(b"http/1.1 200"), head
            self.whole = end + 4 + int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.got = len(self.held)
        else:
            self.got += len(data)
        if self.got >= self.whole:
            now = time.perf_counter()
            self.took.append(now - self.asked)
            if now < self.until:
                self._ask()
            else:
                self.transport.close()
                self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("closed early"))

    def _ask(self) -> None:
        self.held, self.whole = b"", 0
        self.asked = time.perf_counter()
        self.transport.write(self.request)
