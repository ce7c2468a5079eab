"""Escalation policies by the form, and on a service's page."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Service
from oncall import actions, queries
from oncall.models import EscalationPolicy, Schedule
from oncall.values import StepValues, TargetValues
from tests.oncall.making import at, schedule
from tests.oncall.pages import text, trio
from tests.world import World


def policy_form(plan: Schedule, person: Any, **changes: Any) -> dict[str, Any]:
    asked = {
        "name": "Night", "description": "", "team": "", "repeat_times": "1", "fallback": person.pk, "steps": "0,1",
        "s0-wait": "5", "s0-unit": "minutes", "s0-target": [f"schedule:{plan.pk}:primary"],
        "s1-wait": "30", "s1-unit": "seconds", "s1-target": [f"person:{person.pk}", ""], "do": "save",
    }  # fmt: skip
    return {**asked, **changes}


def test_a_policy_is_made_read_as_a_ladder_and_changed(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-06T12:00"))
    browser = world.browser(world.admin)
    assert "Primary of Payments" in text(browser.get("/oncall/policies/new/"))
    assert browser.post("/oncall/policies/new/", policy_form(plan, ben)).status_code == 302
    made = EscalationPolicy.objects.get()
    plan_made = queries.plan_of(made)
    assert [step["wait_seconds"] for step in plan_made["steps"]] == [300, 30]
    page = text(browser.get(made.get_absolute_url()))
    for words in (
        "Primary of Payments",
        "then wait 5 min",
        "5 min after the beginning",
        "Finally",
        "All steps once more",
    ):
        assert words in page
    assert "finally Ben Doe" in text(browser.get("/oncall/policies/"))
    edit = f"{made.get_absolute_url()}edit/"
    assert 'value="30"' in text(browser.get(edit))
    again = policy_form(plan, ben, name="Nights", fallback="", repeat_times="0")
    assert browser.post(edit, again, headers={"HX-Request": "true"}).headers["HX-Redirect"] == made.get_absolute_url()
    assert "every administrator" in text(browser.get(made.get_absolute_url()))


def test_steps_are_reordered_and_nothing_typed_is_lost(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    browser = world.browser(world.admin)

    def steps(do: str) -> list[tuple[str, list[str]]]:
        asked = policy_form(plan, ben, name="Half typed", repeat_times="many", do=do)
        answer = browser.post("/oncall/policies/new/", asked, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert 'value="Half typed"' in text(answer)
        assert 'value="many"' in text(answer)
        return [(step.wait, [target.value for target in step.targets]) for step in answer.context["form"].steps]

    one, two = ("5", [f"schedule:{plan.pk}:primary"]), ("30", [f"person:{ben.pk}", ""])
    assert steps("step-down-0") == [two, one]
    assert steps("step-remove-0") == [two]
    assert steps("step-add") == [one, two, ("5", [""])]
    assert steps("target0-add") == [(one[0], [*one[1], ""]), two]
    assert steps("target1-remove-1") == [one, (two[0], two[1][:1])]
    assert steps("target9-add") == steps("step-up-x") == [one, two]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"s0-wait": "soon"}, "as a number"),
        ({"s0-wait": "-1"}, "between 0 seconds and 7 days"),
        ({"s0-wait": "nan"}, "between 0 seconds and 7 days"),
        ({"s0-wait": "9" * 19}, "between 0 seconds and 7 days"),
        ({"s0-unit": "moons"}, "as a number"),
        ({"s0-target": [""]}, "Choose whom this step calls."),
        ({"s0-target": ["schedule:999:primary"]}, "not there any more"),
        ({"s0-target": ["robot:1"]}, "not there any more"),
        ({"steps": ""}, "at least one step"),
        ({"steps": "a,b,99999"}, "at least one step"),
        ({"repeat_times": "21"}, "20 is the most"),
        ({"fallback": "999"}, "Choose one of those"),
        ({"name": ""}, "Fill this in."),
    ],
)
def test_a_wrong_policy_is_told_at_its_field(world: World, changes: dict[str, Any], sentence: str) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    answer = world.browser(world.admin).post("/oncall/policies/new/", policy_form(plan, world.admin, **changes))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not EscalationPolicy.objects.exists()


def test_a_policy_that_pages_for_a_service_stays_and_the_panel_says_who_is_called(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan, service = schedule(world, ann), world.service("Checkout")
    world.traveller.move_to(at("2026-01-06T12:00"))
    policy = actions.add_policy(
        "Night", steps=[StepValues(60, [TargetValues(schedule=plan)])], fallback=ben, actor=world.admin, at=world.now
    )
    browser, panel = world.browser(world.admin), reverse("oncall:of-service", kwargs={"slug": service.slug})
    assert "straight to the administrators" in text(browser.get(panel))
    changed = browser.post(panel, {"policy": policy.pk}, headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert 'id="oncall-of-service"' in text(changed)
    assert "Ann Doe" in text(changed)
    assert "Finally Ben Doe" in text(changed)
    assert queries.policy_for(service) == policy
    wrong = browser.post(panel, {"policy": "999"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "those that are offered" in text(wrong)) == (422, True)
    assert world.browser(ann).post(panel, {"policy": ""}).status_code == 403
    refused = browser.post(reverse("oncall:remove-policy", args=[policy.pk]))
    assert (refused.status_code, "“Checkout”" in text(refused)) == (409, True)
    assert "Checkout" in text(browser.get(policy.get_absolute_url()))
    assert browser.post(panel, {"policy": ""}).status_code == 302
    assert browser.post(reverse("oncall:remove-policy", args=[policy.pk])).status_code == 302
    assert browser.get(f"/oncall/policies/{policy.pk}/").status_code == 404
    assert browser.get(reverse("oncall:of-service", kwargs={"slug": "nothing"})).status_code == 404


def test_a_service_names_its_policy_as_it_is_made_or_is_told_where_its_pages_go(world: World) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    steps = [StepValues(60, [TargetValues(schedule=plan)])]
    policy = actions.add_policy("Night", steps=steps, actor=world.admin, at=world.now)
    browser = world.browser(world.admin)
    assert "Escalation policy" in text(browser.get("/services/new/"))
    body = {"name": "Checkout", "tier": "1", "escalation_policy": policy.pk}
    made = browser.post("/services/new/", body, follow=True)
    assert "no escalation policy yet" not in text(made)
    assert queries.policy_for(Service.objects.get(slug="checkout")) == policy
    bare = browser.post("/services/new/", {"name": "Search", "tier": "2"}, follow=True)
    assert "It has no escalation policy yet: its pages go to the administrators." in text(bare)
    wrong = browser.post("/services/new/", {**body, "name": "checkout", "escalation_policy": "99"})
    assert wrong.status_code == 422
    assert "those that are offered" in text(wrong)
    taken = browser.post("/services/new/", {**body, "name": "checkout"})
    assert (taken.status_code, list(taken.context["form"].errors)) == (422, ["name"])
    assert world.browser(world.person("Ben Doe")).get("/services/new/").status_code == 403
