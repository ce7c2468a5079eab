"""The checks behind bin/check: what each is called and what it runs. With names as arguments, only those."""
# ruff: noqa: T201, S603

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

PYTHON = (sys.executable, "-m")
PYTEST = (*PYTHON, "pytest", "-p", "no:valkey", "-p", "no:cacheprovider", "-p", "no:randomly", "-q", "--no-header")
PIP_AUDIT = (*PYTHON, "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off")
PRODUCTION = {
    "MUSTER_PUBLIC_URL": "https://muster.example.com",
    "MUSTER_ALLOWED_HOSTS": "muster.example.com",
    "MUSTER_BEHIND_PROXY": "1",
    "MUSTER_SECRET_KEY": secrets.token_urlsafe(50),
}
HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.)+(?:[a-z]{2,})(?::\d+)?(?:/\S*)?")


@dataclass(frozen=True)
class Check:
    """One line of the answer."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    excuse: str = ""  # where its words match, the check could not be made and passes with that remark
    excused: str = ""


CHECKS = (
    Check("types", (*PYTHON, "mypy", "--no-error-summary", ".")),
    Check("architecture", (*PYTEST, "tests/architecture")),
    Check("production files", (*PYTEST, "tests/install/test_production_files.py")),
    Check("lint", (*PYTHON, "ruff", "check", "--quiet", "--output-format", "concise", ".")),
    Check("format", (*PYTHON, "ruff", "format", "--quiet", "--check", ".")),
    Check("imports", ("lint-imports",)),
    Check("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
    Check("deployment", (sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Check("translations", (sys.executable, "manage.py", "translations", "--check")),
    Check(
        "known faults",
        (*PIP_AUDIT, "-r", "requirements/base.txt"),
        excuse=r"ConnectionError|Max retries|Failed to|timed out|ServiceError|resolve|HTTPError|Client Error|SSL|Proxy",
        excused="the database of known faults cannot be reached from here",
    ),
)


def main(wanted: list[str]) -> int:
    """0 when every check passes."""
    unknown = set(wanted) - {check.name for check in CHECKS}
    if unknown:
        print(f"There is no check called {', '.join(sorted(unknown))}. There are: {', '.join(c.name for c in CHECKS)}.")
        return 2
    chosen = [check for check in CHECKS if not wanted or check.name in wanted]
    failed: list[tuple[str, str]] = []
    begun = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for job in as_completed([pool.submit(_run, check) for check in chosen]):
            check, good, words, seconds = job.result()
            remark = f"  ({check.excused})" if good and words else ""
            print(f"{'pass' if good else 'FAIL'}  {check.name:<18}{seconds:6.1f} s{remark}", flush=True)
            if not good:
                failed.append((check.name, words))
    for name, words in failed:
        print(f"\n── {name} ──\n{words}")
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} checks pass, in {time.monotonic() - begun:.0f} s.")
    return 1 if failed else 0


def _run(check: Check) -> tuple[Check, bool, str, float]:
    begun = time.monotonic()
    done = subprocess.run(
        check.command,
        env={**os.environ, **check.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    words, good = done.stdout.strip(), done.returncode == 0
    if not good and check.excuse:
        good = re.search(check.excuse, words) is not None
        words = check.excused if good else HOST.sub("…", words)
    elif good:
        words = ""
    return check, good, words, time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
