"""Inviting people. The link is mailed where a mail server is set up, and shown to copy either way."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import needs, person_of
from accounts.forms import InviteForm
from accounts.permissions import Verb
from core.errors import Refused
from notifications import actions


@needs(Verb.ADMINISTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown in the answer, and never again."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    invited = None
    if form.is_valid():
        try:
            invited = actions.invite(actor=person_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error({"email_taken": "email"}.get(refused.code), refused.sentence)
    context = {"form": form, "invited": invited}
    return render(request, "notifications/invite.html", context, status=422 if form.errors else 200)
