"""Pages of teams."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, queries
from accounts.access import needs, person_of
from accounts.forms import MemberForm, TeamForm
from accounts.models import Team, User
from accounts.permissions import Verb
from core.errors import Refused


@needs(Verb.LOOK)
@require_http_methods(["GET", "HEAD"])
def listing(request: HttpRequest) -> HttpResponse:
    """All teams and the faces in them."""
    return render(request, "accounts/teams.html", {"teams": queries.teams()})


@needs(Verb.LOOK, to_write=Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One team; people join it by the form."""
    team = get_object_or_404(queries.teams(), slug=slug)
    form = MemberForm(request.POST if request.method == "POST" else None)
    field = form.fields["person"]
    field.queryset = field.queryset.exclude(teams=team)  # type: ignore[attr-defined]
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.put_member(
                team, given["person"], is_lead=given["is_lead"], actor=person_of(request), at=timezone.now()
            )
        except Refused as refused:
            form.add_error("person", refused.sentence)
        else:
            return HttpResponseRedirect(reverse("accounts:team", args=[team.slug]))
    context = {"team": team, "seats": team.memberships.select_related("person"), "form": form}
    return render(request, "accounts/team.html", context, status=422 if form.errors else 200)


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Add a team, or change its name and description."""
    team = get_object_or_404(Team, slug=slug) if slug else None
    known = {"name": team.name, "description": team.description} if team else None
    form = TeamForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        actor, at = person_of(request), timezone.now()
        try:
            fresh = (
                actions.change_team(team, actor=actor, at=at, **form.cleaned_data)
                if team
                else actions.add_team(actor=actor, at=at, **form.cleaned_data)
            )
        except Refused as refused:
            form.add_error({"name_taken": "name"}.get(refused.code), refused.sentence)
        else:
            return HttpResponseRedirect(reverse("accounts:team", args=[fresh.slug]))
    return render(request, "accounts/team_edit.html", {"form": form, "team": team}, status=422 if form.errors else 200)


@needs(Verb.CONFIGURE)
@require_POST
def member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make a member a lead (`is_lead=1`), a member again (`is_lead=0`), or take them out (`remove=1`)."""
    team, person = get_object_or_404(Team, slug=slug), get_object_or_404(User, pk=pk)
    actor, at = person_of(request), timezone.now()
    if request.POST.get("remove"):
        actions.remove_member(team, person, actor=actor, at=at)
    elif request.POST.get("is_lead") in {"0", "1"}:
        actions.put_member(team, person, is_lead=request.POST["is_lead"] == "1", actor=actor, at=at)
    else:
        raise Refused(_("Say whether they lead the team or leave it."), status=422)
    return HttpResponseRedirect(reverse("accounts:team", args=[team.slug]))


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove a team that answers for nothing any more."""
    team = get_object_or_404(Team, slug=slug)
    actions.remove_team(team, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The team “%(team)s” is removed.") % {"team": team})
    return HttpResponseRedirect(reverse("accounts:teams"))
