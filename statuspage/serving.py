"""The public pages over HTTP: a thin ASGI endpoint beside Django. No session, no database, no Redis: files alone.

A request costs one stat; what stands in memory is served while its file is unchanged.
"""

import functools
import hashlib
import os
import re
from collections import OrderedDict
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from statuspage import files

Headers = list[tuple[bytes, bytes]]
MOST_BYTES = 64 * 1024 * 1024
PREFIX = "/status/"
# Whole addresses, checked before the disk is asked: no name begins with a dot, so neither parents nor hidden files.
_ADDRESS = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,8}(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99})?")
TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".json": b"application/json; charset=utf-8",
    ".atom": b"application/atom+xml; charset=utf-8",
    ".rss": b"application/rss+xml; charset=utf-8",
    ".svg": b"image/svg+xml",
}
OPEN_TO_SCRIPTS = {".json", ".atom", ".rss"}  # of any page of the world: widgets and readers
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
CLOSED = b"default-src 'none'; frame-ancestors 'none'"  # what is no page shows nothing and runs nothing
PAGES = {".html", ".txt"}
FRESH = b"public, max-age=0, s-maxage=5, stale-if-error=86400"
FOR_GOOD = b"public, max-age=31536000, immutable"
NOTHING = b"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Not found</title>
<h1>There is nothing at this address</h1><p><a href="/status/">How everything is now</a></p></html>"""


class Body(NamedTuple):
    """One encoding of one file, with the headers of its answers."""

    content: bytes
    tag: bytes
    headers: Headers
    unchanged: Headers  # of a 304


class Held(NamedTuple):
    """One file in memory, as it was when its stat was `seen`."""

    seen: tuple[int, int, int]
    modified: int
    bodies: dict[str, Body]  # by encoding; "" is the plain one
    size: int


class Shelf:
    """Files of one folder, kept in memory up to a number of bytes, the longest unused going first."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.held: OrderedDict[str, Held] = OrderedDict()
        self.size = 0

    def find(self, path: str) -> Held | None:
        """The file at `path` (already judged safe) as it is now; None if there is none."""
        full = f"{self.root}/{path}"
        try:
            stat = os.stat(full)
        except OSError:
            self._drop(path)
            return None
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        held = self.held.get(path)
        if held is not None and held.seen == seen:
            self.held.move_to_end(path)
            return held
        self._drop(path)
        try:
            held = _load(full, path, seen)
        except OSError:
            return None
        self.held[path] = held
        self.size += held.size
        while self.size > MOST_BYTES and len(self.held) > 1:
            self._drop(next(iter(self.held)))
        return held

    def _drop(self, path: str) -> None:
        gone = self.held.pop(path, None)
        if gone is not None:
            self.size -= gone.size


_shelves: dict[str, Shelf] = {}


def shelf() -> Shelf:
    """The files of this installation."""
    root = str(settings.STATUS_ROOT)
    if root not in _shelves:
        _shelves.clear()
        _shelves[root] = Shelf(root)
    return _shelves[root]


async def status_files(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer GET and HEAD of /status and everything below it."""
    if scope["method"] not in {"GET", "HEAD"}:
        headers = [(b"allow", b"GET, HEAD"), (b"content-type", b"text/plain; charset=utf-8"), *_safe(".txt")]
        await _answer(send, 405, headers, b"This page can only be read.\n", scope)
        return
    path = scope["path"]
    if path == "/status":
        await _redirect(send, PREFIX, scope)
        return
    below = path[len(PREFIX) :]
    kept = shelf()
    found = _pick(kept, below)
    if found is None:
        await _elsewhere(kept, below, send, scope)
        return
    held = found
    asked = _headers(scope)
    body = _encoding(held, asked.get(b"accept-encoding", b""))
    if _unchanged(asked, held, body):
        await _answer(send, 304, body.unchanged, b"", scope)
        return
    await _answer(send, 200, body.headers, body.content, scope)


def _pick(kept: Shelf, below: str) -> Held | None:
    if f"{below}index.html" in kept.held and (not below or below.endswith("/")):
        return kept.find(f"{below}index.html")  # judged when it was put there
    if below in kept.held:
        return kept.find(below)
    if _ADDRESS.fullmatch(below) is None:
        return None
    if not below or below.endswith("/"):
        return kept.find(below + "index.html")
    if below.rpartition(".")[2] in {"br", "gz"}:
        return None
    return kept.find(below)


async def _elsewhere(kept: Shelf, below: str, send: Any, scope: dict[str, Any]) -> None:
    """Nothing at this address: a slash was forgotten, or the default page was asked by its own name, or 404."""
    if _ADDRESS.fullmatch(below) is not None:
        if not below.endswith("/") and kept.find(f"{below}/index.html") is not None:
            await _redirect(send, f"{PREFIX}{below}/", scope)
            return
        slug = files.default_slug(Path(kept.root))
        if slug and (below == slug or below.startswith(f"{slug}/")):
            await _redirect(send, PREFIX + below[len(slug) + 1 :], scope)
            return
    own = below.partition("/")[0]
    missing = (kept.find(f"{own}/404.html") if re.fullmatch(r"[A-Za-z0-9_-]+", own) else None) or kept.find("404.html")
    content = missing.bodies[""].content if missing else NOTHING
    headers = [(b"content-type", TYPES[".html"]), (b"cache-control", b"no-store"), *_safe(".html")]
    await _answer(send, 404, headers, content, scope)


async def _redirect(send: Any, where: str, scope: dict[str, Any]) -> None:
    headers = [(b"location", where.encode("ascii")), (b"cache-control", b"no-store"), *_safe(".html")]
    await _answer(send, 307, headers, b"", scope)


async def _answer(send: Any, status: int, headers: Headers, content: bytes, scope: dict[str, Any]) -> None:
    if status not in {200, 304}:
        headers = [*headers, (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


def _headers(scope: dict[str, Any]) -> dict[bytes, bytes]:
    return {name: value for name, value in scope["headers"] if name in _READ}


_READ = {b"accept-encoding", b"if-none-match", b"if-modified-since"}


def _encoding(held: Held, accepted: bytes) -> Body:
    """The smallest body this client can read."""
    if len(held.bodies) > 1 and accepted:
        wishes = _wishes(accepted)
        for name in ("br", "gzip"):
            if name in held.bodies and wishes.get(name, wishes.get("*", False)):
                return held.bodies[name]
    return held.bodies[""]


@functools.lru_cache(maxsize=256)
def _wishes(accepted: bytes) -> dict[str, bool]:
    found = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, rest = part.partition(";")
        found[name.strip()] = re.fullmatch(r"\s*q=0(\.0*)?\s*", rest) is None
    return found


def _unchanged(asked: dict[bytes, bytes], held: Held, body: Body) -> bool:
    """RFC 9110: If-None-Match goes before If-Modified-Since; the tag of any encoding of the same file counts."""
    tags = asked.get(b"if-none-match")
    if tags is not None:
        named = {tag.strip().removeprefix(b"W/") for tag in tags.split(b",")}
        return b"*" in named or body.tag in named
    since = asked.get(b"if-modified-since")
    if since is None:
        return False
    try:
        return held.modified <= parsedate_to_datetime(since.decode("latin-1")).timestamp()
    except (ValueError, OverflowError):
        return False


def _load(full: str, path: str, seen: tuple[int, int, int]) -> Held:
    suffix = os.path.splitext(path)[1]
    modified = seen[0] // 1_000_000_000
    contents = {"": Path(full).read_bytes()}
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        try:
            contents[encoding] = Path(full + ending).read_bytes()
        except OSError:
            continue
    digest = hashlib.sha256(contents[""]).hexdigest()[:24]
    common: Headers = [
        (b"cache-control", FOR_GOOD if path.startswith("assets/") else FRESH),
        (b"last-modified", formatdate(modified, usegmt=True).encode()),
        (b"vary", b"accept-encoding"),
        *_safe(suffix),
    ]
    bodies = {}
    for encoding, content in contents.items():
        tag = f'"{digest}{"-" if encoding else ""}{encoding}"'.encode()
        named: Headers = [(b"etag", tag), *common]
        shape: Headers = [
            (b"content-type", TYPES.get(suffix, b"application/octet-stream")),
            (b"content-length", str(len(content)).encode()),
        ]
        if encoding:
            shape.append((b"content-encoding", encoding.encode()))
        bodies[encoding] = Body(content, tag, [*shape, *named], named)
    return Held(seen, modified, bodies, sum(len(content) for content in contents.values()))


def _safe(suffix: str) -> Headers:
    headers: Headers = [
        (b"content-security-policy", POLICY if suffix in PAGES else CLOSED),
        (b"x-content-type-options", b"nosniff"),
    ]
    if suffix in PAGES:
        headers.append((b"referrer-policy", b"no-referrer"))
    if suffix in OPEN_TO_SCRIPTS:
        headers.append((b"access-control-allow-origin", b"*"))
    if settings.SECURE_HSTS_SECONDS:
        headers.append((b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}".encode()))
    return headers
