"""Who holds a data folder: a lock that dies with its holder, and a note of what the holder started."""

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.servers import processes


@dataclass
class Holding:
    """The right to run servers on one data folder, for as long as this object's lock file is open."""

    data: Path
    purpose: str
    run: str
    lock: IO[str]
    children: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, name: str, pid: int) -> None:
        """Remember a child, for the start after a crash."""
        self.children[name] = (pid, processes.started_at(pid))
        self._write()

    def release(self) -> None:
        """Let go of the folder; nothing of ours runs any more."""
        self.children.clear()
        _note(self.data).unlink(missing_ok=True)
        self.lock.close()

    def _write(self) -> None:
        fresh = _note(self.data).with_suffix(".new")
        fresh.write_text(
            json.dumps({"pid": os.getpid(), "purpose": self.purpose, "run": self.run, "children": self.children})
        )
        fresh.replace(_note(self.data))


def take(data: Path, purpose: str, run: str) -> Holding | None:
    """Take hold of the data folder and end what a killed holder left running; None when somebody living has it."""
    lock = (data / "run" / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    _end_leftovers(_read(data))
    held = Holding(data, purpose, run, lock)
    held._write()
    return held


def holder(data: Path) -> tuple[int, str]:
    """The process id and purpose in the holder's note; (0, "") where there is none."""
    seen = _read(data)
    return int(str(seen.get("pid", 0))), str(seen.get("purpose", ""))


def _end_leftovers(seen: dict[str, object]) -> None:
    """End the processes of an earlier run, known by its mark in their environment or by number and start time."""
    run = str(seen.get("run") or "")
    pids = _marked(run) if run else set()
    children = seen.get("children")
    for pid, started in children.values() if isinstance(children, dict) else ():
        if started and processes.started_at(int(pid)) == started:
            pids.add(int(pid))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 3
    while time.monotonic() < until and any(processes.started_at(pid) for pid in pids):
        time.sleep(0.05)
    for pid in pids:
        processes.end(pid, signal.SIGINT, signal.SIGKILL, patience=2)


def _marked(run: str) -> set[int]:
    if not sys.platform.startswith("linux"):
        return set()
    mark = f"MUSTER_RUN={run}".encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                found.add(int(folder.name))
    return found


def _read(data: Path) -> dict[str, object]:
    try:
        seen = json.loads(_note(data).read_text())
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _note(data: Path) -> Path:
    return data / "run" / "running.json"
