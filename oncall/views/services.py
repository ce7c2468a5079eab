"""The panel of a service: which policy pages for it, and who would be called now."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.access import needs, person_of
from accounts.permissions import Verb
from catalog.models import Service
from core.forms import Form
from core.htmx import is_partial
from oncall import actions, queries
from oncall.models import EscalationPolicy
from oncall.views.policies import ladder_of


class ServicePolicyForm(Form):
    """Which policy pages for a service."""

    policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(), label=gettext_lazy("Escalation policy"), required=False,
        empty_label=gettext_lazy("None: nobody is paged by a policy"),
    )  # fmt: skip


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
