"""Sentences that were kept in English, told in the language of whoever reads. Pure but for the language now active."""

import re
from collections.abc import Iterable
from functools import cache

from django.utils.translation import gettext as _

_HOLE = re.compile(r"%\((\w+)\)[sdg]")


def retold(text: str, sentences: Iterable[str]) -> str:
    """`text` in the language now active, where it is one of `sentences` with its holes filled; else as it is."""
    for sentence in sentences:
        found = _pattern(sentence).fullmatch(text)
        if found:
            return _filled(_(sentence), found.groupdict())
    return text


def _filled(sentence: str, values: dict[str, str]) -> str:
    return _HOLE.sub(lambda hole: values[hole[1]], sentence)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _HOLE.split(sentence)  # text, name, text, name, …
    return re.compile(
        "".join(f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )
