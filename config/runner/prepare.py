"""Between the database and the web server, in one Python process: migrations, static files, the first start."""

import contextlib
import hashlib
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def main(options: list[str]) -> int:
    """0 when everything is in place."""
    django.setup()
    state = Path(settings.DATA_DIR) / "run"
    state.mkdir(parents=True, exist_ok=True)
    try:
        _migrate(state)
    except DatabaseError as problem:
        said = str(problem).strip().splitlines() or [type(problem).__name__]
        print(f"The database cannot be brought up to date: {said[0]}", file=sys.stderr)
        return 1
    if not settings.DEBUG:
        _collect_static(state)
    if "first_start" in get_commands():
        call_command("first_start", *options)
    return 0


def _migrate(state: Path) -> None:
    """Asked of the database itself, so never skipped wrongly; a marker repeats a run that was cut short."""
    unfinished = state / "migrating"
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()) and not unfinished.exists():
        return
    with _step("Updating the database"):
        unfinished.touch()
        call_command("migrate", interactive=False, verbosity=0)
        unfinished.unlink()


def _collect_static(state: Path) -> None:
    """Only when a source has changed: compressing takes seconds."""
    stamp = state / "static-of"
    root = Path(settings.STATIC_ROOT)
    now = _fingerprint()
    if root.is_dir() and stamp.exists() and stamp.read_text() == now:
        return
    with _step("Collecting static files"):
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0, clear=True, stdout=io.StringIO())
        stamp.write_text(now)


def _fingerprint() -> str:
    """Names, sizes and times of everything that becomes a static file, and the lock file."""
    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    folders += [Path(app.path) / "static" for app in apps.get_app_configs()]
    seen = hashlib.sha256((Path(settings.BASE_DIR) / "requirements" / "base.txt").read_bytes())
    seen.update(repr(settings.STORAGES["staticfiles"]).encode())
    for path in sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*")):
        facts = path.stat()
        seen.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()


@contextlib.contextmanager
def _step(words: str) -> Iterator[None]:
    begun = time.monotonic()
    _say(f"{words} … ")
    yield
    _say(f"done in {time.monotonic() - begun:.1f} s\n")


def _say(words: str) -> None:
    with contextlib.suppress(OSError):  # a reader that has gone away stops nothing
        print(words, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
