"""Action items: added from anywhere, shown on a page of their own, and moved there."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import needs, person_of
from accounts.models import User
from accounts.permissions import Verb
from core.errors import Refused
from core.htmx import is_partial
from incidents.models import Incident
from incidents.queries import visible_incident
from postmortems import actions, queries
from postmortems.forms import DropForm, EvidenceForm, ItemForm
from postmortems.models import ActionItem
from postmortems.views.lessons import context_of_panel
from postmortems.workflow import ItemMove, item_moves_from

PANEL = "postmortems-of-incident"
FIELD_OF = {"not_active": "owner", "not_admitted": "owner", "due_on": "due_on", "title_required": "title"}


class Verbs(NamedTuple):
    """How one move is asked for: the form it needs, and the verb it ends in."""

    form: type[forms.Form] | None
    act: Callable[[ActionItem, dict[str, Any], User, datetime], ActionItem]


VERBS: dict[str, Verbs] = {
    ItemMove.START: Verbs(None, lambda item, given, actor, at: actions.start_item(item, actor=actor, at=at)),
    ItemMove.DONE: Verbs(
        EvidenceForm, lambda item, given, actor, at: actions.finish_item(item, **given, actor=actor, at=at)
    ),
    ItemMove.WONT_DO: Verbs(
        DropForm, lambda item, given, actor, at: actions.drop_item(item, **given, actor=actor, at=at)
    ),
    ItemMove.REOPEN: Verbs(None, lambda item, given, actor, at: actions.reopen_item(item, actor=actor, at=at)),
}


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new item, of an incident or of none."""
    person = person_of(request)
    form = ItemForm(
        request.POST or None,
        reader=person,
        with_incident=True,
        initial={"incident": request.GET.get("incident", "")[:20]},
    )
    if request.method == "POST" and _is_valid(form, person):
        item = _added(form, form.cleaned_data.pop("incident"), person)
        if item is not None:
            return HttpResponseRedirect(url_of(item))
    return render(request, "postmortems/item_form.html", {"form": form}, status=422 if form.errors else 200)


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def quick_add(request: HttpRequest, reference: str) -> HttpResponse:
    """From the war room or the postmortem: the same form, in the room's dialog."""
    person = person_of(request)
    incident = visible_incident(person, reference)
    form = ItemForm(request.POST or None, reader=person, with_incident=False)
    if request.method == "POST" and _is_valid(form, person) and _added(form, incident, person) is not None:
        if not is_partial(request):
            return HttpResponseRedirect(_back(incident))
        html = render_to_string("postmortems/_of_incident.html", context_of_panel(request, reference), request)
        # The room's own message: it closes the dialog and puts the panel in its place.
        return JsonResponse({"kind": "parts", "head": 0, "parts": {PANEL: html}, "lines": [], "gap": False})
    template = "postmortems/_item_dialog.html" if is_partial(request) else "postmortems/item_form.html"
    context = {"form": form, "incident": incident, "back": _back(incident)}
    return render(request, template, context, status=422 if form.errors else 200)


def _is_valid(form: ItemForm, person: User, *, standing: date | None = None) -> bool:
    """Every field, and whether the day may be promised, said at once; the `standing` day may stay though it is over."""
    is_valid = form.is_valid()
    day = form.cleaned_data.get("due_on")
    if day != standing:
        try:
            actions.require_near(day, actor=person, at=timezone.now())
        except Refused as refusal:
            form.add_error("due_on", refusal.sentence)
            return False
    return is_valid


def _added(form: ItemForm, incident: Incident | None, person: User) -> ActionItem | None:
    """The new item; None where it was refused, with the sentence at its field."""
    try:
        return actions.add_item(**form.cleaned_data, incident=incident, actor=person, at=timezone.now())
    except Refused as refusal:
        form.add_error(FIELD_OF.get(refusal.code), refusal.sentence)
        return None


def _back(incident: Incident) -> str:
    return reverse("postmortems:of-incident", kwargs={"reference": incident.reference})


@needs(Verb.LOOK)
@require_GET
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item."""
    return page(request, queries.visible_action_item(person_of(request), pk))


def page(request: HttpRequest, row: ActionItem, *, refused: tuple[str, forms.Form] | None = None) -> HttpResponse:
    """The page of one item, 422 when a form in it was refused."""
    may_change = queries.may_change(person_of(request), row)
    given = {refused[0]: refused[1]} if refused else {}
    context = {
        "item": row,
        "moves": item_moves_from(row.state) if may_change else [],
        "may_change": may_change,
        "evidence_form": given.get(ItemMove.DONE, EvidenceForm()),
        "drop_form": given.get(ItemMove.WONT_DO, DropForm()),
        "today": timezone.localdate(),
        "is_open": row.state in {"open", "in_progress"},
    }
    return render(request, "postmortems/item.html", context, status=422 if refused else 200)


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other words, another owner, another day."""
    person = person_of(request)
    row = queries.visible_action_item(person, pk)
    queries.require_change(person, row)
    known = {
        name: getattr(row, name) for name in ("title", "details", "kind", "priority", "horizon", "due_on", "owner")
    }
    form = ItemForm(request.POST or None, reader=person, with_incident=False, initial=known)
    if request.method == "POST" and _is_valid(form, person, standing=row.due_on):
        try:
            actions.change_item(row, **form.cleaned_data, actor=person, at=timezone.now())
            return HttpResponseRedirect(url_of(row))
        except Refused as refusal:
            form.add_error(FIELD_OF.get(refusal.code), refusal.sentence)
    context = {"form": form, "item": row, "incident": row.incident, "back": url_of(row)}
    return render(request, "postmortems/item_form.html", context, status=422 if form.errors else 200)


@needs(Verb.RESPOND)
@require_POST
def move(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Start, finish, drop or reopen it."""
    person = person_of(request)
    row = queries.visible_action_item(person, pk)
    if verb not in VERBS:
        raise Http404(verb)
    queries.require_change(person, row)
    form = VERBS[verb].form(request.POST) if VERBS[verb].form else None  # type: ignore[misc]
    if form is not None and not form.is_valid():
        return page(request, row, refused=(verb, form))
    VERBS[verb].act(row, form.cleaned_data if form else {}, person, timezone.now())
    return HttpResponseRedirect(url_of(row))


@needs(Verb.MANAGE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """It was never meant."""
    row = queries.visible_action_item(person_of(request), pk)
    actions.remove_item(row, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The action item is gone."))
    return HttpResponseRedirect(reverse("insights:action-items"))


def url_of(row: ActionItem) -> str:
    return reverse("postmortems:action-item", args=[row.pk])
