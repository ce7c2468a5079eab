"""Make the Python environment in .venv, or bring it up to date with a lock file. Standard library only.

`environment.py CHECKOUT base|dev`. What was installed is remembered as a copy of the lock file in .venv/installed,
written last: an installation that was cut short is simply done again.
"""
# ruff: noqa: T201, S603, RUF005

import fcntl
import shutil
import subprocess
import sys
import time
from pathlib import Path


def main(checkout: Path, wanted: str) -> int:
    """0 when everything is installed; otherwise 1, after the installer's own words."""
    lock_file = checkout / "requirements" / f"{wanted}.txt"
    folder = checkout / ".venv"
    stamp = folder / "installed" / lock_file.name
    with (checkout / "requirements" / "base.txt").open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == lock_file.read_bytes() and _works(folder):
            return 0
        if not _works(folder):
            shutil.rmtree(folder, ignore_errors=True)
            if not _step("Setting up Python environment", [sys.executable, "-m", "venv", str(folder)]):
                return 1
        packages = sum(1 for line in lock_file.read_text().splitlines() if line[:1].isalnum())
        done = _step(
            f"Installing up to {packages} packages (a minute or two the first time)",
            [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            + ["--require-hashes", "--only-binary", ":all:", "-r", str(lock_file)],
        )
        if not done:
            return 1
        stamp.parent.mkdir(exist_ok=True)
        for installed in {"base": ["base"], "dev": ["base", "dev"]}[wanted]:
            shutil.copyfile(lock_file.with_name(f"{installed}.txt"), stamp.with_name(f"{installed}.txt"))
    return 0


def _works(folder: Path) -> bool:
    python = folder / "bin" / "python"
    if not python.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(python), "-c", check], capture_output=True, check=False).returncode == 0


def _step(words: str, command: "list[str]") -> bool:
    print(f"{words} … ", end="", flush=True)
    begun = time.monotonic()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode == 0:
        print(f"done in {time.monotonic() - begun:.0f} s", flush=True)
        return True
    print(f"failed:\n{done.stdout.strip()}", flush=True)
    return False


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
    except KeyboardInterrupt:
        print("stopped", flush=True)
        sys.exit(130)
