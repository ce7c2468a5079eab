"""A real bin/up in a test: start it, hear what it says, see what it leaves."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from config.servers import processes

BASE = Path(__file__).resolve().parents[2]
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "MUSTER_DATA", "MUSTER_SECRET_KEY", "PORT", "HOST", "MUSTER_PUBLIC_URL")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Up:
    """One start of bin/up on a data folder."""

    def __init__(self, data: Path | str, **env: str) -> None:
        self.data = Path(data)
        env.setdefault("PORT", str(free_port()))
        self.port = int(env["PORT"]) if env["PORT"].isdigit() else 0
        ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.process = subprocess.Popen(
            [BASE / "bin" / "up"],
            env=ours | {"MUSTER_DATA": str(data)} | env,
            cwd=self.data.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def until(self, words: str, seconds: float = 60) -> "Up":
        """Wait until it has said that (a pattern)."""
        end = time.monotonic() + seconds
        while not re.search(words, self.said):
            assert time.monotonic() < end, f"it never said {words!r}:\n{self.said}"
            assert self.process.poll() is None or re.search(words, self.said), self.said
            time.sleep(0.05)
        return self

    def ready(self) -> "Up":
        """Wait until /readyz has answered 200."""
        return self.until(r"Muster is ready", seconds=180)

    def ended(self, seconds: float = 40) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def status(self, path: str) -> int:
        """What the web server answers there; 0 for nothing."""
        try:
            return int(urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    def children(self) -> dict[str, int]:
        """The processes it has noted, by name."""
        seen = json.loads((self.data / "run" / "running.json").read_text())
        return {name: int(pid) for name, (pid, _) in seen["children"].items()}

    def everything(self) -> set[int]:
        """Every living process with this start's mark, and those it noted."""
        run = json.loads((self.data / "run" / "running.json").read_text())["run"]
        found = {pid for pid in self.children().values() if processes.started_at(pid)}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"MUSTER_RUN={run}".encode() in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
            except OSError:
                continue
        return {pid for pid in found if processes.started_at(pid)}

    def kill(self) -> None:
        """kill -9 of bin/up itself."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.ended()


def gone(pids: set[int], seconds: float = 15) -> bool:
    """Whether all of them end within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(processes.started_at(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False
