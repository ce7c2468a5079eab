"""Bytes from outside to a JSON value. Pure, and total: whatever arrives, a value or `Unreadable`."""

import json
from typing import Any

from alerts.normal import Unreadable

LONGEST_NUMBER = 1000


def read(body: bytes) -> Any:
    """The JSON value of `body`. NaN and Infinity are read as null, absurdly long numbers as their text."""
    if not body.strip():
        raise Unreadable("The body is empty, but it must be a JSON document.")
    try:
        words = body.decode(json.detect_encoding(body), "surrogatepass")
        return _decoder.decode(words.removeprefix("\ufeff"))
    except RecursionError:
        raise Unreadable("The JSON is nested too deeply to be read.") from None
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The body is not UTF-8 text (at byte {error.start}), but it must be a JSON document."
        ) from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, MemoryError):
        raise Unreadable("The body is not JSON that can be read.") from None


def _nothing(_word: str) -> None:
    return None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


_decoder = json.JSONDecoder(parse_constant=_nothing, parse_int=_whole)
