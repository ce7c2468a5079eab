"""Bodies off the wire: capped, in time, and unpacked without being blown up by a small bomb."""

import asyncio
import contextlib
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

LARGEST = 5 * 1024 * 1024
SECONDS = 20.0
MOST_DISCARDED, DISCARD_SECONDS = 32 * 1024 * 1024, 5.0
MOST_MEMBERS = 100  # of one gzip body: each costs a copy of the rest, and no sender writes more than a few
PACKED = {b"gzip", b"x-gzip", b"deflate"}

Receive = Callable[[], Awaitable[dict[str, Any]]]
Hold = Callable[[int], bool]


class Turned(Exception):
    """The body is not taken: the status to answer with, and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Overflow(Turned):
    """The body is too large, and more of it is still to come."""


class Gone(Exception):
    """The sender hung up before the body was whole; nobody is left to answer."""


TOO_LARGE = f"The body is larger than {LARGEST // 1024 // 1024} MiB."


def announced(headers: dict[bytes, bytes]) -> None:
    """Turn away by the headers alone what will be too large, or packed in a way we cannot unpack."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 12 or int(length) > LARGEST):
        raise Overflow(413, TOO_LARGE)
    packing = headers.get(b"content-encoding", b"").strip().lower()
    if packing and packing != b"identity" and packing not in PACKED:
        raise Turned(415, "The Content-Encoding must be gzip, deflate or identity.")


async def read(receive: Receive, hold: Hold) -> bytes:
    """The whole body as it came. `hold(bytes)` says whether there is room for so much more."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > LARGEST:
                    raise (Overflow if message.get("more_body") else Turned)(413, TOO_LARGE)
                if not hold(len(chunk)):
                    raise Turned(503, "Too much is arriving at this moment. Send it again in a few seconds.")
                chunks.append(chunk)
                if not message.get("more_body"):
                    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    except TimeoutError:
        raise Turned(408, f"The body took longer than {SECONDS:.0f} seconds to arrive.") from None


async def discard(receive: Receive) -> None:
    """Hear a sender out who has been answered already, within bounds, and keep nothing. One who is hung up on in the
    middle of a body sees a broken connection instead of the answer."""
    left = MOST_DISCARDED
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return


def unpack(body: bytes, headers: dict[bytes, bytes]) -> bytes:
    """The body as the sender meant it. `Turned` (413) when it unpacks to too much, ValueError when it is damaged."""
    if headers.get(b"content-encoding", b"").strip().lower() not in PACKED:
        return body
    parts: list[bytes] = []
    size, rest = 0, body
    while rest:
        if len(parts) == MOST_MEMBERS:
            raise Turned(413, f"The body is packed in more than {MOST_MEMBERS} pieces.")
        unpacking = zlib.decompressobj(47)
        try:
            part = unpacking.decompress(rest, LARGEST + 1 - size)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        size += len(part)
        if size > LARGEST:
            raise Turned(413, TOO_LARGE)
        if not unpacking.eof:
            raise ValueError("it ends too early")
        parts.append(part)
        rest = unpacking.unused_data.lstrip(b"\x00")
    return b"".join(parts)
