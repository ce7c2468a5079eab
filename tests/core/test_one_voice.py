"""What is wrong is said in Muster's words, whichever library found it, and at the field it is about."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from oncall import actions as oncall
from reliability.models import Objective
from tests.world import PASSWORD, World

OBJECTIVE = {"name": "Availability", "percent": "99.9", "window_days": "30"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "x" * 121}, "This is too long: 121 characters, and 120 have room."),
        ({"service": ""}, "Choose one."),
        ({"service": "99"}, "Choose one of those that are offered."),
        ({"percent": "100"}, "This is too much: 99.9999 is the most."),
        ({"percent": "much"}, "This is not a number."),
        ({"percent": "99.99999"}, "Too many digits after the point: 4 are the most."),
        ({"window_days": "0"}, "This is too little: 1 is the least."),
        ({"window_days": "1.5"}, "This is not a whole number."),
    ],
)
def test_a_field_says_what_is_wrong_in_our_words(world: World, wrong: dict[str, str], sentence: str) -> None:
    service = world.service("Payments")
    answer = world.browser(world.admin).post("/reliability/new/", {**OBJECTIVE, "service": service.pk, **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors.values()) == [[sentence]]


def test_the_same_in_chinese(world: World) -> None:
    browser = world.browser(world.person("Mei Lin", role="administrator", language="zh-hans"))
    answer = browser.post("/reliability/new/", {**OBJECTIVE, "name": ""}).content.decode()
    assert "请填写。" in answer
    assert "请选择一项。" in answer


def test_a_choice_that_is_open_says_choose_and_a_second_objective_of_one_name_is_refused(world: World) -> None:
    service = world.service("Payments")
    browser = world.browser(world.admin)
    page = browser.get("/reliability/new/").content.decode()
    assert "Choose…" in page
    assert "-----" not in page
    for _time in range(2):
        answer = browser.post("/reliability/new/", {**OBJECTIVE, "service": service.pk})
    assert "This service has an objective of this name already." in answer.content.decode()
    assert Objective.objects.count() == 1


def test_an_address_that_is_none_is_told_what_one_looks_like(world: World) -> None:
    browser = world.browser(world.admin)
    sentence = "This is not an e-mail address: it should look like name@example.com."
    assert sentence in browser.post("/me/contact/", {"channel": "email", "address": "abc"}).content.decode()
    assert sentence in browser.post("/settings/people/invite/", {"email": "abc", "role": "viewer"}).content.decode()


def test_a_link_that_is_none_is_named_by_its_line(world: World) -> None:
    lines = "Board https://board.example\n\nNotes javascript:alert(1)\nftp://x.example"
    answer = world.browser(world.admin).post("/services/new/", {"name": "API", "tier": "2", "links": lines})
    first, second = answer.context["form"].errors["links"]
    assert first.startswith("Line 3: “javascript:alert(1)” must begin with")
    assert second.startswith("Line 4: ")
    assert "Board https://board.example" in answer.content.decode()


def test_two_wrong_fields_of_an_action_item_are_both_told(world: World) -> None:
    item = {"title": "", "owner": world.admin.pk, "due_on": "2020-01-01", "horizon": "short", "kind": "prevent"}
    answer = world.browser(world.admin).post("/postmortems/action-items/new/", {**item, "priority": "medium"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "title": ["Fill this in."],
        "due_on": ["This day is over: choose today or a later day."],
    }


def test_the_sentence_about_a_wait_stands_below_the_wait(world: World) -> None:
    plan = oncall.add_schedule("Payments", actor=world.admin, at=world.now)
    asked: dict[str, Any] = {
        "name": "Payments",
        "repeat_times": "1",
        "steps": "0",
        "do": "save",
        "s0-wait": "soon",
        "s0-unit": "minutes",
        "s0-target": [f"schedule:{plan.pk}:primary"],
    }
    page = world.browser(world.admin).post("/oncall/policies/new/", asked).content.decode()
    assert page.index('name="s0-target"') < page.index('name="s0-wait"') < page.index("as a number")
    assert page.count('id="s0-error"') == 1


def test_who_signs_in_with_a_wrong_password_reads_our_words(world: World, client: Client) -> None:
    page = client.post("/accounts/login/", {"login": world.admin.email, "password": "no"}).content.decode()
    assert "This address and this password do not belong together." in page
    assert "Fill this in." in client.post("/accounts/login/", {"login": ""}).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("wrong", "other words entirely", "other words entirely"), "This is not your password."),
        ((PASSWORD, "other words entirely", "something else"), "The two passwords differ."),
        ((PASSWORD, "short", "short"), "This is too short: it takes at least 10 characters."),
        ((PASSWORD, "1234567890", "1234567890"), "This password is widely known"),
        ((PASSWORD, "ada.admin@example.com", "ada.admin@example.com"), "too much like your name or your address"),
        (("", "", ""), "Fill this in."),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_our_words(
    world: World, typed: tuple[str, str, str], sentence: str
) -> None:
    body = dict(zip(("oldpassword", "password1", "password2"), typed, strict=True))
    page = world.browser(world.admin).post("/accounts/password/change/", body).content.decode()
    assert sentence in page
    for label in ("Your password until now", "New password", "The new password once more"):
        assert label in page
    assert "(again)" not in page


def test_a_new_password_is_chosen_by_the_link_that_was_mailed(
    world: World, client: Client, mailoutbox: list[Any]
) -> None:
    assert "a link to choose a new one" in client.get("/accounts/password/reset/").content.decode()
    answer = client.post("/accounts/password/reset/", {"email": world.admin.email}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    assert link
    page = client.get(link[1], follow=True)
    assert "Choose a new password" in page.content.decode()
    where = page.redirect_chain[-1][0]
    differing = {"password1": "other words entirely", "password2": "something else"}
    assert "The two passwords differ." in client.post(where, differing).content.decode()
    same = {"password1": "other words entirely", "password2": "other words entirely"}
    assert "The new password holds" in client.post(where, same, follow=True).content.decode()
    assert User.objects.get(pk=world.admin.pk).check_password("other words entirely")
    assert "This link is over" in client.get(link[1], follow=True).content.decode()


def test_zones_that_only_stand_for_others_are_not_offered_and_yet_taken(world: World) -> None:
    page = world.browser(world.admin).get("/settings/profile/").content.decode()
    assert '<option value="Europe/Berlin">Berlin</option>' in page
    assert '<option value="UTC"' in page
    for old in ("PRC", "Etc/GMT+0", "US/Pacific", "Asia/Calcutta", "America/Knox_IN"):
        assert f'value="{old}"' not in page
    assert world.program().patch(f"/users/{world.admin.pk}/", {"time_zone": "Asia/Calcutta"}).status_code == 200
    page = world.browser(User.objects.get(pk=world.admin.pk)).get("/settings/profile/").content.decode()
    assert '<option value="Asia/Calcutta" selected>' in page
