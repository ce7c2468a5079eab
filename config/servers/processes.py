"""Questions about processes, and the promise that a child dies with its parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def dies_with_parent(how: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program: on Linux the kernel sends it `how` when we are gone, however we went."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def started_at(pid: int) -> str:
    """When that process started, as text to compare; empty when there is none, or none that still runs."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            return "" if fields[0] in "ZX" else fields[19]
        return ""
    said = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    state, _, started = said.strip().partition(" ")
    return "" if not state or state.startswith("Z") else " ".join(started.split())


def exists(pid: int) -> bool:
    """Whether that number is taken, if only by a dead process nobody has asked about yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_of(pid: int) -> str:
    """The command line of that process, or nothing."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()


def living_in(folder: Path) -> list[int]:
    """The processes that work in that folder, as far as the system tells (on Linux) and lets us see."""
    found = []
    for entry in Path("/proc").glob("[0-9]*") if sys.platform.startswith("linux") else []:
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder and started_at(int(entry.name)):
                found.append(int(entry.name))
    return found


def end(pid: int, *signals: signal.Signals, patience: float = 5.0) -> bool:
    """Send the signals one after the other until that process is gone, waiting `patience` seconds after each."""
    started = started_at(pid)
    for each in signals:
        if not started:
            break
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, each)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if started_at(pid) != started:
                return True
            time.sleep(0.02)
    return started_at(pid) != started
