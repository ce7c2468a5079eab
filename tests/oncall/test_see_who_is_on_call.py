"""Who is on call, on the screen: now, in the calendar, and where nobody is."""

from oncall import actions
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import text, trio
from tests.world import World


def test_everybody_sees_who_is_on_call_everywhere_and_when_they_are_themselves(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    world.traveller.move_to(at("2026-01-06T12:00"))
    page = text(world.browser(ann).get("/oncall/"))
    assert plan.name in page
    assert "You are on call" in page
    assert "Primary of Payments" in page
    mine = text(world.browser(ben).get("/oncall/"))
    assert "You are on call" not in mine
    assert "12 Jan, 10:00" in mine


def test_an_installation_without_schedules_says_how_to_begin(world: World) -> None:
    assert "Make a schedule" in text(world.browser(world.admin).get("/oncall/"))
    assert "No policy yet" in text(world.browser(world.admin).get("/oncall/policies/"))
    vic = world.browser(world.person("Vic Viewer", role="viewer"))
    assert "Make a schedule" not in text(vic.get("/oncall/schedules/"))


def test_a_gap_is_shown_in_plain_words(world: World) -> None:
    actions.add_schedule("Empty", actor=world.admin, at=world.now)
    assert "Nobody on call" in text(world.browser(world.admin).get("/oncall/"))


def test_the_calendar_shows_week_and_month_in_the_readers_zone(world: World) -> None:
    ann, ben, _cat = trio(world)
    type(ann).objects.filter(pk=ann.pk).update(time_zone="Asia/Tokyo")
    ann.refresh_from_db()
    plan = schedule(world, ann, ben)
    browser = world.browser(ann)
    week = text(browser.get(plan.get_absolute_url()))
    assert "Ann Doe, Primary, Mon 5 Jan, 19:00 to Mon 12 Jan, 19:00 (Weekly)" in week
    assert "Shown in your time zone, Asia/Tokyo; the handoffs follow UTC." in week
    month = text(browser.get(plan.get_absolute_url(), {"view": "month", "on": "2026-03-15"}))
    assert "March 2026" in month
    for odd in ("not-a-day", "0001-01-01", "9999-12-31"):
        assert browser.get(plan.get_absolute_url(), {"on": odd}).status_code == 200


def test_gaps_doublings_and_leavers_are_warned_of(world: World) -> None:
    ann, ben, cat = trio(world)
    nights = [{"weekdays": [0], "from": "22:00", "until": "06:00"}]
    plan = schedule(world, ann, restrictions=nights)
    page = text(world.browser(world.admin).get(plan.get_absolute_url()))
    assert "Nobody is primary from" in page
    both = schedule(world, ann, ben, name="Both")
    actions.add_rotation(both, weekly(ann, cat, name="Second", duty="secondary"), actor=world.admin, at=world.now)
    type(cat).objects.filter(pk=cat.pk).update(is_active=False)
    page = text(world.browser(world.admin).get(both.get_absolute_url()))
    assert "Ann Doe is primary and secondary at once from" in page
    assert "Cat Doe is not active any more" in page
