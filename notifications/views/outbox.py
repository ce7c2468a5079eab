"""The outbox, for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs
from accounts.permissions import Verb
from notifications import actions, queries
from notifications.forms import MessageFilterForm
from notifications.models import Message

PAGE = 50


@needs(Verb.ADMINISTER)
@require_http_methods(["GET", "HEAD"])
def outbox(request: HttpRequest) -> HttpResponse:
    """What went out or is about to, newest first, with every try."""
    form = MessageFilterForm(request.GET)
    rows, older = [], None
    if form.is_valid():
        found = queries.recent_messages()
        for name in ("state", "kind", "channel"):
            if form.cleaned_data[name]:
                found = found.filter(**{name: form.cleaned_data[name]})
        found = queries.about_words(found, form.cleaned_data["q"])
        before = request.GET.get("before", "")
        if before.isascii() and before.isdigit() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
        rows = list(found[: PAGE + 1])
        older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = {
        "form": form,
        "rows": rows[:PAGE],
        "older": older,
        "standing": queries.standing(),
        "circuits": queries.open_circuits(),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "notifications/outbox.html", context, status=422 if form.errors else 200)


@needs(Verb.ADMINISTER)
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A message that was given up goes out once more."""
    actions.send_again(get_object_or_404(Message, pk=pk), at=timezone.now())
    messages.success(request, _("It goes out once more, as a new message."))
    return HttpResponseRedirect(reverse("notifications:messages"))
