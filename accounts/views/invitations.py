"""Taking invitations back, and the page on which an invited person joins. Inviting mails: notifications/ does it."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.access import needs, person_of
from accounts.forms import JoinForm
from accounts.models import Invitation, User
from accounts.permissions import Verb
from core.errors import Refused


@needs(Verb.ADMINISTER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    row = actions.revoke_invitation(get_object_or_404(Invitation, pk=pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": row.email})
    return HttpResponseRedirect(reverse("accounts:people"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind an invitation's link: name, password, time zone, and in."""
    at = timezone.now()
    row = actions.find_invitation(secret, at=at)
    if row is None:
        return render(request, "accounts/join_gone.html", status=404)
    if isinstance(request.user, User):
        return render(request, "accounts/join_signed_in.html", {"invitation": row}, status=409)
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        email=row.email,
        initial={"name": row.name, "time_zone": "UTC"},
    )
    if form.is_valid():
        try:
            person = actions.accept_invitation(secret, at=at, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            answer: HttpResponse = perform_login(request, person, email_verification="none")
            return answer
    return render(request, "accounts/join.html", {"form": form, "invitation": row}, status=422 if form.errors else 200)
