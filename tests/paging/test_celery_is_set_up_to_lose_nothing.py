"""The live configuration, held against the list of what is known to go wrong with Celery on Redis."""

import re
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest

from config.celery import app
from config.runner import plan
from config.servers.valkey import Valkey
from config.sweeps import SWEEPS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "core", "accounts", "catalog", "notifications", "oncall", "incidents", "alerts", "statuspage")
ROOMS += ("postmortems", "reliability", "insights")


def options_of(words: list[str]) -> dict[str, str]:
    return dict(pairwise(words))


def test_no_task_waits_in_the_broker_for_its_moment() -> None:
    """C1, C2: a task with a moment of its own is run again and again, or lost with the broker."""
    sources = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert sources
    waiting = re.compile(r"\b(apply_async|send_task)\([^)]*\b(eta|countdown)=", re.DOTALL)
    assert [path.name for path in sources if waiting.search(path.read_text())] == []


def test_what_a_killed_worker_held_is_given_to_another() -> None:
    """C3, C5."""
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost


def test_a_tick_that_comes_late_is_dropped() -> None:
    """C4, C6, C11: repair is the next tick's and the watchman's work, never redelivery's."""
    for name, entry in app.conf.beat_schedule.items():
        assert entry["options"]["expires"] <= max(SWEEPS[name].every, 1)
        assert entry["task"] == "config.celery.tick"


def test_the_broker_throws_nothing_away_and_keeps_what_it_has(tmp_path: Path) -> None:
    """C7."""
    words = " ".join(Valkey(tmp_path / "valkey", tmp_path).command())
    folder = tmp_path / "valkey"
    words += " ".join(path.read_text() for path in folder.rglob("*.conf")) if folder.exists() else ""
    assert "noeviction" in words
    assert "everysec" in words


@pytest.mark.parametrize(("package", "least"), [("celery", (5, 6, 1)), ("kombu", (5, 6, 1))])
def test_versions_with_known_faults_are_behind_us(package: str, least: tuple[int, ...]) -> None:
    """C8, C13, C18."""
    assert tuple(int(part) for part in version(package).split(".")[:3]) >= least


def test_a_broker_that_hangs_holds_up_nobody_for_long() -> None:
    """C9, C10."""
    options = app.conf.broker_transport_options
    assert options["socket_timeout"] <= 5
    assert options["socket_connect_timeout"] <= 2
    assert app.conf.task_publish_retry_policy["max_retries"] <= 1


def test_paging_goes_before_intake_and_that_before_bulk() -> None:
    """C12: queues of their own, all served by one worker, which holds one message a process."""
    assert {sweep.queue for sweep in SWEEPS.values()} == {"paging", "intake", "bulk"}
    assert options_of(plan.worker())["-Q"].split(",")[:3] == ["paging", "intake", "bulk"]
    assert app.conf.broker_transport_options["queue_order_strategy"] == "priority"
    assert app.conf.worker_prefetch_multiplier == 1
    assert options_of(plan.worker())["--prefetch-multiplier"] == "1"
    for name in ("escalations", "messages", "page_failures", "paging_audit"):
        assert SWEEPS[name].queue == "paging"


def test_no_results_are_kept_and_workers_are_renewed() -> None:
    """C13."""
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None
    assert app.conf.worker_max_tasks_per_child
    assert app.conf.worker_max_memory_per_child


def test_a_worker_that_is_asked_to_stop_ends_what_it_is_at() -> None:
    """C14: and bin/up waits longer than that before it loses patience."""
    assert app.conf.worker_soft_shutdown_timeout >= 10
    assert app.conf.worker_enable_soft_shutdown_on_idle


def test_trying_again_is_decided_in_rows_and_not_in_messages() -> None:
    """C15: the defaults stand."""
    assert app.conf.task_acks_on_failure_or_timeout in (True, None)


def test_the_time_after_which_messages_come_back_is_the_same_everywhere() -> None:
    """C16, C17."""
    known = {
        app.conf.visibility_timeout,
        app.conf.broker_transport_options["visibility_timeout"],
        app.conf.result_backend_transport_options["visibility_timeout"],
    }
    assert known == {3600}


def test_only_names_of_sweeps_travel_as_json() -> None:
    """C18."""
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert all(entry["args"] == [name] for name, entry in app.conf.beat_schedule.items())
