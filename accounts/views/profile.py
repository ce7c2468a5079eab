"""A person's own pages: profile, sessions."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, sessions
from accounts.access import needs, person_of
from accounts.devices import device_named
from accounts.forms import ProfileForm
from accounts.models import User
from core.errors import Refused


@needs()
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone, language, theme and e-mail address."""
    person = person_of(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, person=User.objects.get(pk=person.pk))
    if form.is_valid():
        given = {field: value for field, value in form.cleaned_data.items() if field != "password"}
        try:
            fresh = actions.change_person(person, actor=person, at=timezone.now(), **given)
        except Refused as refused:
            form.add_error({"email_taken": "email"}.get(refused.code), refused.sentence)
        else:
            with translation.override(fresh.language or translation.get_language()):
                messages.success(request, _("Your profile is saved."))
            return HttpResponseRedirect(reverse("accounts:profile"))
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


@needs()
@require_http_methods(["GET", "HEAD"])
def session_list(request: HttpRequest) -> HttpResponse:
    """Where this person is signed in."""
    rows = UserSession.objects.purge_and_list(person_of(request))
    rows.sort(key=lambda row: (row.session_key != request.session.session_key, -row.created_at.timestamp()))
    context = {
        "sessions": [(row, device_named(row.user_agent)) for row in rows],
        "current_key": request.session.session_key,
    }
    return render(request, "accounts/sessions.html", context)


@needs()
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one other browser out."""
    row = get_object_or_404(UserSession, pk=pk, user=person_of(request))
    if row.session_key == request.session.session_key:
        raise Refused(_("This is the session you are using. Sign out instead."))
    row.end()
    UserSession.objects.filter(pk=pk).delete()
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("accounts:sessions"))


@needs()
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign every browser out but this one."""
    ended = sessions.end_sessions(person_of(request), but=request.session.session_key)
    messages.success(request, _("Signed out elsewhere: %(count)d.") % {"count": ended})
    return HttpResponseRedirect(reverse("accounts:sessions"))
