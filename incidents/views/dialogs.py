"""The forms of the room. Each opens in a dialog over it, or stands on a page of its own without scripts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import needs, person_of
from accounts.models import User
from accounts.permissions import Verb
from core.errors import Refused
from core.htmx import is_partial
from incidents import actions, queries
from incidents.forms import AdmitForm, DeclineForm, DetailsForm, PageForm, RoleForm, TimesForm
from incidents.models import Incident
from incidents.views.answers import changed, room_url


class Dialog(NamedTuple):
    """One form: its title and button, how it is made for an incident, and the verb it ends in."""

    title: str | Promise
    button: str | Promise
    form: Callable[..., forms.Form]
    act: Callable[[Incident, Any, User, datetime], Any]


def _details(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    typed = {name: form.cleaned_data[name] for name in form.changed_data}
    actions.change(incident, cast("actions.Details", typed), actor=actor, at=at)


def _times(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    actions.correct_times(incident, moments=form.changed_moments(), actor=actor, at=at)


def _decline(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    actions.decline(incident, actor=actor, at=at, reason=form.cleaned_data["reason"])


def _role(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    typed = form.cleaned_data
    actions.take_role(incident, typed["role"], person=typed["person"], actor=actor, at=at)


def _admit(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    actions.admit(incident, form.cleaned_data["person"], actor=actor, at=at)


def _page(incident: Incident, form: Any, actor: User, at: datetime) -> None:
    typed = form.cleaned_data
    actions.page_somebody(incident, typed["person"], words=typed["reason"], actor=actor, at=at)


DIALOGS: dict[str, Dialog] = {
    "details": Dialog(_("Details"), _("Save"), DetailsForm, _details),
    "times": Dialog(_("When it really happened"), _("Save"), TimesForm, _times),
    "decline": Dialog(
        _("Decline: this is no incident"),
        _("Decline"),
        lambda *data, incident, **more: DeclineForm(*data, **more),
        _decline,
    ),
    "role": Dialog(_("Give a role"), _("Give the role"), RoleForm, _role),
    "page": Dialog(_("Page somebody"), _("Page them now"), PageForm, _page),
    "admit": Dialog(_("Admit somebody"), _("Admit"), AdmitForm, _admit),
}


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def dialog(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Show one form, or do what it says."""
    incident = queries.visible_incident(person_of(request), reference)
    if name not in DIALOGS:
        raise Http404(name)
    chosen = DIALOGS[name]
    if request.method == "GET":
        given = {"role": request.GET["role"]} if name == "role" and "role" in request.GET else None
        return _show(request, incident, name, chosen.form(incident=incident, **({"initial": given} if given else {})))
    form = chosen.form(request.POST, incident=incident)
    if form.is_valid():
        try:
            chosen.act(incident, form, person_of(request), timezone.now())
            return changed(request, incident)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return _show(request, incident, name, form)


def _show(request: HttpRequest, incident: Incident, name: str, form: forms.Form) -> HttpResponse:
    template = "incidents/_dialog.html" if is_partial(request) else "incidents/dialog.html"
    context = {
        "incident": incident,
        "form": form,
        "dialog": DIALOGS[name],
        "name": name,
        "draft": f"incident.{incident.pk}.{name}" if name == "details" else "",
        "room_url": room_url(incident),
    }
    return render(request, template, context, status=422 if form.errors else 200)
