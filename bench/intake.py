"""Alerts accepted durably a second beside the barest ASGI that does the same, and alerts read to the end a second."""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

from bench.frame import Row, table
from bench.web import serving

CLIENTS = 32


def main(words: list[str]) -> int:
    """Print both tables; 1 when a bar of the requirements is missed."""
    parser = argparse.ArgumentParser("bin/bench intake", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="seconds of load a run (default 4)")
    parser.add_argument("--times", type=int, default=5, help="runs (default 5)")
    parser.add_argument("--alerts", type=int, default=10_000, help="alerts to read to the end (default 10000)")
    parser.add_argument("--lasting", action="store_true", help="fsync on: as in production")
    options = parser.parse_args(words)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    if options.lasting:
        _make_durable()
    accepted = _acceptance(options.seconds, options.times)
    read = _reading(options.alerts, options.times)
    print(table(f"Accepted and durable, {CLIENTS} clients, one web process, distinct alerts of about 2 KB", accepted))
    print()
    print(table("Read to the end: parsed, deduplicated, grouped, stored, told, one process", read))
    ours, p99 = accepted[0], accepted[1]
    return 1 if (ours.ratio or 0) < 0.5 or p99.median > 50 or min(row.median for row in read) < 2000 else 0


def _make_durable() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"ALTER SYSTEM SET {name} = on")
        cursor.execute("SELECT pg_reload_conf()")


# Accepting


def _acceptance(seconds: float, times: int) -> list[Row]:
    key = _source("Bench").key
    ours: list[tuple[float, float, float]] = []
    floor: list[tuple[float, float, float]] = []
    for _ in range(times):
        with serving("bench.intake_floor:application") as web:
            floor.append(_load(web.port, "/", seconds))
        with serving("config.asgi:application") as web:
            ours.append(_load(web.port, f"/in/alertmanager/{key}", seconds))
        _forget()
    return [
        Row("accepted", [run[0] for run in ours], "req/s", [run[0] for run in floor], "50 % of the floor"),
        Row("p99", [run[2] for run in ours], "ms", [run[2] for run in floor], "50 ms"),
        Row("p95", [run[1] for run in ours], "ms", [run[1] for run in floor]),
    ]


def _load(port: int, path: str, seconds: float) -> tuple[float, float, float]:
    """Requests a second, and the 95th and 99th hundredth in ms, of keep-alive clients that send distinct alerts."""
    took: list[float] = []
    spread = asyncio.run(_clients(port, path, seconds, took))
    marks = statistics.quantiles(took, n=100)
    return len(took) / spread, marks[94] * 1000, marks[98] * 1000


async def _clients(port: int, path: str, seconds: float, took: list[float]) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*(_client(port, path, begun + seconds, number, took) for number in range(CLIENTS)))
    return time.perf_counter() - begun


async def _client(port: int, path: str, until: float, number: int, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        body = _document(f"{number}-{count}")
        count += 1
        begun = time.perf_counter()
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in answer[:20]:
            raise SystemExit(f"The server answered: {answer[:200]!r}")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
    writer.close()


def _document(mark: str, *, group: str = "", count: int = 1) -> bytes:
    known = {
        "alertname": "HighErrorRate",
        "instance": f"api-{mark}",
        "severity": "critical",
        "job": "api",
        "zone": "eu-1",
    }
    notes = {
        "summary": f"Error rate of api-{mark} is above 5 %",
        "description": "More than one request in twenty fails. " * 20,
        "runbook_url": "https://runbooks.example.com/high-error-rate",
    }
    alerts = [
        {
            "status": "firing",
            "labels": {**known, "shard": str(shard)},
            "annotations": notes,
            "startsAt": datetime.now(UTC).isoformat(),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.com/graph?g0.expr=rate",
            "fingerprint": f"{mark}-{shard}",
        }
        for shard in range(count)
    ]
    document = {
        "version": "4", "status": "firing", "receiver": "muster", "groupKey": group or f"{{}}:{mark}",
        "truncatedAlerts": 0, "groupLabels": {}, "commonLabels": known, "commonAnnotations": notes,
        "externalURL": "http://alertmanager.example.com:9093", "alerts": alerts,
    }  # fmt: skip
    return json.dumps(document).encode()


# Reading


def _reading(alerts: int, times: int) -> list[Row]:
    shapes: list[tuple[str, Callable[[int], list[bytes]]]] = [
        ("distinct, a storm", lambda n: [_document(f"s{i}") for i in range(n)]),
        ("distinct, all in one group", lambda n: [_document(f"g{i}", group="one") for i in range(n)]),
        ("100 alerts a payload", lambda n: [_document(f"p{i}", group="one", count=100) for i in range(n // 100)]),
        ("one alert again and again", lambda n: [_document("same")] * n),
    ]
    rows = []
    for name, made in shapes:
        rates = [_read_all(made(alerts), alerts) for _ in range(times)]
        rows.append(Row(name, rates, "alerts/s", bar="2,000"))
    return rows


def _read_all(bodies: list[bytes], alerts: int) -> float:
    from alerts.actions import payloads_due
    from alerts.models import Alert, Payload

    _forget()
    source = _source("Reading").row
    at = datetime.now(UTC)
    for start in range(0, len(bodies), 1000):
        Payload.objects.bulk_create(
            Payload(source=source, body=body, received_at=at, next_attempt_at=at)
            for body in bodies[start : start + 1000]
        )
    begun = time.perf_counter()
    while payloads_due(at):
        pass
    spent = time.perf_counter() - begun
    assert not Payload.objects.exclude(state="done").exists()
    assert Alert.objects.exclude(incident=None).exists()
    return alerts / spent


class _Made:
    def __init__(self, row: Any, key: str) -> None:
        self.row, self.key = row, key


def _source(name: str) -> _Made:
    from alerts.actions import create_source
    from alerts.models import AlertSource
    from catalog.defaults import ensure_severities
    from catalog.models import Service, Severity

    ensure_severities(Severity)
    service, _ = Service.objects.get_or_create(name="Bench", slug="bench")
    AlertSource.objects.filter(name=name).delete()
    return _Made(*create_source(name=name, kind="alertmanager", service=service, actor=None, at=datetime.now(UTC)))


def _forget() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE alerts_payload, alerts_occurrence, alerts_alert, alerts_alertgroup, incidents_incident CASCADE"
        )
