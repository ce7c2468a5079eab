"""Secrets that are derived and never stored: what signs a webhook."""

import base64
import hashlib
import hmac

from django.conf import settings

HEADER = "Muster-Signature"


def secret(owner: str, version: int, *, key: str = "") -> str:
    """The text that signs for `owner` ("method/7"), as its owner sees it. A new version makes a new secret."""
    derived = hmac.new(
        (key or settings.SECRET_KEY).encode(), f"notifications.webhook/{owner}/{version}".encode(), hashlib.sha256
    )
    return "mws_" + base64.b32encode(derived.digest()[:20]).decode().lower()


def secrets(owner: str, versions: list[int]) -> list[str]:
    """Every secret a receiver may still hold: of each version, and of the installation's former keys."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [secret(owner, version, key=key) for version in versions for key in keys]


def signature(body: bytes, *, unix: int, secrets: list[str]) -> str:
    """`t=<unix>,v1=<hex>`: HMAC-SHA256 of "<unix>.<body>", one v1 for every secret. Any that fits is enough."""
    signed = str(unix).encode() + b"." + body
    found = [hmac.new(text.encode(), signed, hashlib.sha256).hexdigest() for text in secrets]
    return ",".join([f"t={unix}", *(f"v1={text}" for text in found)])


# Shown beside the secret; a test runs these very lines.
EXAMPLE = '''\
import hashlib, hmac, time


def is_from_muster(secret: str, header: str, body: bytes) -> bool:
    """`header` is Muster-Signature, `body` the bytes as they came."""
    parts = [part.split("=", 1) for part in header.split(",")]
    sent_at = next(value for name, value in parts if name == "t")
    signed = sent_at.encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    found = [value for name, value in parts if name == "v1"]
    is_fresh = abs(time.time() - int(sent_at)) < 300
    return is_fresh and any(hmac.compare_digest(value, expected) for value in found)
'''
