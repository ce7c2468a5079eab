"""The panel of a service: which policy pages for it, and who would be called now."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import needs, person_of
from accounts.models import User
from accounts.permissions import Verb
from catalog.actions import add_service
from catalog.forms import ServiceForm
from catalog.models import Service
from core.errors import Refused
from core.forms import Form
from core.htmx import is_partial
from oncall import actions, queries
from oncall.models import EscalationPolicy
from oncall.views.policies import ladder_of


class NewServiceForm(ServiceForm):
    """What we run, and which policy pages for it from the beginning."""

    escalation_policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(), label=gettext_lazy("Escalation policy"), required=False,
        empty_label=gettext_lazy("None yet: the administrators are called"),
        help_text=gettext_lazy("Who is paged for its incidents, in which order."),
    )  # fmt: skip

    field_order = ["name", "description", "tier", "owner", "escalation_policy", "depends_on", "links"]


class ServicePolicyForm(Form):
    """Which policy pages for a service."""

    policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(), label=gettext_lazy("Escalation policy"), required=False,
        empty_label=gettext_lazy("None: nobody is paged by a policy"),
    )  # fmt: skip


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a service, with the policy that pages for it."""
    form = NewServiceForm(request.POST if request.method == "POST" else None, service=None)
    if form.is_valid():
        try:
            service = _added(person_of(request), timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("“%(service)s” is saved.") % {"service": service})
            if queries.policy_for(service) is None:
                messages.warning(request, _("It has no escalation policy yet: its pages go to the administrators."))
            return redirect("catalog:service", slug=service.slug)
    return render(request, "catalog/service_edit.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _added(person: User, at: datetime, *, escalation_policy: EscalationPolicy | None, **values: Any) -> Service:
    service = add_service(actor=person, at=at, **values)
    if escalation_policy is not None:
        actions.set_service_policy(service, escalation_policy, actor=person, at=at)
    return service


@needs(Verb.LOOK, to_write=Verb.CONFIGURE)
def of_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel; a POST with `policy` gives the service another one."""
    service = get_object_or_404(Service, slug=slug)
    status, form = 200, None
    if request.method == "POST":
        form = ServicePolicyForm(request.POST)
        if form.is_valid():
            chosen = form.cleaned_data["policy"]
            actions.set_service_policy(service, chosen, actor=person_of(request), at=timezone.now())
            if not is_partial(request):
                return redirect("catalog:service", slug=service.slug)
            form = None
        else:
            status = 422
    policy = queries.policy_for(service)
    context = {
        "service": service,
        "policy": policy,
        "ladder": ladder_of(policy) if policy else [],
        "called": queries.called_first([policy], at=timezone.now())[policy.pk] if policy else [],
        "form": form or ServicePolicyForm(initial={"policy": policy}),
        "has_policies": EscalationPolicy.objects.exists(),
    }
    return render(request, "oncall/of_service.html", context, status=status)
