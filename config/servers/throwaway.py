"""Both servers in a fresh folder for as long as one command runs. Any number of these can run at once."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from config.servers import processes
from config.servers.errors import CannotStart
from config.servers.postgres import Postgres
from config.servers.sockets import socket_folder, tidy
from config.servers.valkey import Valkey

PREFIX = "muster-throwaway-"
PATIENCE = 60.0
YOUNG = 60.0  # a folder this new may not have its lock yet


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """The environment that leads to two fresh, empty servers; they and their folder are gone afterwards."""
    _sweep()
    root = Path(tempfile.mkdtemp(prefix=PREFIX))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        stack.callback(tidy, root / "data")
        stack.enter_context(_held(root / "lock"))
        data = root / "data"
        data.mkdir()
        sockets = socket_folder(data)
        postgres = Postgres(data / "postgres", sockets, durable=False)
        valkey = Valkey(data / "valkey", sockets, durable=False)
        stack.enter_context(_running(valkey, root / "valkey.log"))
        stack.enter_context(_running(postgres, root / "postgres.log"))
        yield {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "MUSTER_DATA": str(data),
            "MUSTER_SECRET_KEY": os.environ.get("MUSTER_SECRET_KEY") or secrets.token_urlsafe(50),
        }


def run(command: Sequence[str]) -> int:
    """Run a command beside two fresh servers; its own exit code (128 and more: the signal that ended it)."""
    with servers() as env:
        try:
            child = subprocess.Popen(command, env={**os.environ, **env})
        except OSError as problem:
            raise CannotStart(f"{command[0]} cannot be run: {problem.strerror}.") from None
        previous = {
            signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),  # the terminal tells the child as well
            signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number)),
            signal.SIGHUP: signal.signal(signal.SIGHUP, lambda number, _: child.send_signal(number)),
        }
        try:
            code = child.wait()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _running(server: Postgres | Valkey, log: Path) -> Iterator[None]:
    server.prepare()
    with log.open("wb") as out:
        child = subprocess.Popen(
            server.command(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.dies_with_parent(signal.SIGKILL),
        )
    try:
        until = time.monotonic() + PATIENCE
        while not server.ready():
            if child.poll() is not None or time.monotonic() > until:
                words = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
                raise CannotStart(f"{type(server).__name__} did not start: {words[-1]}")
            time.sleep(0.01)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(server.stop_signals[0])
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextlib.contextmanager
def _held(path: Path) -> Iterator[IO[str]]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock


def _sweep() -> None:
    """Remove the folders of throwaway servers that were killed before they could tidy up."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > YOUNG:
                _remove_if_free(old)


def _remove_if_free(folder: Path) -> None:
    with _held(folder / "lock"):
        shutil.rmtree(folder, ignore_errors=True)
