"""Pages of people: the list, one person, and what an administrator does with them."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, queries
from accounts.access import needs, person_of
from accounts.forms import PersonForm, RoleForm
from accounts.models import ROLE_CHOICES, User
from accounts.permissions import Role, Verb
from core.errors import Refused


@needs(Verb.LOOK)
@require_http_methods(["GET", "HEAD"])
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody with an account; administrators see open invitations too."""
    text, role = request.GET.get("q", "").strip()[:200], request.GET.get("role", "")
    role = role if role in set(Role) else ""
    active = request.GET.get("show") != "deactivated"
    found = queries.people(text=text, role=role, active=active)
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "text": text,
        "role": role,
        "active": active,
        "roles": ROLE_CHOICES,
        "invitations": queries.open_invitations(at=timezone.now()) if person_of(request).is_administrator else [],
    }
    return render(request, "accounts/people.html", context)


@needs(Verb.LOOK, to_write=Verb.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One person; an administrator corrects name, address and time zone here."""
    person = get_object_or_404(User, pk=pk)
    known = {field: getattr(person, field) for field in ("name", "email", "time_zone")}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            actions.change_person(person, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error({"email_taken": "email"}.get(refused.code), refused.sentence)
        else:
            return _back(request, person, _("Saved."))
    reader = person_of(request)
    context = {
        "person": person,
        "form": form,
        "seats": person.memberships.select_related("team").order_by("team__name"),
        "role_form": RoleForm(initial={"role": person.role}),
        "tokens": person.api_tokens.filter(revoked_at=None) if reader.is_administrator else [],
        "has_second_factor": reader.is_administrator and Authenticator.objects.filter(user=person).exists(),
    }
    return render(request, "accounts/person.html", context, status=422 if form.errors else 200)


@needs(Verb.ADMINISTER)
@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the person another role."""
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Refused(_("There is no such role."), status=422)
    fresh = actions.change_role(person, form.cleaned_data["role"], actor=person_of(request), at=timezone.now())
    words = {"person": fresh, "role": fresh.get_role_display()}
    return _back(request, fresh, _("%(person)s has the role “%(role)s” now.") % words)


@needs(Verb.ADMINISTER)
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """End the person's access."""
    fresh = actions.deactivate(get_object_or_404(User, pk=pk), actor=person_of(request), at=timezone.now())
    return _back(request, fresh, _("%(person)s can no longer sign in.") % {"person": fresh})


@needs(Verb.ADMINISTER)
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the person access again."""
    fresh = actions.reactivate(get_object_or_404(User, pk=pk), actor=person_of(request), at=timezone.now())
    return _back(request, fresh, _("%(person)s may sign in again.") % {"person": fresh})


@needs(Verb.ADMINISTER)
@require_POST
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody who lost their phone in again with the password alone."""
    person = get_object_or_404(User, pk=pk)
    actions.reset_second_factor(person, actor=person_of(request), at=timezone.now())
    return _back(request, person, _("%(person)s signs in with the password alone now.") % {"person": person})


def _back(request: HttpRequest, person: User, words: str) -> HttpResponse:
    messages.success(request, words)
    if person.pk == person_of(request).pk and not person.is_active:
        return HttpResponseRedirect("/")
    return HttpResponseRedirect(reverse("accounts:person", args=[person.pk]))
