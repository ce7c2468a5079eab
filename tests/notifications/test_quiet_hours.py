"""Pages of low urgency wait until a person's quiet hours are over; high urgency always comes through."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifications import quiet
from notifications.models import QuietHours
from tests.notifications.leaving import leave
from tests.world import World

WHERE = "/me/contact/quiet-hours/"


def test_low_urgency_waits_until_they_are_over_in_the_person_s_own_zone(world: World) -> None:
    ben = world.person("Ben Ops", time_zone="Asia/Tokyo")  # 09:00 UTC is 18:00 there
    answer = world.browser(ben).post(WHERE, {"starts": "17:30", "ends": "07:00"})
    assert answer.status_code == 302
    assert 'value="17:30"' in world.browser(ben).get("/me/contact/").text
    (low,) = leave(world, ben, urgency="low", topic="page/1")
    (high,) = leave(world, ben, urgency="high", topic="page/2")
    assert low.next_attempt_at == datetime(2026, 1, 5, 22, 0, tzinfo=UTC)
    assert high.next_attempt_at == world.now
    assert world.browser(ben).post(WHERE, {"starts": "", "ends": ""}).status_code == 302
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"starts": "22:00", "ends": ""}, "both a beginning and an end"),
        ({"starts": "22:00", "ends": "22:00"}, "never be over"),
        ({"starts": "late", "ends": "07:00"}, "late"),
    ],
)
def test_wrong_hours_are_told_and_kept(world: World, given: dict[str, str], sentence: str) -> None:
    answer = world.browser(world.person("Ben Ops")).post(WHERE, given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert given["starts"] in answer.text


@pytest.mark.parametrize(
    ("at", "starts", "ends", "zone", "until"),
    [
        ("2026-01-05T21:59", "22:00", "07:00", "UTC", None),
        ("2026-01-05T22:00", "22:00", "07:00", "UTC", "2026-01-06T07:00"),
        ("2026-01-06T06:59", "22:00", "07:00", "UTC", "2026-01-06T07:00"),
        ("2026-01-06T07:00", "22:00", "07:00", "UTC", None),
        ("2026-01-06T12:30", "12:00", "13:00", "UTC", "2026-01-06T13:00"),
        ("2026-01-05T23:30", "22:00", "00:00", "UTC", "2026-01-06T00:00"),
        (
            "2026-03-28T22:00",
            "22:00",
            "07:00",
            "Europe/Berlin",
            "2026-03-29T05:00",
        ),  # the night in which the clock springs
        ("2026-10-24T21:00", "22:00", "07:00", "Europe/Berlin", "2026-10-25T06:00"),
    ],
)
def test_when_they_end(at: str, starts: str, ends: str, zone: str, until: str | None) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = quiet.ends_at(
        moment, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends), zone=ZoneInfo(zone)
    )  # fmt: skip
    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)
