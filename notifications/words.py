"""Text that leaves the house, made safe to send. Pure."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # would rearrange the words around them
SUBJECT_LENGTH = 300


def one_line(text: str, *, longest: int = SUBJECT_LENGTH) -> str:
    """One line fit for a header: no control or direction characters, single spaces, cut with an ellipsis."""
    tidy = " ".join(_BIDI.sub("", _CONTROL.sub(" ", text)).split())
    return tidy if len(tidy) <= longest else tidy[: longest - 1].rstrip() + "…"


def many_lines(text: str) -> str:
    """Lines with one kind of line end and no control or direction characters."""
    return _BIDI.sub("", _CONTROL_BUT_LINES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
