"""The geometry of charts."""

from datetime import UTC, datetime, timedelta

from core import charts

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def test_bars_stand_on_the_base_and_reach_their_share_of_the_ruler() -> None:
    drawn = charts.bars([("a", 0), ("b", 5), ("c", 10)], height=132)
    assert [tick.text for tick in drawn.ticks] == ["0", "5", "10"]
    assert [bar.height for bar in drawn.bars] == [0, 50, 100]
    assert all(round(bar.y + bar.height, 2) == drawn.base for bar in drawn.bars)
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 for bar in drawn.bars)


def test_whole_numbers_stand_on_a_ruler_of_whole_numbers() -> None:
    def ruler(*values: float) -> list[str]:
        return [tick.text for tick in charts.bars([("day", value) for value in values]).ticks]

    assert ruler(0, 1, 1) == ["0", "1"]
    assert ruler(2, 0) == ["0", "1", "2"]
    assert ruler(4, 3) == ["0", "2", "4"]
    assert ruler(5, 3) == ["0", "5"]
    assert ruler(15) == ["0", "15"]
    assert ruler(0.5, 1) == ["0", "0.5", "1"]


def test_no_values_draw_nothing_and_break_nothing() -> None:
    assert charts.bars([]).bars == []
    assert charts.line([]).path == ""
    assert charts.line([3]).path.startswith("M")
    assert charts.share(3, 0) == 0


def test_a_ruler_ends_in_a_round_number() -> None:
    assert [charts.nice_ceiling(value) for value in (0, 1, 7, 12, 99, 101)] == [1, 1, 8, 15, 100, 150]


def test_a_shift_is_cut_at_the_edges_of_its_window() -> None:
    week = timedelta(days=7)
    assert charts.place(MONDAY - week, MONDAY + week / 2, MONDAY, MONDAY + week) == (0, 50)
    assert charts.place(MONDAY + week, MONDAY + 2 * week, MONDAY, MONDAY + week) == (100, 0)


def test_days_of_a_window_know_today() -> None:
    marks = charts.days(MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=2, hours=5))
    assert [mark.day.day for mark in marks] == [16, 17, 18, 19, 20, 21, 22]
    assert [mark.is_today for mark in marks].index(True) == 2
