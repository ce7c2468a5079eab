"""What a delivery means for an alert that is known, and which alerts belong together: judged without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import grouping, states
from alerts.grouping import Past, Why
from alerts.normal import Action
from alerts.states import Standing, Verdict

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    return AT + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("standing", "action", "starts", "ends", "received", "verdict"),
    [
        (None, Action.TRIGGER, 0, None, 1, Verdict.OPENS),
        (None, Action.RESOLVE, 0, 1, 2, Verdict.CAME_RESOLVED),
        (Standing(AT, AT), Action.TRIGGER, 0, None, 5, Verdict.REPEATS),
        (Standing(AT, AT), Action.TRIGGER, 0.25, None, 5, Verdict.REPEATS),
        (Standing(AT, AT), Action.RESOLVE, 0, 5, 6, Verdict.RESOLVES),
        (Standing(AT, AT), Action.RESOLVE, None, None, 6, Verdict.RESOLVES),
        (Standing(minutes(10), minutes(10)), Action.RESOLVE, 0, 5, 11, Verdict.LATE),
        (Standing(AT, AT, minutes(5), minutes(5)), Action.RESOLVE, 0, 5, 6, Verdict.LATE),
        (Standing(AT, AT, minutes(5), minutes(5)), Action.TRIGGER, 0, None, 6, Verdict.LATE),
        (Standing(AT, AT, minutes(5), minutes(5)), Action.TRIGGER, 0.25, None, 6, Verdict.LATE),
        (Standing(AT, AT, minutes(5), minutes(5)), Action.TRIGGER, 6, None, 7, Verdict.OPENS),
        (Standing(AT, AT, minutes(5), minutes(5)), Action.TRIGGER, None, None, 7, Verdict.OPENS),
        # ended by a person: the same episode stays ended, even where the tool's clock is behind ours a new one opens
        (Standing(AT, AT, minutes(5)), Action.TRIGGER, 0, None, 6, Verdict.LATE),
        (Standing(AT, AT, minutes(5)), Action.TRIGGER, 2, None, 6, Verdict.OPENS),
        # a clock far ahead cannot make an alert that nothing ends
        (Standing(AT, AT), Action.RESOLVE, 0, 500, 6, Verdict.RESOLVES),
    ],
)
def test_deliveries_are_judged_by_the_machines_own_moments(
    standing: Standing | None,
    action: Action,
    starts: float | None,
    ends: float | None,
    received: float,
    verdict: Verdict,
) -> None:
    found, after = states.judge(
        standing,
        action,
        starts_at=None if starts is None else minutes(starts),
        ends_at=None if ends is None else minutes(ends),
        received_at=minutes(received),
    )
    assert found is verdict
    assert after.resolved_at is None or after.resolved_at >= after.started_at
    assert after.started_at <= minutes(received) or standing is not None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12), st.randoms()
)
def test_the_same_deliveries_twice_leave_an_alert_where_they_left_it_once(deliveries: list[Any], dice: Any) -> None:
    standing: Standing | None = None
    received = AT + timedelta(hours=2)
    said = [
        (Action.TRIGGER if firing else Action.RESOLVE, minutes(a), None if firing else minutes(max(a, b)))
        for firing, a, b in deliveries
    ]
    for action, starts, ends in said:
        _verdict, standing = states.judge(standing, action, starts_at=starts, ends_at=ends, received_at=received)
        verdict, again = states.judge(standing, action, starts_at=starts, ends_at=ends, received_at=received)
        assert again == standing
        assert verdict in {Verdict.REPEATS, Verdict.LATE}


def test_grouping_says_why() -> None:
    open_one = Past(1, is_open=True)
    ended = Past(1, is_open=False, ended_at=minutes(-2), ended_by_itself=True)
    by_hand = Past(1, is_open=False, ended_at=minutes(-2))
    declined = Past(1, is_open=False, is_declined=True)
    assert grouping.own(None, is_new_episode=True, at=AT) is None
    assert grouping.own(open_one, is_new_episode=True, at=AT).why is Why.SAME_ALERT
    assert grouping.own(ended, is_new_episode=True, at=AT).why is Why.CAME_BACK
    assert grouping.own(by_hand, is_new_episode=True, at=AT) is None
    assert grouping.own(by_hand, is_new_episode=False, at=AT).why is Why.SETTLING
    assert grouping.own(by_hand, is_new_episode=False, at=minutes(4)) is None
    assert grouping.own(declined, is_new_episode=False, at=AT).why is Why.NOISE
    assert grouping.own(declined, is_new_episode=True, at=AT) is None
    assert grouping.bundle(open_one, storm=True, newest=9, at=AT) == grouping.Choice(Why.SAME_GROUP, 1)
    assert grouping.bundle(ended, storm=False, newest=None, at=AT).why is Why.CAME_BACK
    assert grouping.bundle(by_hand, storm=True, newest=9, at=AT) == grouping.Choice(Why.STORM, 9)
    assert grouping.bundle(None, storm=False, newest=9, at=AT) == grouping.Choice(Why.NEW)


def test_a_storm_lasts_until_a_whole_minute_was_calm() -> None:
    recent: list[datetime] = []
    for second in range(0, 200, 5):
        at = AT + timedelta(seconds=second)
        assert grouping.is_storm(recent, 1, at=at) is (second >= 50)
        recent = grouping.remembered(recent, 1, at=at)
    assert not grouping.is_storm(recent, 1, at=AT + timedelta(seconds=195 + 60))
    assert grouping.is_storm([], 11, at=AT)
    assert not grouping.is_storm([], 10, at=AT)
    assert len(grouping.remembered(recent, 10_000, at=AT)) == 11
