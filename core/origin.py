"""From where the present request comes. Kept beside the request, so that a verb can tell the audit log."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

_address: ContextVar[str | None] = ContextVar("muster_origin", default=None)


def address() -> str | None:
    """The client's IP address; None outside of a request (clocks, commands)."""
    return _address.get()


def address_of(request: HttpRequest) -> str | None:
    """The client's IP address. Behind a proxy (MUSTER_BEHIND_PROXY) it is the last one of X-Forwarded-For, which the
    proxy wrote; those before it are the client's own claims."""
    told = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or told
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return None


@contextmanager
def of(request: HttpRequest) -> Iterator[None]:
    """Inside it, `address()` is the client of `request`."""
    token = _address.set(address_of(request))
    try:
        yield
    finally:
        _address.reset(token)
