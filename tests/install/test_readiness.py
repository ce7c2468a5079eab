"""What bin/up says of a Muster that does not get ready."""

from config.runner.readiness import waiting_for


def test_what_is_not_ready_is_named_and_a_first_tick_that_is_yet_to_come_is_no_fault() -> None:
    body = '{"faults": {"redis": "TimeoutError", "clock:messages": "has never run", "clock:payloads": "late by 9 s"}}'
    said = waiting_for(503, body)
    assert said == (
        "Still waiting for redis (TimeoutError), clock:payloads (late by 9 s), "
        "the clocks (1 have yet to tick for the first time)."
    )
    clocks = '{"faults": {"clock:messages": "has never run", "clock:payloads": "has never run"}}'
    assert waiting_for(503, clocks) == "Still waiting for the clocks (2 have yet to tick for the first time)."


def test_an_answer_without_faults_is_told_calmly() -> None:
    assert [waiting_for(502, body) for body in ("", "<h1>Bad gateway</h1>", "[1]")] == [
        "Still starting: the web server answers 502."
    ] * 3
    assert waiting_for(0, "") == "Still waiting for the web server."
    assert waiting_for(503, '{"faults": {}}') == "Still starting."
