"""What the environment asks of the runner, read once, and what every child is told."""

import contextlib
import os
import secrets
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config import env
from config.servers.errors import CannotStart
from config.servers.postgres import Postgres
from config.servers.sockets import socket_folder
from config.servers.valkey import Valkey

BASE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Choices:
    """Where Muster listens, where its data is, and which of the two servers are ours to run."""

    host: str
    port: int
    data: Path
    web_processes: int
    postgres: Postgres | None
    valkey: Valkey | None
    public_url: str

    @property
    def local_host(self) -> str:
        """The host under which this machine reaches itself."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104

    @property
    def address(self) -> str:
        """Where a browser on this machine finds Muster."""
        host = f"[{self.local_host}]" if ":" in self.local_host else self.local_host
        return f"http://{host}:{self.port}"


def read(variables: Mapping[str, str] = os.environ) -> Choices:
    """The choices in these variables. Raises WrongSetting or CannotStart with a sentence."""
    host = env.text("HOST", "127.0.0.1", env=variables)
    port = env.number("PORT", 8000, low=1, high=65535, env=variables)
    data = data_folder(variables)
    ours = socket_folder(data) if not (_given("DATABASE_URL", variables) and _given("REDIS_URL", variables)) else data
    return Choices(
        host=host,
        port=port,
        data=data,
        web_processes=env.number("MUSTER_WEB_PROCESSES", 1, low=1, high=64, env=variables),
        postgres=None if _given("DATABASE_URL", variables) else Postgres(data / "postgres", ours),
        valkey=None if _given("REDIS_URL", variables) else Valkey(data / "valkey", ours),
        public_url=env.web_address("MUSTER_PUBLIC_URL", env=variables),
    )


def data_folder(variables: Mapping[str, str] = os.environ) -> Path:
    """MUSTER_DATA as an absolute path (`var` in the checkout where unset), made if missing, for its owner alone."""
    chosen = env.text("MUSTER_DATA", str(BASE / "var"), env=variables)
    data = Path(chosen).expanduser().resolve()
    try:
        if not data.exists():
            data.mkdir(parents=True, mode=0o700)
        (data / "run").mkdir(mode=0o700, exist_ok=True)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(0, "you may not write there")
    except OSError as problem:
        raise env.WrongSetting(
            f"MUSTER_DATA is “{chosen}”, but that folder cannot be used: {problem.strerror}."
        ) from None
    return data


def for_children(choices: Choices, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of every child: ours, both servers' addresses, the secret key, and a mark to know it by."""
    told = dict(variables)
    told |= {
        "HOST": choices.host,
        "PORT": str(choices.port),
        "MUSTER_DATA": str(choices.data),
        "MUSTER_SECRET_KEY": env.text("MUSTER_SECRET_KEY", env=variables) or _secret_key(choices.data),
        "MUSTER_PUBLIC_URL": choices.public_url or choices.address,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(BASE), variables.get("PYTHONPATH", "")])),
        "MUSTER_RUN": uuid.uuid4().hex,
    }
    if choices.postgres:
        told["DATABASE_URL"] = choices.postgres.url
    if choices.valkey:
        told["REDIS_URL"] = choices.valkey.url
    return told


def require_good(told: Mapping[str, str]) -> None:
    """Read every setting as the children will. Raises WrongSetting with a sentence."""
    os.environ.update(told)
    sys.path[:0] = [] if str(BASE) in sys.path else [str(BASE)]
    import config.settings  # noqa: F401 (reading it is the check)


def _given(name: str, variables: Mapping[str, str]) -> bool:
    return bool(variables.get(name, "").strip())


def _secret_key(data: Path) -> str:
    path = data / "secret_key"
    with contextlib.suppress(FileNotFoundError):
        if key := path.read_text().strip():
            return key
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    key = secrets.token_urlsafe(50)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(key + "\n")
        fresh.rename(path)
    except OSError as problem:
        raise CannotStart(f"The secret key cannot be written to {path}: {problem.strerror}.") from None
    return key
