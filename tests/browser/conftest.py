"""What browser tests may ask for: the real web process on the test database, and real Chromium windows.

    @pytest.mark.browser
    def test_…(town, windows) -> None:
        ben = town.person("Ben Ortiz")
        window = windows.open(ben, "/incidents/")             # a signed-in window of its own (a Playwright Page)
        phone = windows.open(ben, "/", width=360, dark=True)

`town` is a `World` (tests/world.py) that is really committed and whose clock is the real one, since the server is a
process of its own; `town.tick()` runs every sweep once. `server.url` is where it answers, `server.data` its data
folder, `server.stop()` and `server.start()` what they say (the port stays). `apart(actions.add_note, …)` does in a
thread of its own what an open page shall show at once. Every window fails its test, when the test ends, on a JavaScript
error, a console error or a broken content security policy; say `windows.forgive("words")` before an expected one and
`windows.forgive_a_lost_line()` before the line is cut. Set MUSTER_CHROMIUM to name a Chromium; without any, these tests
are skipped.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import global_settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from accounts.models import User
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
START_SECONDS = 30
LOST_LINE = (
    "WebSocket",
    "Failed to fetch",
    "Failed to load resource: net::",
    "ERR_CONNECTION",
    "ERR_INTERNET_DISCONNECTED",
)


class Server:
    """The web process, with the flags production has, on the test database and a data folder of its own."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.data = data
        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.port = spare.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "MUSTER_DATA": str(data),
            "MUSTER_PUBLIC_URL": self.url,
            "MUSTER_ALLOW_PRIVATE_ADDRESSES": "1",
            "PORT": str(self.port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def collect_static(self) -> None:
        words = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(words, cwd=ROOT, env=self.environment, check=True)

    def start(self) -> None:
        words = [
            *(sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
            *("--ws-max-size", "262144", "--timeout-graceful-shutdown", "2", "--no-access-log"),
        ]
        log = (self.data / "web.log").open("ab")
        self.process = subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.data / "web.log").read_text()[-3000:]
            assert time.monotonic() < until, "the web process did not answer in time"
            self.process_wait(0.05)

    def process_wait(self, seconds: float) -> None:
        assert self.process is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Windows:
    """Opens Chromium windows, each signed in as somebody, and listens to what goes wrong in them."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser = browser
        self.server = server
        self.contexts: list[BrowserContext] = []
        self.troubles: list[str] = []
        self.forgiven: list[str] = []

    def open(
        self, person: User | None, path: str = "/", *, width: int = 1440, height: int = 900, dark: bool = False
    ) -> Page:
        """A window with its own cookies, on `path`; without a person it is signed out."""
        context = self.browser.new_context(
            base_url=self.server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=width < 600,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        if person is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": self.server.url}])
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.goto(path)
        return page

    def forgive(self, words: str) -> None:
        """Console errors that hold these words are expected in this test."""
        self.forgiven.append(words)

    def forgive_a_lost_line(self) -> None:
        """This test cuts the line or stops the server: what the browser then says of the network is expected."""
        self.forgiven.extend(LOST_LINE)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        unforgiven = [line for line in self.troubles if not any(words in line for words in self.forgiven)]
        assert not unforgiven, unforgiven

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports every 4xx; a refused form and a refusal in a sentence are what we answer on purpose.
        if message.type == "error" and not re.search(r"status of (409|422)", message.text):
            self.troubles.append(f"{message.text} at {message.location.get('url', '')}")


def apart(verb: Any, *args: Any, **more: Any) -> Any:
    """`verb(*args, **more)` as another process does it: Playwright's own event loop runs in the thread of the test,
    where Django could not send the hint that makes a page live."""
    with ThreadPoolExecutor(1) as other:

        def run() -> Any:
            try:
                return verb(*args, **more)
            finally:
                connection.close()

        return other.submit(run).result()


def session_of(person: User) -> str:
    """The key of a fresh session in which `person` is signed in."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return str(client.cookies["sessionid"].value)


def database_url() -> str:
    """The address of the test database, as the server's environment wants it."""
    held: dict[str, Any] = connection.settings_dict
    user, password = quote(held["USER"], safe=""), quote(held["PASSWORD"], safe="")
    url = f"postgresql://{user}:{password}@/{quote(held['NAME'], safe='')}?host={quote(held['HOST'], safe='')}"
    return url + (f"&port={held['PORT']}" if held["PORT"] else "")


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process, one for all browser tests."""
    one = Server(tmp_path_factory.mktemp("muster"), database_url())
    one.collect_static()
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    found = os.environ.get("MUSTER_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("No Chromium was found; name one with MUSTER_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def town(transactional_db: None, settings: Any, tmp_path: Path, server: Server) -> World:
    """A committed world on the real clock, beside the running server."""
    if server.process is None or server.process.poll() is not None:
        server.start()
    world = World(None, settings, tmp_path)
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    settings.STATUS_ROOT = server.data / "status"
    return world


@pytest.fixture
def windows(chromium: Browser, server: Server, town: World) -> Iterator[Windows]:
    """Opens signed-in windows; whatever went wrong in one of them fails the test at its end."""
    opened = Windows(chromium, server)
    yield opened
    opened.close()
