"""CSV that a spreadsheet cannot be tricked by."""

import csv
import io
from collections.abc import Iterable, Iterator

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """The value as text; one that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = str(value if value is not None else "")
    return f"'{text}" if text.startswith(DANGEROUS) and not isinstance(value, int | float) else text


def lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """RFC 4180 lines, the names of the columns first."""
    for row in [list(columns)]:
        yield _line(row)
    for cells in rows:
        yield _line([cell(value) for value in cells])


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
