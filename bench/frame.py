"""What every benchmark shares: several runs, their median, the floor beside ours, one table."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured thing. `floor`: the same work done the barest way on the same machine, in the same unit."""

    name: str
    values: Sequence[float]
    unit: str
    floor: Sequence[float] = ()
    bar: str = ""

    @property
    def median(self) -> float:
        """The middle of our runs."""
        return statistics.median(self.values)

    @property
    def ratio(self) -> float | None:
        """How many times the floor ours is; None without a floor."""
        return self.median / statistics.median(self.floor) if self.floor and statistics.median(self.floor) else None


def runs(measure: Callable[[], float], times: int) -> list[float]:
    """That many measurements, one after the other."""
    return [measure() for _ in range(times)]


def table(title: str, rows: Sequence[Row]) -> str:
    """Rows as text: median (least–most), floor, ratio, bar."""
    lines = [("", "median", "least–most", "floor", "ratio", "bar")]
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else "–"
        floor = _figure(statistics.median(row.floor), row.unit) if row.floor else "–"
        spread = f"{_plain(min(row.values))}–{_plain(max(row.values))}"
        lines.append((row.name, _figure(row.median, row.unit), spread, floor, ratio, row.bar or "–"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([title, *text])


def _figure(value: float, unit: str) -> str:
    return f"{_plain(value)} {unit}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
