"""Secrets that are shown once and kept as digests."""

import base64
import hashlib
import secrets
from typing import NamedTuple


class Minted(NamedTuple):
    """A new secret: `text` to show once, `prefix` to recognise it by, `digest` (SHA-256) to keep."""

    text: str
    prefix: str
    digest: bytes


def mint(kind: str) -> Minted:
    """A new secret of 160 bits, written `<kind>_<32 letters and digits>`."""
    body = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    text = f"{kind}_{body}"
    return Minted(text, body[:8], digest(text))


def digest(text: str) -> bytes:
    """What is kept of a secret. Its 160 random bits need no salt."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
