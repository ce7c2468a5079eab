"""What bin/up says of a Muster that does not get ready."""

from config.runner.readiness import faults_in


def test_what_is_not_ready_is_named() -> None:
    body = '{"status": "unready", "faults": {"redis": "TimeoutError", "clock:messages": "has never run"}}'
    assert faults_in(body) == ": redis TimeoutError; clock:messages has never run"


def test_an_answer_without_faults_ends_the_sentence() -> None:
    assert [faults_in(body) for body in ("", "<h1>Bad gateway</h1>", "[1]", '{"faults": {}}')] == [""] * 4
