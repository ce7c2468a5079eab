"""What a page says to its reader: text nodes and spoken attributes, without code, data and what people wrote."""

import re
from html.parser import HTMLParser

SPOKEN = {
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-confirm",
    "hx-confirm",
    "data-confirm-yes",
    "data-key-label",
}
SILENT = {"script", "style", "code", "pre", "textarea", "kbd", "svg", "option"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Words(HTMLParser):
    """`said`: everything the page says, each with its white space folded."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: set[str] = set()
        self._silent: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = (
            self._is_silent or tag in SILENT or given.get("lang") == "en" or "prose" in given.get("class", "").split()
        )
        if not silent:
            self._say(*(given[name] for name in SPOKEN & given.keys()))
        if tag not in VOID:
            self._silent.append(silent)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self._say(data)

    @property
    def _is_silent(self) -> bool:
        return bool(self._silent) and self._silent[-1]

    def _say(self, *texts: str) -> None:
        self.said |= {folded for text in texts if (folded := " ".join(text.split())) and re.search("[A-Za-z]", folded)}
