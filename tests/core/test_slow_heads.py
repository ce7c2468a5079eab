"""Whoever connects and never says what for is hung up on; whoever speaks slowly after that is listened to."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from config import http


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with the body, once it is there."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (said := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": said["text"]})
        return
    body = b""
    while (part := await receive())["type"] == "http.request":
        body += part["body"]
        if not part["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        echo, http="config.http:Protocol", ws="websockets-sansio", lifespan="off", log_level="error",
        timeout_keep_alive=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def connected(port: int, *words: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=5)
    for each in words:
        line.sendall(each)
    return line


def heard(line: socket.socket) -> bytes:
    """Everything until the other side hangs up."""
    found = b""
    while part := line.recv(65536):
        found += part
    line.close()
    return found


def test_silence_half_a_head_and_blank_lines_end_the_connection(port: int) -> None:
    lines = [connected(port) for _ in range(20)]
    begun = [connected(port, b"GET / HTTP/1.1\r\nX") for _ in range(20)]
    second = connected(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert second.recv(100).startswith(b"HTTP/1.1 200")
    second.sendall(b"GET / HT")
    blank = connected(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert blank.recv(100).startswith(b"HTTP/1.1 200")
    blank.sendall(b"\r\n")
    assert all(heard(line) == b"" for line in lines)
    assert all(heard(line).startswith(b"HTTP/1.1 408 ") for line in [*begun, second])
    assert heard(blank) == b""


def test_a_head_that_trickles_in_is_not_longer_waited_for(port: int) -> None:
    line, begun = connected(port, b"GET / HTTP/1.1\r\n"), time.monotonic()
    with contextlib.suppress(OSError):  # broken pipe or reset, as it happens
        while time.monotonic() - begun < 4:
            line.sendall(b"X-A: b\r\n")
            threading.Event().wait(0.05)
    assert time.monotonic() - begun < 3


def test_a_slow_body_and_a_quiet_websocket_are_listened_to(port: int) -> None:
    body = connected(port, b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n")
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    ws = connected(
        port, b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + key + b"\r\n"
    )
    assert ws.recv(500).startswith(b"HTTP/1.1 101")
    for _ in range(6):
        threading.Event().wait(0.2)
        body.sendall(b"x")
    assert heard(body).endswith(b"xxxxxx")
    ws.sendall(b"\x81\x82\x00\x00\x00\x00hi")
    assert ws.recv(100) == b"\x81\x02hi"
    ws.close()
