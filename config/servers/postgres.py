"""The embedded PostgreSQL of one data folder: how it is made, started, asked and stopped."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.servers import binaries, processes
from config.servers.errors import CannotStart

USER = DATABASE = "muster"
LAST_CHILDREN_SECONDS = 10.0
LOCK = ".s.PGSQL.5432.lock"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "20s"}
NO_NAMESPACE = (
    "PostgreSQL refuses to run as root, and this machine forbids the user namespace that Muster would put it "
    "into ({}). Run bin/up as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
)


@dataclass(frozen=True)
class Postgres:
    """A cluster in `cluster`, reached through a socket in `sockets`. Not `durable`: fast, not crash-safe, for tests."""

    cluster: Path
    sockets: Path
    durable: bool = True

    stop_signals = (signal.SIGINT, signal.SIGQUIT)  # TERM would wait for every client to leave

    @property
    def url(self) -> str:
        """The address, as libpq and Django read it."""
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        """Make the cluster and its database where they are missing; clear away what a crash left behind."""
        if (self.cluster / "PG_VERSION").exists():
            self._require_same_version()
            self._clear_leftovers()
            return
        if self.cluster.exists() and any(self.cluster.iterdir()):
            raise CannotStart(
                f"{self.cluster} is not empty and holds no PostgreSQL data. Choose another folder with MUSTER_DATA."
            )
        self._create()

    def command(self) -> list[str]:
        """The command line of the server, which stays in the foreground."""
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)} | ({} if self.durable else NOT_DURABLE)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*self._as_somebody(), self._program("postgres"), "-D", str(self.cluster), *options]

    def ready(self) -> bool:
        """Whether the server says that it takes connections, and is alive."""
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[7].strip() == "ready" and bool(processes.started_at(int(lines[0])))

    def shows(self, line: str) -> bool:
        """Whether a line of its log is for people: its diary of starts and stops is not."""
        return not line.startswith("LOG:")

    def _create(self) -> None:
        making = self.cluster.with_name(self.cluster.name + ".new")
        shutil.rmtree(making, ignore_errors=True)
        making.parent.mkdir(parents=True, exist_ok=True)
        locale = (
            ["--builtin-locale=C.UTF-8", "--locale=en_US.UTF-8"] if sys.platform == "darwin" else ["--locale=C.UTF-8"]
        )
        self._run(
            [self._program("initdb"), "-D", str(making), "-U", USER, "--auth-local=trust", "--auth-host=reject"]
            + ["--encoding=UTF8", "--locale-provider=builtin", *locale, "--no-instructions"]
            + ([] if self.durable else ["--no-sync"]),
        )
        self._run(
            [self._program("postgres"), "--single", "-D", str(making), "postgres"], f"CREATE DATABASE {DATABASE}\n"
        )
        if self.cluster.exists():
            self.cluster.rmdir()
        making.rename(self.cluster)  # a folder of that name is always whole

    def _run(self, command: list[str], words: str = "") -> None:
        done = subprocess.run(
            [*self._as_somebody(), *command], input=words, capture_output=True, text=True, check=False, cwd="/"
        )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise CannotStart(
                f"PostgreSQL's data could not be made in {self.cluster.parent}: {said[-1] if said else command[0]}"
            )

    def _as_somebody(self) -> list[str]:
        """As root: a user namespace in which the same files belong to nobody in particular. PostgreSQL refuses root."""
        if os.getuid() != 0:
            return []
        if not sys.platform.startswith("linux"):
            raise CannotStart("PostgreSQL refuses to run as root. Run bin/up as an ordinary user, or set DATABASE_URL.")
        unshare = ["unshare", "-U", "--map-user=65534", "--map-group=65534"]
        try:
            tried = subprocess.run(
                [*unshare, self._program("postgres"), "--version"], capture_output=True, text=True, check=False, cwd="/"
            )
        except FileNotFoundError:
            raise CannotStart(NO_NAMESPACE.format("there is no program unshare")) from None
        if tried.returncode:
            raise CannotStart(
                NO_NAMESPACE.format(" ".join(tried.stderr.split()) or f"unshare ended with {tried.returncode}")
            )
        return unshare

    def _program(self, name: str) -> str:
        return str(binaries.postgres_folder() / name)

    def _require_same_version(self) -> None:
        have = (self.cluster / "PG_VERSION").read_text().strip()
        ours = binaries.postgres_major(binaries.postgres_folder())
        if have != str(ours):
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {have}, and this is {ours}. "
                f"Start it with MUSTER_PG_BIN pointing at PostgreSQL {have}, dump it with that version's pg_dump, "
                "and load the dump into a new MUSTER_DATA."
            )

    def _pid_file_lines(self) -> list[str]:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []
        return lines if lines and lines[0].isdigit() else []

    def _clear_leftovers(self) -> None:
        """End a server that outlived its starter; forget one whose number belongs to another process or a dead one.

        PostgreSQL itself would take any process of that number for the server and refuse to start.
        """
        lines = self._pid_file_lines()
        pid = int(lines[0]) if lines else 0
        if pid and str(self.cluster) in processes.command_of(pid):
            if not processes.end(pid, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                raise CannotStart(f"Another PostgreSQL (process {pid}) holds {self.cluster}. Stop it first.")
        elif pid:
            self._wait_for_last_children()
            if processes.exists(pid):  # the number is another process's now
                (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / LOCK).unlink(missing_ok=True)

    def _wait_for_last_children(self) -> None:
        """Of a server that was just killed they leave by themselves; while one is there, no other server starts."""
        if not sys.platform.startswith("linux"):
            time.sleep(0.5)
        until = time.monotonic() + LAST_CHILDREN_SECONDS
        while processes.living_in(self.cluster.resolve()) and time.monotonic() < until:
            time.sleep(0.05)
