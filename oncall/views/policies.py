"""Escalation policies: the list, one as a ladder, and its form with rows."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from catalog.models import Service
from core.htmx import go_to, is_partial
from oncall import actions, queries, words
from oncall.forms import PolicyForm
from oncall.forms.policy import StepRow, TargetRow, as_it_stands, as_wished
from oncall.forms.rows import wish_of
from oncall.models import EscalationPolicy, Schedule, Target


class Rung(NamedTuple):
    """One step as the ladder shows it: `after`, how long after the beginning it fires; `wait`, in words."""

    number: int
    after: timedelta
    targets: list[tuple[dict[str, Any], list[queries.Called], str]]
    wait: str


@needs()
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy in one line each."""
    at = timezone.now()
    rows = list(EscalationPolicy.objects.select_related("team", "fallback").prefetch_related("services__service"))
    called = queries.called_first(rows, at=at)
    told = [
        (row, queries.plan_of(row), called[row.pk], [paging.service for paging in row.services.all()]) for row in rows
    ]
    return render(request, "oncall/policies.html", {"rows": told})


@needs()
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One policy: whom it calls, when, and for which services."""
    found = get_object_or_404(EscalationPolicy.objects.select_related("team", "fallback"), pk=pk)
    context = {
        "policy": found,
        "ladder": ladder_of(found),
        "services": Service.objects.filter(paging__policy=found),
        "last": queries.called_last(queries.plan_of(found), found.fallback_id),
    }
    return render(request, "oncall/policy.html", context)


@needs(Verb.CONFIGURE)
def new(request: HttpRequest) -> HttpResponse:
    """Make a policy."""
    if request.method == "POST":
        return _answered(request, None)
    first = Schedule.objects.filter(slug=request.GET.get("schedule", "")).first() or Schedule.objects.first()
    steps = [StepRow()]
    if first is not None:
        steps = [StepRow(targets=[TargetRow(f"schedule:{first.pk}:{duty}")]) for duty in ("primary", "secondary")]
    name = _("%(schedule)s: escalation") % {"schedule": first} if first else ""
    initial = {"name": name, "repeat_times": 1, "team": first.team if first else None}
    return _shown(request, None, PolicyForm(initial=initial, steps=steps))


@needs(Verb.CONFIGURE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a policy; what is being paged already goes on by the plan as it stood."""
    found = get_object_or_404(EscalationPolicy, pk=pk)
    if request.method == "POST":
        return _answered(request, found)
    return _shown(request, found, as_it_stands(found))


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a policy that pages for nothing."""
    found = get_object_or_404(EscalationPolicy, pk=pk)
    actions.remove_policy(found, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The policy “%(name)s” is gone.") % {"name": found.name})
    return redirect("oncall:policies")


def ladder_of(policy: EscalationPolicy) -> list[Rung]:
    """The policy's steps with whom each would call now."""
    at, after, rungs = timezone.now(), timedelta(0), []
    slugs = dict(Schedule.objects.values_list("pk", "slug"))
    for number, step in enumerate(queries.plan_of(policy)["steps"], start=1):
        targets = [
            (target, queries.called_by([target], at=at),
             slugs.get(target["id"], "") if target["kind"] == Target.Kind.SCHEDULE else "")
            for target in step["targets"]
        ]  # fmt: skip
        rungs.append(Rung(number, after, targets, words.wait(step["wait_seconds"])))
        after += timedelta(seconds=step["wait_seconds"])
    return rungs


def _answered(request: HttpRequest, found: EscalationPolicy | None) -> HttpResponse:
    wish = wish_of(request.POST.get("do", "save"))
    if wish is not None:
        return _shown(request, found, as_wished(request.POST, wish, standing=found))
    form = PolicyForm(request.POST, standing=found)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    person, at, said = person_of(request), timezone.now(), form.cleaned_data
    if found is None:
        found = actions.add_policy(said.pop("name"), steps=form.values(), actor=person, at=at, **said)
    else:
        found = actions.change_policy(found, steps=form.values(), actor=person, at=at, **said)
    messages.success(request, _("Saved. What is being paged already goes on as it began."))
    return go_to(request, found.get_absolute_url())


def _shown(request: HttpRequest, found: EscalationPolicy | None, form: PolicyForm, status: int = 200) -> HttpResponse:
    template = "oncall/_policy_form.html" if is_partial(request) else "oncall/policy_edit.html"
    return render(request, template, {"policy": found, "form": form}, status=status)
