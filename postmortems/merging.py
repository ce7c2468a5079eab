"""Two people edit the same texts. What only one of them changed is taken; what both changed is shown to the second.
Pure."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple


class Merged(NamedTuple):
    """`texts`: what to keep. `conflicts`: the names of texts that both changed."""

    texts: dict[str, str]
    conflicts: list[str]


def mark(text: str) -> str:
    """A short mark of a text, to know later whether it was changed. Line ends do not count: browsers change them."""
    return hashlib.sha256(tidy(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def tidy(text: str) -> str:
    """The text with one kind of line end and no blank margin."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def merge(mine: Mapping[str, str], theirs: Mapping[str, str], base: Mapping[str, str]) -> Merged:
    """`mine`: what this person sends. `theirs`: what stands now. `base`: marks of what this person began with; a text
    without a mark counts as changed by this person, and as changed by the others if it differs."""
    texts: dict[str, str] = {}
    conflicts = []
    for name, own in mine.items():
        standing = theirs.get(name, "")
        if mark(own) == mark(standing) or base.get(name) == mark(own):
            texts[name] = standing  # not changed here
        elif base.get(name) == mark(standing):
            texts[name] = tidy(own)  # not changed there
        else:
            texts[name] = tidy(own)
            conflicts.append(name)
    return Merged(texts, conflicts)
