"""Text that people and machines hand in, made fit to keep. Pure."""

import re

from core.letters import has_visible

TITLE_LENGTH = 200
TEXT_LENGTH = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # would let a title rearrange the words around it


def one_line(text: str, *, longest: int = TITLE_LENGTH) -> str:
    """One tidy line: no control characters, single spaces, cut with an ellipsis at `longest`; empty where nothing
    of it could be seen."""
    tidy = " ".join(_BIDI.sub("", _CONTROL.sub(" ", text)).split())
    if not has_visible(tidy):
        return ""
    return tidy if len(tidy) <= longest else tidy[: longest - 1].rstrip() + "…"


def many_lines(text: str, *, longest: int = TEXT_LENGTH) -> str:
    """Lines as typed, with one kind of line end, no control characters and no blank margin."""
    tidy = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return tidy if len(tidy) <= longest else tidy[: longest - 1].rstrip() + "…"
