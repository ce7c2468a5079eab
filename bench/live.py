"""A note written in a war room, until the last of many open browsers has it, beside the barest broadcast."""

import argparse
import asyncio
import contextlib
import os
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from bench.frame import Row, table
from bench.web import serving

SOCKETS = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
WINDOWS = 20  # a person may have so many


def main(words: list[str]) -> int:
    """Print the table; 1 when a bar of the requirements is missed."""
    parser = argparse.ArgumentParser("bin/bench live", description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000, help="open browsers (default 1000)")
    parser.add_argument("--times", type=int, default=7, help="notes written (default 7)")
    options = parser.parse_args(words)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    note, pk, cookies = _room(options.sockets)
    floor = asyncio.run(_measured("bench.live_floor:application", "/", cookies, None, options.times))
    ours = asyncio.run(_measured("config.asgi:application", f"/ws/incidents/{pk}/", cookies, note, options.times))
    rows = [
        Row("p95 of browsers", ours["p95"], "ms", floor["p95"], "1,000 ms"),
        Row("the last one", ours["last"], "ms", floor["last"], "2,000 ms"),
        Row("all connected", ours["connected"], "s", floor["connected"]),
        Row("memory a socket", ours["memory"], "KiB", floor["memory"], "60 KiB"),
    ]
    print(table(f"{options.sockets:,} browsers in one room, one web process", rows))
    return 1 if rows[0].median > 1000 or rows[1].median > 2000 or rows[3].median > 60 else 0


def _room(sockets: int) -> tuple[Callable[[str], Any], str, list[str]]:
    """How a note is written, the room's reference, and a session cookie for each browser."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from catalog.models import Severity
    from incidents import actions

    people = [
        User.objects.create(email=f"p{number}@example.com", name=f"Person {number}", password="!")
        for number in range(-(-sockets // WINDOWS))
    ]
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookies += [client.cookies["sessionid"].value] * WINDOWS
    incident = actions.declare(
        title="Bench", severity=Severity.objects.first(), service=None, actor=people[0], at=timezone.now()
    )

    def note(token: str) -> None:
        actions.add_note(incident, token, actor=people[0], at=timezone.now())

    return note, incident.reference, cookies[:sockets]


async def _measured(
    application: str, path: str, cookies: list[str], note: Callable[[str], Any] | None, times: int
) -> dict[str, list[float]]:
    with serving(application, *SOCKETS) as (port, pid):
        gate = asyncio.Semaphore(50)
        await (first := _Browser()).open(port, path, cookies[0], gate)
        await asyncio.sleep(3)
        first.close()
        before = _memory(pid)
        began = time.perf_counter()
        browsers = [_Browser() for _ in cookies]
        await asyncio.gather(
            *(one.open(port, path, cookie, gate) for one, cookie in zip(browsers, cookies, strict=True))
        )
        connected = time.perf_counter() - began
        await asyncio.sleep(3)
        found: dict[str, list[float]] = {"p95": [], "last": [], "connected": [connected], "memory": []}
        for number in range(times):
            token = f"token-{number}-{os.getpid()}"
            waits = [one.wait_for(token.encode()) for one in browsers]
            began = time.perf_counter()
            await asyncio.to_thread(note or (lambda text: _post(port, text)), token)
            arrived = sorted(moment - began for moment in await asyncio.wait_for(asyncio.gather(*waits), 60))
            found["p95"].append(arrived[int(len(arrived) * 0.95) - 1] * 1000)
            found["last"].append(arrived[-1] * 1000)
            await asyncio.sleep(1)
        found["memory"].append((_memory(pid) - before) / len(browsers))
        for one in browsers:
            one.close()
    return found


class _Browser(asyncio.Protocol):
    """A websocket client that only looks for a token in what arrives."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.head = self.tail = b""
        self.token: bytes | None = None
        self.waiting: asyncio.Future[float] | None = None

    async def open(self, port: int, path: str, cookie: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: self, "127.0.0.1", port)
            welcome = self.wait_for(b"\r\n\r\n")
            assert self.transport is not None
            key = b64encode(os.urandom(16)).decode()
            self.transport.write(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\nCookie: sessionid={cookie}\r\n\r\n".encode()
            )
            await asyncio.wait_for(welcome, 60)
            assert b" 101 " in self.head, self.head

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.token is None or self.waiting is None:
            return
        window = self.tail + data
        if self.token in window and not self.waiting.done():
            self.head = window[:40]
            self.waiting.set_result(time.perf_counter())
            self.token, self.tail = None, b""
        else:
            self.tail = window[-len(self.token) :]

    def wait_for(self, token: bytes) -> "asyncio.Future[float]":
        self.token, self.tail = token, b""
        self.waiting = asyncio.get_running_loop().create_future()
        return self.waiting

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


def _post(port: int, text: str) -> None:
    with contextlib.closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/", data=text.encode(), timeout=60)):
        pass


def _memory(pid: int) -> float:
    """KiB the process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
