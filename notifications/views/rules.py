"""The rules by which pages reach a person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from core.errors import Refused
from notifications import actions
from notifications.forms import QuietForm, RuleForm
from notifications.models import NotificationRule
from notifications.views.methods import overview


@needs()
@require_POST
def add(request: HttpRequest, urgency: str) -> HttpResponse:
    """One more rule for pages of this urgency."""
    person = person_of(request)
    if urgency not in {"high", "low"}:
        raise Http404(urgency)
    form = RuleForm(request.POST, person=person, prefix=urgency)
    if form.is_valid():
        try:
            actions.add_rule(person, urgency=urgency, **form.cleaned_data, actor=person, at=timezone.now())
            messages.success(request, _("The rule is saved."))
            return HttpResponseRedirect(f"{reverse('notifications:methods')}#rules")
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return overview(request, rule_forms={urgency: form}, status=422)


@needs()
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The rule no longer holds."""
    rule = get_object_or_404(
        NotificationRule.objects.select_related("person", "method"), pk=pk, person=person_of(request)
    )
    actions.remove_rule(rule, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The rule is gone."))
    return HttpResponseRedirect(f"{reverse('notifications:methods')}#rules")


@needs()
@require_POST
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """When pages of low urgency wait; both fields empty: never."""
    person = person_of(request)
    form = QuietForm(request.POST)
    if form.is_valid():
        try:
            actions.set_quiet_hours(person, **form.cleaned_data, actor=person, at=timezone.now())
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"{reverse('notifications:methods')}#quiet")
        except Refused as refusal:
            form.add_error("ends", refusal.sentence)
    return overview(request, quiet_form=form, status=422)
