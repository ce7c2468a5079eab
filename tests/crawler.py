"""Follows links as a person would, from the home page on."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

LINK = re.compile(r"""(?:href|hx-get)=["']([^"'#]+)["']""")
NEVER = ("/accounts/logout", "/static/", "/status/", "/status", "/api/v1/")
EACH = 2  # pages of one kind: the second may look different from the first


def follow(get: Callable[[str], tuple[int, str]], start: str = "/") -> Iterator[tuple[str, str, int, str]]:
    """Each (address, URL name, status, HTML) that links and panels lead to from `start`, a kind twice at most."""
    waiting, known, visits = [start], {start}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        try:
            name = resolve(path).view_name
        except Resolver404:
            name = f"nowhere: {path}"
        if visits.get(name, 0) >= EACH:
            continue
        visits[name] = visits.get(name, 0) + 1
        status, html = get(address)
        yield address, name, status, html
        for link in LINK.findall(html):
            target = urljoin(address, unescape(link))
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or target in known or parts.path.startswith(NEVER):
                continue
            known.add(target)
            waiting.append(target)
