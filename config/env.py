"""Readers for the environment. Every wrong value is one sentence that names the variable and what it may hold."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(Exception):
    """An environment variable holds something Muster cannot use. The text is fit to show."""


def text(name: str, default: str = "", *, env: Mapping[str, str] = os.environ) -> str:
    """The variable, stripped; `default` where it is unset or blank."""
    return env.get(name, "").strip() or default


def flag(name: str, *, default: bool = False, env: Mapping[str, str] = os.environ) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off in any case."""
    value = text(name, env=env).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise WrongSetting(f"{name} is “{value}”, but it must be one of: 1, 0, true, false, yes, no, on, off.")


def number(name: str, default: int, *, low: int, high: int, env: Mapping[str, str] = os.environ) -> int:
    """A whole number between `low` and `high`, both included."""
    value = text(name, env=env)
    if not value:
        return default
    if not (value.isascii() and value.isdigit()) or not low <= int(value) <= high:
        raise WrongSetting(f"{name} is “{value}”, but it must be a whole number from {low} to {high}.")
    return int(value)


def words(name: str, default: tuple[str, ...] = (), *, env: Mapping[str, str] = os.environ) -> list[str]:
    """A list written with commas."""
    value = text(name, env=env)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def web_address(name: str, default: str = "", *, env: Mapping[str, str] = os.environ) -> str:
    """An http or https address without a path; no slash at the end."""
    value = text(name, default, env=env).rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise WrongSetting(f"{name} is “{value}”, but it must look like https://muster.example.com, without a path.")
    return value


def database(name: str = "DATABASE_URL", *, env: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Django's settings for the PostgreSQL of a `postgresql://user:password@host:port/name?host=/socket` address."""
    value = text(name, env=env)
    if not value:
        raise WrongSetting(
            f"{name} is not set. bin/up and bin/test set it; by hand: postgresql://user:password@host/name."
        )
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise WrongSetting(f"{name} cannot be read as an address: postgresql://user:password@host:5432/name.") from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise WrongSetting(f"{name} must look like postgresql://user:password@host:5432/name; only PostgreSQL will do.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "core.database",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "") or ""),
        "OPTIONS": options,
    }


def redis(name: str = "REDIS_URL", *, env: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The Redis address twice: as redis-py reads it, and as Celery's broker does (they spell sockets differently)."""
    value = text(name, "redis://127.0.0.1:6379/0", env=env)
    parts = urlsplit(value)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise WrongSetting(f"{name} is “{value}”, but it must start with redis://, rediss:// or unix://.")
    if parts.scheme != "unix":
        return value, value
    number_of_base = dict(parse_qsl(parts.query)).get("db", "0")
    return value, f"redis+socket://{parts.path}?virtual_host={number_of_base}"


def sender(public_url: str, *, env: Mapping[str, str] = os.environ) -> str:
    """Who mails are from: MUSTER_EMAIL_FROM, else `muster@` the public address's host where that has a name."""
    host = urlsplit(public_url).hostname or ""
    is_named = "." in host and not host.replace(".", "").isdigit() and ":" not in host
    is_sent = bool(mail(env=env)["EMAIL_HOST"])
    return text("MUSTER_EMAIL_FROM", env=env) or f"Muster <muster@{host if is_named and is_sent else 'localhost'}>"


def mail(name: str = "MUSTER_EMAIL_URL", *, env: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Django's mail settings from `smtp://user:password@host:587` (`smtps://` for TLS at once, `?starttls=1`), or from
    `file:/a/folder`, which keeps each mail as a file there (`file:` alone: in `mail` of the data folder)."""
    value = text(name, env=env)
    if not value:
        return {"EMAIL_HOST": ""}
    if value.startswith("file:"):
        chosen = value.removeprefix("file:").removeprefix("//")
        return {"EMAIL_HOST": "", "EMAIL_FILE_PATH": chosen or str(Path(text("MUSTER_DATA", "var", env=env)) / "mail")}
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise WrongSetting(f"{name} cannot be read: smtp://user:password@host:587?starttls=1.") from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise WrongSetting(f"{name} is “{value}”, but it must look like smtp://user:password@host:587?starttls=1.")
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": options.get("starttls", "") in {"1", "true", "yes"},
    }
