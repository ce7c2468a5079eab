"""The table of processes: what runs, how it is asked to stop, in which order it comes up."""

import signal
import socket
import sys

from config.runner.child import Child
from config.runner.choices import Choices
from config.servers.postgres import Postgres
from config.servers.valkey import Valkey

TERM, INT, QUIT = signal.SIGTERM, signal.SIGINT, signal.SIGQUIT
QUEUES = "paging,intake,bulk,celery"
ROOT_WARNING = "You're running the worker with superuser privileges"  # meant for pickle, which is not accepted


def servers(choices: Choices) -> list[Child]:
    """The embedded servers of this start, in their order; none where outside servers are given."""
    named: list[tuple[str, Postgres | Valkey | None]] = [("postgres", choices.postgres), ("valkey", choices.valkey)]
    return [
        Child(
            name,
            command=server.command,
            prepare=server.prepare,
            ready=server.ready,
            shows=server.shows,
            stop=tuple((how, 10.0) for how in server.stop_signals),
            orphaned=server.stop_signals[0],
        )
        for name, server in named
        if server is not None
    ]


def programs(choices: Choices) -> list[Child]:
    """Muster's own processes, which may all start at the same time."""
    return [
        Child(
            "web",
            command=lambda: web(choices),
            stop=((TERM, 8.0),),
            ready=lambda: answers(choices),
            shows=lambda line: "Service Unavailable: /readyz" not in line,  # whoever asked has been told
        ),
        Child("worker", worker, stop=((TERM, 20.0), (QUIT, 5.0)), orphaned=signal.SIGKILL),
        Child("beat", lambda: beat(choices), stop=((TERM, 5.0),)),
        Child("watchman", watchman, stop=((TERM, 8.0),)),
    ]


def web(choices: Choices) -> list[str]:
    """The web server. No compression on sockets: it costs memory for each, and what they carry is small.

    It reads no forwarding headers: by itself it would believe X-Forwarded-For of whoever connects from this machine,
    and every guess at a password could come from another address. Muster judges them (core/origin.py)."""
    options = {
        "loop": "uvloop",
        "http": "config.http:Protocol",
        "ws": "websockets-sansio",
        "ws-per-message-deflate": "false",
        "ws-max-size": "262144",
        "host": choices.host,
        "port": str(choices.port),
        "workers": str(choices.web_processes),
        "log-level": "warning",
        "timeout-graceful-shutdown": "5",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    flags += ["--no-server-header", "--no-access-log", "--no-proxy-headers"]
    return [sys.executable, "-m", "uvicorn", "config.asgi:application", *flags]


def worker() -> list[str]:
    """The Celery worker: one message in hand a process, so that nothing waits behind a slow one."""
    flags = ["--concurrency", "2", "--prefetch-multiplier", "1", "--without-mingle", "--without-gossip", "-Q", QUEUES]
    python = [sys.executable, "-W", f"ignore:{ROOT_WARNING}"]
    return [*python, "-m", "celery", "--quiet", "-A", "config", "worker", *flags]


def beat(choices: Choices) -> list[str]:
    """The clock. Its own memory of what it ticked last is only a cache and lies in the data folder."""
    schedule = choices.data / "run" / "beat-schedule"
    return [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "config",
        "beat",
        "--schedule",
        str(schedule),
        "--pidfile=",
    ]


def watchman() -> list[str]:
    """The process that runs any sweep the clock and the workers have left undone."""
    return [sys.executable, "manage.py", "watch"]


def answers(choices: Choices) -> bool:
    """Whether the web server takes connections."""
    try:
        with socket.create_connection((choices.local_host, choices.port), timeout=0.5):
            return True
    except OSError:
        return False
