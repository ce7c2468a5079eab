"""How a person is reached: their contact methods, and what was sent to them."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs, person_of
from core.errors import Refused
from notifications import actions, queries, signing
from notifications.channels import email
from notifications.forms import CodeForm, MethodForm, QuietForm, RuleForm, kinds
from notifications.models import ChannelName, ContactMethod


@needs()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def methods(request: HttpRequest) -> HttpResponse:
    """All ways to reach the reader, their rules, and what went out lately. POST adds a method and sends its code."""
    person, at = person_of(request), timezone.now()
    form = MethodForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                method = actions.add_method(
                    person,
                    channel=given["channel"],
                    address=given["address"],
                    label=given["label"],
                    actor=person,
                    at=at,
                )
                actions.send_code(method, at=at)
            return HttpResponseRedirect(reverse("notifications:method", args=[method.pk]))
        except Refused as refusal:
            form.add_error("address", refusal.sentence)
    if not ContactMethod.objects.verified().filter(person=person).exists():
        actions.ensure_account_email(person, at=at)
    return overview(request, form=form, status=422 if form.errors else 200)


def overview(
    request: HttpRequest,
    *,
    form: MethodForm | None = None,
    rule_forms: dict[str, RuleForm] | None = None,
    quiet_form: QuietForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the reader's contact methods and rules."""
    person = person_of(request)
    given = rule_forms or {}
    context = {
        "form": form or MethodForm(),
        "methods": queries.methods_of(person),
        "kinds": kinds(),
        "plans": [
            {
                "urgency": urgency,
                "rules": queries.rules_of(person, urgency),
                "form": given.get(urgency) or RuleForm(person=person, prefix=urgency),
            }
            for urgency in ("high", "low")
        ],
        "recent": queries.recent_messages().filter(person=person)[:10],
        "quiet_form": quiet_form or QuietForm(initial=queries.quiet_hours_of(person)),
        "sender_is_nowhere": person.is_administrator and email.sender_is_nowhere(),
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    return render(request, "notifications/methods.html", context, status=status)


@needs()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def method(request: HttpRequest, pk: int) -> HttpResponse:
    """One contact method. POST is its code."""
    person = person_of(request)
    found = _mine(request, pk)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.verify(found, code=form.cleaned_data["code"], actor=person, at=timezone.now())
            messages.success(request, _("Verified. Pages can reach you here from now on."))
            return HttpResponseRedirect(reverse("notifications:method", args=[found.pk]))
        except Refused as refusal:
            form.add_error("code", refusal.sentence)
    is_webhook = found.channel == ChannelName.WEBHOOK
    context = {
        "method": found,
        "form": form,
        "secret": signing.secret(found.owner, found.secret_version) if is_webhook else "",
        "example": signing.EXAMPLE if is_webhook else "",
        "recent": queries.recent_messages().filter(method=found)[:10],
        "code_is_open": bool(found.code_digest) and bool(found.code_expires_at) and found.verified_at is None,
    }
    return render(request, "notifications/method.html", context, status=422 if form.errors else 200)


@needs()
@require_POST
def send_code(request: HttpRequest, pk: int) -> HttpResponse:
    """A new code to the address."""
    found = actions.send_code(_mine(request, pk), at=timezone.now())
    messages.success(request, _("A new code is on its way."))
    return HttpResponseRedirect(reverse("notifications:method", args=[found.pk]))


@needs()
@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """A test message, through the same outbox as a page."""
    found = _mine(request, pk)
    actions.send_test(found, at=timezone.now())
    messages.success(request, _("A test is on its way; how it went is listed here."))
    return HttpResponseRedirect(reverse("notifications:method", args=[found.pk]))


@needs()
@require_POST
def rotate_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new signing secret."""
    found = actions.rotate_secret(_mine(request, pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("There is a new secret. For a day the former one signs beside it."))
    return HttpResponseRedirect(reverse("notifications:method", args=[found.pk]))


@needs()
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The address is used no longer."""
    actions.remove_method(_mine(request, pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("Removed."))
    return HttpResponseRedirect(reverse("notifications:methods"))


def _mine(request: HttpRequest, pk: int) -> ContactMethod:
    return get_object_or_404(ContactMethod.objects.select_related("person"), pk=pk, person=person_of(request))
