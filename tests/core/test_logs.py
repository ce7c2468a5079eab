"""What fails every second is told once, and its end is told once."""

import logging

import pytest

from core.logs import Line, Outage


def test_an_outage_is_one_line_when_it_begins_and_one_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    outage, beat = Outage("Publishing", "Message Error"), logging.getLogger("tests.beat")
    beat.addFilter(outage)
    for _ in range(2):
        for _ in range(100):
            try:
                raise ConnectionError("Error 2 connecting\nto the socket")
            except ConnectionError as error:
                beat.error("Message Error: %s\n%s", error, ["a stack"] * 70, exc_info=True)
        beat.error("Something else")
        outage.over()
        outage.over()
    beat.removeFilter(outage)
    lines = [Line().format(record).split(": ", 1)[1] for record in caplog.records]
    assert (
        lines
        == [
            "Publishing fails: Error 2 connecting to the socket",
            "Something else",
            "Publishing works again after 0 s",
        ]
        * 2
    )
