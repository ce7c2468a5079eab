"""Short words for addresses, made from names in any script."""

from collections.abc import Callable

from django.utils.text import slugify

RESERVED = frozenset({"new", "severities"})  # words that stand in addresses beside slugs


def is_free_word(slug: str) -> bool:
    """Whether a slug can be told from an id and from the other words of addresses."""
    return not slug.isdigit() and slug.lower() not in RESERVED


def slug_from(name: str, *, word: str, taken: Callable[[str], bool]) -> str:
    """A free slug for `name`: its letters a–z and digits, or `word` where it has none ("支付" → "service").

    Never digits alone, so that a slug and an id cannot be mistaken for each other, nor a word that addresses use.
    """
    base = slugify(name)[:100].strip("-_") or word
    if not is_free_word(base):
        base = f"{word}-{base}"
    found, number = base, 1
    while taken(found):
        number += 1
        found = f"{base}-{number}"
    return found
