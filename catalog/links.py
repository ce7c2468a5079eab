"""Links of a service: a title and a web address each."""

from typing import TypedDict
from urllib.parse import urlsplit

MOST = 30
LONGEST = 2000


class Link(TypedDict):
    """One link."""

    title: str
    url: str


def trouble_with(url: str) -> str:
    """Why `url` is no web address to link to, as a sentence; empty when it is one."""
    if len(url) > LONGEST:
        return f"The address is longer than {LONGEST} characters."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return f"“{url[:80]}” is not a web address."
    if parts.scheme not in {"http", "https"}:
        return f"“{url[:80]}” must begin with http:// or https://."
    if not host or parts.username is not None or any(letter.isspace() or letter < " " for letter in url):
        return f"“{url[:80]}” is not a web address."
    return ""


def title_of(url: str) -> str:
    """What to call a link without a title: its host."""
    return urlsplit(url).hostname or url
