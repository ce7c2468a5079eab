"""Somebody takes a shift for a while, and gives it back."""

from django.urls import reverse

from oncall import actions
from oncall.models import Override
from tests.oncall.making import at, schedule
from tests.oncall.pages import text, trio
from tests.world import World


def test_a_click_on_a_shift_fills_in_the_override(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    browser = world.browser(ben)
    address = reverse("oncall:new-override", args=[plan.slug])
    assert f"{address}?duty=primary&from=2026-01-12T10%3A00&until=2026-01-19T10%3A00" in text(
        browser.get(plan.get_absolute_url(), {"on": "2026-01-14"})
    )
    page = text(browser.get(address, {"duty": "primary", "from": "2026-01-12T10:00", "until": "2026-01-19T10:00"}))
    assert 'value="2026-01-12T10:00"' in page
    assert browser.get(address, {"duty": "x", "from": "y", "until": "z"}).status_code == 200
    asked = {"person": ben.pk, "duty": "primary", "starts_at": "2026-01-06T10:00", "ends_at": "2026-01-06T12:00"}
    assert browser.post(address, asked).status_code == 302
    assert "override" in text(browser.get(plan.get_absolute_url()))
    overlap = browser.post(address, {**asked, "person": ann.pk, "ends_at": "2026-01-06T18:00", "reason": "Gym"})
    assert (overlap.status_code, "Ben Doe has an override" in text(overlap)) == (422, True)
    assert 'value="Gym"' in text(overlap)
    wrong_ones = [
        ({"ends_at": "2026-01-06T09:00"}, "must come after"),
        ({"person": ""}, "Choose one."),
        ({"starts_at": "soon"}, "not a date and a time"),
        ({"ends_at": "9998-01-01T00:00"}, "1990 and"),
    ]
    for wrong, sentence in wrong_ones:
        answer = browser.post(address, {**asked, **wrong})
        assert (answer.status_code, sentence in text(answer)) == (422, True)


def test_an_override_is_given_back(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    made = actions.add_override(
        plan, duty="primary", person=ben, starts_at=at("2026-01-06T10:00"), ends_at=at("2026-01-06T12:00"),
        actor=ben, at=world.now,
    )  # fmt: skip
    address = reverse("oncall:remove-override", args=[plan.slug, made.pk])
    assert world.browser(world.person("Vic Viewer", role="viewer")).post(address).status_code == 403
    assert world.browser(ann).post(address).status_code == 302
    assert not Override.objects.exists()
    assert world.browser(ann).post(address).status_code == 404
