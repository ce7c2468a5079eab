"""Every address has a test: notes which URL names the tests resolve, and fails a whole run that leaves one out."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers import base
from django.urls import URLPattern, URLResolver, get_resolver

OTHERS = ("account_", "socialaccount_", "mfa_", "usersessions_", "openid_connect_")  # allauth tests its own
SEEN: set[str] = set()
_resolve = base.BaseHandler.resolve_request


def _noting(self: Any, request: Any) -> Any:
    match = _resolve(self, request)
    SEEN.add(match.view_name)
    return match


def pytest_configure(config: pytest.Config) -> None:
    base.BaseHandler.resolve_request = _noting  # type: ignore[method-assign]
    os.environ.setdefault("MUSTER_ADDRESSES_SEEN", tempfile.mkdtemp(prefix="muster-addresses-"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    folder = Path(os.environ["MUSTER_ADDRESSES_SEEN"])
    if hasattr(session.config, "workerinput"):
        (folder / f"{os.getpid()}.txt").write_text("\n".join(sorted(SEEN)))
        return
    if exitstatus != 0 or not _is_whole_run(session.config):
        return
    seen = SEEN.union(*(set(path.read_text().split()) for path in folder.glob("*.txt")))
    missing = sorted(name for name in names() - seen if not name.startswith(OTHERS))
    if missing:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line(f"No test asks for these addresses: {', '.join(missing)}", red=True)
        session.exitstatus = 1


def _is_whole_run(config: pytest.Config) -> bool:
    return config.args == config.getini("testpaths") and not config.option.keyword and not config.option.markexpr


def names() -> set[str]:
    """Every URL name of the product, with its namespace."""
    return {name for name, _pattern in patterns()}


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern with its full name."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
            elif entry.name:
                yield f"{prefix}{entry.name}", entry

    yield from walk(get_resolver(), "")
