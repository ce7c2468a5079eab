"""The one outgoing HTTP client: judges every address a name resolves to, connects to that very one, follows nothing.

A name is resolved once and the connection goes to the judged address, so an answer that changes between the judging
and the connecting (DNS rebinding) changes nothing. Host and certificate still follow the name.
"""

import re
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from socket import IPPROTO_TCP, SOCK_STREAM, gaierror, getaddrinfo
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2
from django.conf import settings
from django.utils.translation import gettext as _
from httpcore2._backends.sync import SyncBackend

from core.errors import Refused

SECONDS = 5.0
BODY_CAP = 64 * 1024
LONGEST_URL = 2000
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Open only with MUSTER_ALLOW_PRIVATE_ADDRESSES.
PRIVATE: list[Network] = [
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7")
]
# Never open: cloud metadata (link-local, Alibaba, Azure's wire server, AWS over IPv6), "this host", multicast, reserved
# and documentation ranges. `ipaddress.is_global` is not enough: on Python 3.11 it passes several of these.
NEVER: list[Network] = [
    ip_network(text)
    for text in (
        "169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "0.0.0.0/8",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/128", "::/96", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20",
        "5f00::/16", "fec0::/10", "ff00::/8",
    )
]  # fmt: skip
LOOPBACK_6 = IPv6Address("::1")  # lies in ::/96, yet is loopback and not an address with another inside
NAT64: list[IPv6Network] = [IPv6Network("64:ff9b::/96")]
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
WEB_PORTS = {80, 443}
# Above 1023 receivers listen where they like, but not where stores and control planes do.
STORE_PORTS = {
    1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 4369, 5432, 5433, 5672, 6379, 6380, 6443, 8500, 9042, 9200, 9300,
    10250, 10255, 11211, 26379, 27017, 27018,
}  # fmt: skip


class Forbidden(Refused):
    """Muster does not send there. The sentence says why."""

    code = "address_not_allowed"
    status = 400


class Unreachable(Exception):
    """No answer came. `may_have_arrived`: whether the request may have been read before that."""

    def __init__(self, sentence: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(sentence)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and the first 64 KiB of the body as they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def unwrapped(address: Address) -> list[Address]:
    """The address and every IPv4 address it carries inside: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return [address]
    inner: list[Address] = [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        inner.append(address.sixtofour)
    if address.teredo:
        inner += address.teredo
    if any(address in network for network in NAT64) or address in NAT64_LOCAL:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return inner


def why_not(address: Address, *, allow_private: bool) -> str:
    """The reason why nothing is sent to `address`; empty if it may be."""
    for each in unwrapped(address):
        if each != LOOPBACK_6 and any(each.version == network.version and each in network for network in NEVER):
            return _("it is reserved, link-local or a cloud's metadata service")
        if not allow_private and any(each.version == network.version and each in network for network in PRIVATE):
            return _("it is a private or loopback address, and MUSTER_ALLOW_PRIVATE_ADDRESSES is off")
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        is_known = address in IPv6Network("2000::/3") or any(address in n for n in [*NAT64, *PRIVATE] if n.version == 6)
        if not is_known or (address.sixtofour and not allow_private and address.sixtofour.is_private):
            return _("it is not an address of the public internet")
    return ""


def judge_url(url: str, *, seconds: float = 2.0) -> None:
    """Raise `Forbidden` with a sentence when nothing may be sent to `url`: for saving one.

    A name that cannot be resolved at this moment passes; it is judged again whenever something is sent."""
    host, port = _parts(url)
    try:
        _judged(host, port, time.monotonic() + seconds)
    except Unreachable:
        return


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Ask `url` and give its answer, whatever its status; redirects are not followed.

    Raises `Forbidden` when the address is not allowed and `Unreachable` when no whole answer came within `seconds`,
    resolving and connecting included. Safe to call from threads.
    """
    _parts(url)
    backend = _Backend(time.monotonic() + seconds)
    transport = httpx2.HTTPTransport(verify=_tls(), trust_env=False)
    transport.close()
    transport._pool = httpcore2.ConnectionPool(
        ssl_context=_tls(), max_connections=1, max_keepalive_connections=0, http2=False, network_backend=backend
    )
    given = {"User-Agent": "Muster", "Accept-Encoding": "identity", "Connection": "close", **(headers or {})}
    try:
        with (
            httpx2.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=seconds) as client,
            client.stream(method, url, content=body, headers=given) as found,
        ):
            return Answer(found.status_code, {k.lower(): v for k, v in found.headers.items()}, _capped(found))
    except httpx2.TimeoutException as error:
        raise Unreachable(
            _("There was no answer within %(seconds)g seconds.") % {"seconds": seconds},
            may_have_arrived=backend.has_sent,
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
        words = re.sub(r"^\[Errno -?\d+\] ", "", str(error))[:200] or type(error).__name__
        raise Unreachable(
            _("The connection failed: %(words)s") % {"words": words}, may_have_arrived=backend.has_sent
        ) from error


def _capped(found: httpx2.Response) -> bytes:
    kept = bytearray()
    for chunk in found.iter_raw():
        kept += chunk
        if len(kept) >= BODY_CAP:
            break
    return bytes(kept[:BODY_CAP])


def _parts(url: str) -> tuple[str, int]:
    """Host and port of a URL that may be asked at all."""
    try:
        parts = urlsplit(url)
        port = {"http": 80, "https": 443}.get(parts.scheme, 0) if parts.port is None else parts.port
        read = httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        raise Forbidden(_("This is not a web address: https://hooks.example.com/muster.")) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Forbidden(_("A web address begins with https:// or http:// and names a host."))
    if len(url) > LONGEST_URL or any(ord(letter) < 33 or ord(letter) == 127 for letter in url):
        raise Forbidden(_("A web address has no spaces or control characters and at most 2000 letters."))
    if parts.username is not None or "@" in parts.netloc or "\\" in url:
        raise Forbidden(_("Leave user names and passwords out of the address; each request is signed instead."))
    # Two readers of one URL must mean the same host, or the judged one would not be the one that is asked.
    if read.host.rstrip(".").lower() != _ascii(parts.hostname) or (port if read.port is None else read.port) != port:
        raise Forbidden(_("This address can be read in two ways, so nothing is sent there."))
    if port not in WEB_PORTS and (port < 1024 or port in STORE_PORTS):
        raise Forbidden(_("Port %(port)s is not one that receives webhooks.") % {"port": port})
    return read.raw_host.decode("ascii").strip("[]"), port


def _ascii(host: str) -> str:
    try:
        return httpx2.URL(scheme="http", host=host).host.rstrip(".").lower()
    except (httpx2.InvalidURL, ValueError):
        return ""


def _judged(host: str, port: int, deadline: float) -> list[str]:
    """The addresses of `host`, all of them judged: one bad one spoils the name."""
    found = _resolved(host.rstrip("."), port, deadline)
    for text in found:
        reason = why_not(ip_address(text.split("%")[0]), allow_private=settings.ALLOW_PRIVATE_ADDRESSES)
        if reason:
            raise Forbidden(
                _("Muster does not send to %(host)s (%(address)s): %(reason)s.")
                % {"host": host, "address": text, "reason": reason}
            )
    return found


_RESOLVING = threading.BoundedSemaphore(32)  # the system's resolver knows no deadline of ours, so it gets a thread


def _resolved(host: str, port: int, deadline: float) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    said: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            said.put([str(row[4][0]) for row in getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)])
        except (gaierror, UnicodeError, OSError) as error:
            said.put(error)
        finally:
            _RESOLVING.release()

    if not _RESOLVING.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise Unreachable(_("The resolver is busy."))
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = said.get(timeout=max(0.001, deadline - time.monotonic()))
    except Empty:
        raise Unreachable(_("The name %(host)s was not resolved in time.") % {"host": host}) from None
    if isinstance(answer, Exception) or not answer:
        raise Unreachable(_("The name %(host)s cannot be found.") % {"host": host})
    return list(dict.fromkeys(answer))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Stream(httpcore2.NetworkStream):
    """A stream on which every read and write ends at the deadline, so that dripping bytes cannot hold it open."""

    def __init__(self, inner: httpcore2.NetworkStream, backend: "_Backend") -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._backend.left(httpcore2.WriteTimeout)
        self._backend.has_sent = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._backend.left(httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(SyncBackend):
    """Connects to judged addresses only, until a deadline."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.has_sent = False

    def left(self, error: type[Exception]) -> float:
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise error("The time was up.")
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        last: Exception = httpcore2.ConnectError("no address")
        addresses = _judged(host, port, self.deadline)
        for number, address in enumerate(addresses):
            share = self.left(httpcore2.ConnectTimeout) / (len(addresses) - number)
            try:
                return _Stream(super().connect_tcp(address, port, share, local_address, socket_options), self)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise httpcore2.ConnectError("never a unix socket")
