"""Receivers on the loopback that stories listen with: a mail server and a web server, each with a ledger of what came.

Both speak the real protocols, so what stands in the ledger really went over a socket.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Delivery:
    """One thing that arrived: when (a monotonic clock), with which idempotency key, and all of it."""

    arrived: float
    key: str
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    raw: bytes = b""


class Ledger:
    """What arrived, in order."""

    def __init__(self) -> None:
        self.rows: list[Delivery] = []
        self._lock = threading.Lock()

    def add(self, row: Delivery) -> None:
        with self._lock:
            self.rows.append(row)

    @property
    def keys(self) -> list[str]:
        return [row.key for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)


class MailCatcher:
    """A mail server that keeps everything. `answers` maps a recipient to the line it is refused with."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        headers = {name.lower(): str(value) for name, value in mail.items()}
        key = headers.get("x-muster-idempotency-key", "")
        self.ledger.add(Delivery(time.monotonic(), key, mail, headers, ",".join(envelope.rcpt_tos), envelope.content))
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails that reached `address`, oldest first."""
        return [row.body for row in self.ledger.rows if address in row.path.split(",")]


class _OnAnyPort(Controller):
    """Listens on a port that the system chooses, and knows it."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_catcher(settings: Any) -> Iterator[MailCatcher]:
    """A mail server, and Muster set up to send by it."""
    catcher = MailCatcher()
    controller = _OnAnyPort(catcher, hostname="127.0.0.1", port=0, server_hostname="catcher")
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield catcher
    finally:
        controller.stop()


class WebReceiver:
    """A web server that keeps every POST. `mode` is how it behaves: ok, slow, hang, reset, a status ("500"), or
    "redirect"; `headers` and `body` go with each answer. `modes` sets it by path."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.mode = "ok"
        self.modes: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.body = b"{}"
        self.slow_seconds = 0.5
        self.over = threading.Event()
        self.port = 0

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    """A web server on the loopback. Whoever sends there must be allowed private addresses."""
    receiver = WebReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                body = json.loads(raw)
            except ValueError:
                body = None
            key = headers.get("idempotency-key", "")
            receiver.ledger.add(Delivery(time.monotonic(), key, body, headers, self.path, raw))
            self._behave(receiver.modes.get(self.path, receiver.mode))

        do_GET = do_POST

        def _behave(self, mode: str) -> None:
            if mode == "slow":
                receiver.over.wait(receiver.slow_seconds)
            if mode == "hang":
                receiver.over.wait(60)
                self.close_connection = True
                return
            if mode == "reset":
                self.connection.close()
                self.close_connection = True
                return
            status = 302 if mode == "redirect" else int(mode) if mode.isdigit() else 200
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.body)))
            self.end_headers()
            self.wfile.write(receiver.body)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        server.server_close()
