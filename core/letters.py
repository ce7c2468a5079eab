"""What of a text can be seen. Pure."""

import unicodedata

# Letters by their category that are drawn as nothing: the fillers of Hangul and the empty pattern of braille.
_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_DRAWN = frozenset("LNPS")  # letters, numbers, punctuation, symbols; a mark alone has nothing to stand on


def has_visible(text: str) -> bool:
    """Whether a reader would see anything: at least one letter, digit or sign, and not only spaces, joiners, marks and
    characters that turn or control text."""
    return any(unicodedata.category(letter)[0] in _DRAWN and letter not in _EMPTY for letter in text)
