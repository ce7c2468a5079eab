"""Whose page opens a socket. Cookies are sent along whoever asks, so the page's origin is what tells them apart."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": 80, "https": 443}
SCHEMES = {"ws": "http", "wss": "https"}
Address = tuple[str, str, int]


def is_own(scope: dict[str, Any]) -> bool:
    """Whether the page came from Muster: from its public address, or from the very scheme and host that the socket
    connects to, where that is a host Muster answers to: any page can name its own. No origin is a stranger's."""
    headers = dict(scope["headers"])
    origin = _address(headers.get(b"origin", b"").decode("latin1"))
    if origin is None:
        return False
    if origin == _address(settings.PUBLIC_URL):
        return True
    host = headers.get(b"host", b"").decode("latin1")
    return _is_known(host) and origin == _address(f"{_scheme(scope, headers)}://{host}")


def _is_known(host: str) -> bool:
    """Whether Muster answers to this Host: Django's own judgement of it."""
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _scheme(scope: dict[str, Any], headers: dict[bytes, bytes]) -> str:
    """What the visitor speaks, as Django reckons it for pages; behind a proxy the proxy says it (“wss”, some do)."""
    used = str(scope.get("scheme", "ws"))
    if settings.BEHIND_PROXY and b"x-forwarded-proto" in headers:
        used = headers[b"x-forwarded-proto"].decode("latin1").partition(",")[0].strip().lower()
    return SCHEMES.get(used, used)


def _address(text: str) -> Address | None:
    """Scheme, host and port, the usual port too; None for what is no bare address."""
    try:
        parts = urlsplit(text)
        port = PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        return None
    is_bare = parts.scheme in PORTS and not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return (parts.scheme, parts.hostname, port) if is_bare and parts.hostname and port else None
