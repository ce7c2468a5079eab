"""The pages of cover: my own, what is offered, and the two forms."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from notifications.models import Message
from oncall import actions
from oncall.models import Absence, Override, Swap
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import text, trio
from tests.oncall.test_swap_a_shift import holders, offer
from tests.world import World


def test_my_page_says_when_i_am_on_call_what_wakes_me_and_whether_i_am_reachable(world: World) -> None:
    ann, ben, _cat = trio(world)
    schedule(world, ann, ben)
    browser = world.browser(ann)
    page = text(browser.get(reverse("oncall:me")))
    for words in ("Me on call", "Primary of Payments", "Not verified", "only ann.doe@example.com is tried"):
        assert words in page
    assert "336 h" in page  # January: the weeks of the 5th and of the 19th
    assert browser.post(reverse("oncall:test-page")).status_code == 302
    world.tick()
    message = Message.objects.get(person=ann)
    assert (message.kind, message.state) == ("test", "sent")
    page = text(browser.get(reverse("oncall:me")))
    assert "None yet" not in page
    for _more in range(10):
        world.traveller.shift(1)
        answer = browser.post(reverse("oncall:test-page"))
    assert answer.status_code == 429
    assert "in an hour" in text(answer)
    assert "You have no shift" in text(world.browser(world.admin).get(reverse("oncall:me")))


def test_a_part_of_a_shift_is_offered_and_taken_by_the_pages(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    browser = world.browser(ann)
    address = reverse("oncall:new-swap")
    key = f"{plan.pk}.primary.{int(world.now.timestamp())}.{ann.pk}"
    key = key if f'value="{key}"' in text(browser.get(address)) else _first_key(text(browser.get(address)))
    asked = {"shift": key, "starts_at": "2026-01-06T12:00", "ends_at": "2026-01-06T18:00", "reason": "Dentist"}
    made = browser.post(address, asked)
    swap = Swap.objects.get()
    assert (made.status_code, made["Location"]) == (302, swap.get_absolute_url())
    assert (swap.starts_at, swap.ends_at) == (at("2026-01-06T12:00"), at("2026-01-06T18:00"))
    again = browser.post(address, asked)
    assert (again.status_code, "offered already" in text(again), 'value="Dentist"' in text(again)) == (422, True, True)
    wrongs: list[tuple[dict[str, str], str]] = [
        ({"starts_at": "2025-01-01T10:00"}, "begins later"),
        ({"ends_at": "2026-03-01T10:00"}, "ends earlier"),
        ({"starts_at": "2026-01-06T19:00"}, "must come after"),
        ({"shift": "x"}, "Choose one of those"),
        ({"starts_at": "soon"}, "date and a time"),
    ]
    for wrong, sentence in wrongs:
        answer = browser.post(address, {**asked, **wrong})
        assert (answer.status_code, sentence in text(answer)) == (422, True), sentence
    bens = world.browser(ben)
    assert "Take it" in text(bens.get(reverse("oncall:swaps")))
    assert "Dentist" in text(bens.get(swap.get_absolute_url()))
    viewer = world.browser(world.person("Vic Viewer", role="viewer"))
    assert viewer.post(reverse("oncall:accept-swap", args=[swap.pk])).status_code == 403
    assert "Take this shift" not in text(viewer.get(swap.get_absolute_url()))
    assert bens.post(reverse("oncall:withdraw-swap", args=[swap.pk])).status_code == 403
    assert bens.post(reverse("oncall:accept-swap", args=[swap.pk])).status_code == 302
    assert holders(plan, "2026-01-06T13:00") == ["Ben"]
    late = world.browser(cat).post(reverse("oncall:accept-swap", args=[swap.pk]))
    assert (late.status_code, "Ben Doe was first" in text(late)) == (409, True)
    assert "It is yours" in text(bens.get(swap.get_absolute_url()))
    assert "taken by Ben Doe" in text(browser.get(reverse("oncall:swaps")))
    assert browser.get(reverse("oncall:swap", args=[99999])).status_code == 404


def test_an_exchange_is_asked_for_on_the_page(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    browser = world.browser(ann)
    page = text(browser.get(reverse("oncall:new-swap")))
    mine, theirs = _first_key(page), _first_key(page.partition('name="in_return"')[2])
    wrong = browser.post(reverse("oncall:new-swap"), {"shift": mine, "in_return": theirs, "to": world.admin.pk})
    assert (wrong.status_code, "This is a shift of Ben Doe" in text(wrong)) == (422, True)
    assert browser.post(reverse("oncall:new-swap"), {"shift": mine, "in_return": theirs}).status_code == 302
    swap = Swap.objects.get()
    assert (swap.offered_to, swap.return_starts_at) == (ben, at("2026-01-12T10:00"))
    bens = world.browser(ben)
    assert bens.post(reverse("oncall:decline-swap", args=[swap.pk])).status_code == 302
    assert "Declined" in text(browser.get(swap.get_absolute_url()))
    assert holders(plan, "2026-01-06T13:00") == ["Ann"]
    second = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    assert browser.post(reverse("oncall:withdraw-swap", args=[second.pk])).status_code == 302
    assert browser.post(reverse("oncall:withdraw-swap", args=[second.pk])).status_code == 302  # twice is peace


def test_an_absence_with_half_days_stands_where_people_look(world: World) -> None:
    ann, ben, _cat = trio(world)
    ann.time_zone = "Europe/Berlin"
    ann.save()
    plan = schedule(world, ann, ben)
    browser = world.browser(ann)
    address = reverse("oncall:new-absence")
    assert "First day" in text(browser.get(address))
    asked = {
        "kind": "sick",
        "first_day": "2026-01-07",
        "first_half": "noon",
        "last_day": "2026-01-08",
        "last_half": "noon",
        "note": "Knee",
    }
    assert browser.post(address, asked).status_code == 302
    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (at("2026-01-07T11:00"), at("2026-01-08T11:00"))
    page = text(browser.get(reverse("oncall:me")))
    assert "Sick" in page
    assert "nobody covers yet" in page
    for place in (reverse("oncall:now"), plan.get_absolute_url()):
        seen = text(world.browser(ben).get(place))
        assert "nobody covers yet" in seen
        assert "Knee" not in seen
        assert "Sick" not in seen
    again = browser.post(address, asked)
    assert (again.status_code, "away then already" in text(again), "Knee" in text(again)) == (422, True, True)
    wrongs: list[tuple[dict[str, str], str]] = [
        ({"last_day": "2026-01-06"}, "must come after"),
        ({"first_day": "soon"}, "not a date"),
        ({"first_day": "9998-01-01"}, "between 1990 and 2150"),
        ({"kind": "lazy"}, "Choose one of those"),
    ]
    for wrong, sentence in wrongs:
        answer = browser.post(address, {**asked, **wrong})
        assert (answer.status_code, sentence in text(answer)) == (422, True), sentence
    back = reverse("oncall:withdraw-absence", args=[absence.pk])
    assert world.browser(ben).post(back).status_code == 403
    assert browser.post(back).status_code == 302
    assert "nobody covers yet" not in text(browser.get(reverse("oncall:now")))


def _first_key(page: str) -> str:
    return page.partition('<option value="')[2].partition('<option value="')[2].partition('"')[0]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_at_once_one_takes_it(committed_world: World) -> None:
    world = committed_world
    people = [world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat", "Dan", "Eve")]
    plan = schedule(world, *people)
    swap = offer(world, plan, people[0], "2026-01-06T10:00", "2026-01-07T10:00")
    answers: list[Any] = []
    moment, gate = timezone.now(), threading.Barrier(4)

    def take(person: Any) -> None:
        try:
            gate.wait(10)
            answers.append(actions.accept_swap(swap, actor=person, at=moment).taken_by)
        except Refused as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[person]) for person in people[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(str(answer) for answer in answers).count("taken") == 3
    assert Override.objects.count() == 1
    assert Override.objects.get().person == Swap.objects.get().taken_by


def test_nobody_is_asked_to_hold_both_duties(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, cat)
    actions.add_rotation(plan, weekly(ben, duty="secondary", name="Second"), actor=ann, at=world.now)
    swap = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    assert [ask.person for ask in swap.asks.all()] == [cat]
