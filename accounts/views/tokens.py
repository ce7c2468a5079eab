"""A person's API tokens."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.access import needs, person_of
from accounts.forms import LIFETIMES, TokenForm
from accounts.models import ApiToken
from core.errors import Refused


@needs()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Own tokens; a new one is shown in the answer to the form, and never again."""
    person, at, text = person_of(request), timezone.now(), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        life = LIFETIMES[form.cleaned_data["lifetime"]]
        try:
            _row, text = tokens.create_token(
                person,
                name=form.cleaned_data["name"],
                scope=form.cleaned_data["scope"],
                expires_at=at + life if life else None,
                actor=person,
                at=at,
            )
            form = TokenForm()
        except Refused as refused:
            form.add_error(None, refused.sentence)
    mine = ApiToken.objects.filter(person=person)
    context = {
        "form": form,
        "new_token": text,
        "tokens": [row for row in mine if row.is_open(at)],
        "ended": [row for row in mine if not row.is_open(at)][:20],
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@needs()
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token: one's own, or anybody's as an administrator."""
    person = person_of(request)
    reachable = ApiToken.objects.all() if person.is_administrator else ApiToken.objects.filter(person=person)
    token = tokens.revoke_token(get_object_or_404(reachable, pk=pk), actor=person, at=timezone.now())
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    if token.person_id != person.pk:
        return HttpResponseRedirect(reverse("accounts:person", args=[token.person_id]))
    return HttpResponseRedirect(reverse("accounts:tokens"))
