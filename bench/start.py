"""How long the first and the second start take until /readyz says 200, and how much memory an idle Muster holds."""

import argparse
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.frame import Row, table

READY = re.compile(r"ready at \S+ \(([\d.]+) s\)")
PATIENCE = 120  # seconds; the alarm then ends the benchmark, and with it what it started
BASE = Path(__file__).resolve().parent.parent
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "MUSTER_DATA", "MUSTER_SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def main(words: list[str]) -> int:
    """Print the table; 1 when a bar of the requirements is missed."""
    parser = argparse.ArgumentParser("bin/bench start", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="second starts to measure (default 3)")
    parser.add_argument("--idle", type=float, default=10, help="seconds to wait before memory is read (default 10)")
    options = parser.parse_args(words)
    floor = [_import_seconds() for _ in range(options.times)]
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        first, _ = _start(Path(folder), 0)
        again = [_start(Path(folder), options.idle if turn == 0 else 0) for turn in range(options.times)]
    seconds = [took for took, _ in again]
    memory = [held for _, held in again if held]
    rows = [
        Row("first start", [first], "s", floor, "30 s"),
        Row("second start", seconds, "s", floor, "6 s"),
        Row("idle memory", memory or [0.0], "MiB", bar="700 MiB"),
    ]
    print(table("Start (floor: one Python process that only imports the web application)", rows))
    return 1 if first > 30 or rows[1].median > 6 or rows[2].median > 700 else 0


def _import_seconds() -> float:
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import config.asgi"], check=True, cwd=BASE, capture_output=True)
    return time.monotonic() - begun


def _start(data: Path, idle: float) -> tuple[float, float]:
    """Seconds until ready as a person waits for them, and MiB held by the whole tree (0 when not asked for)."""
    env = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    env |= {"MUSTER_DATA": str(data), "PORT": str(_free_port())}
    begun = time.monotonic()
    signal.alarm(PATIENCE)
    with _running([str(BASE / "bin" / "up")], env) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if READY.search(line):
                break
        else:
            raise SystemExit("".join(said))
        took = time.monotonic() - begun
        signal.alarm(0)
        time.sleep(idle)
        return took, _memory(process.pid) if idle else 0.0


@contextlib.contextmanager
def _running(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=40)
        process.kill()


def _memory(root: int) -> float:
    """The proportional set size of a process and everything under it, in MiB. Linux only; 0 elsewhere."""
    if not Path("/proc/self/smaps_rollup").exists():
        return 0.0
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    waiting, held = [root], 0
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        with contextlib.suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            held += int(found[1]) if found else 0
    return held / 1024


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
