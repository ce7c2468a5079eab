"""Postmortems: the library, one to read, one to write, and its moves."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import needs, person_of, require
from accounts.permissions import Verb
from core.errors import Refused
from incidents.queries import visible_incident
from postmortems import actions, export, queries
from postmortems.actions.editing import Conflict
from postmortems.forms import AuthorForm, FactorForm, ListFilter, ReasonForm, TextsForm
from postmortems.models import SECTIONS, Postmortem, section_label
from postmortems.moves_shown import LABELS
from postmortems.workflow import EDITABLE, FINAL, MOVES, Move, moves_from

BUTTONS = {
    Move.SUBMIT: (LABELS[Move.SUBMIT], "eye", "btn-primary"),
    Move.APPROVE: (LABELS[Move.APPROVE], "check", "btn-primary"),
    Move.PUBLISH: (LABELS[Move.PUBLISH], "book", "btn-primary"),
    Move.SEND_BACK: (LABELS[Move.SEND_BACK], "arrow-left", ""),
    Move.REOPEN: (LABELS[Move.REOPEN], "rotate", ""),
}


@needs(Verb.LOOK)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The library, newest first."""
    person = person_of(request)
    form = ListFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    rows = queries.postmortems_visible_to(person)
    has_any = rows.exists()
    if given.get("q"):
        rows = queries.search(rows, given["q"])
    if given.get("state"):
        rows = rows.filter(state=given["state"])
    context = {
        "form": form,
        "page": Paginator(rows.order_by("-drafted_at", "-pk"), 30).get_page(request.GET.get("page")),
        "states": [("", _("All")), *Postmortem.State.choices],
        "chosen": given.get("state", ""),
        "missing": queries.missing_for(person, most=8),
        "has_any": has_any,
        "now": timezone.now(),
        "final": FINAL,
    }
    return render(request, "postmortems/list.html", context, status=200 if form.is_valid() else 422)


@needs(Verb.LOOK)
@require_GET
def postmortem(request: HttpRequest, reference: str) -> HttpResponse:
    """One lesson, to read."""
    return page(request, queries.visible_postmortem(person_of(request), reference))


def page(
    request: HttpRequest,
    row: Postmortem,
    *,
    factor_form: FactorForm | None = None,
    waive_form: ReasonForm | None = None,
    refused: str = "",
) -> HttpResponse:
    """The page of one postmortem, 422 when a form in it was refused, 409 with the sentence when a move was."""
    person = person_of(request)
    moves = [move for move in moves_from(row.state) if person.may(MOVES[move].verb)]
    is_own_work = Move.APPROVE in moves and not actions.may_approve(row, person)
    context = {
        "postmortem": row,
        "incident": row.incident,
        "sections": [
            (name, section_label(name), getattr(row, name)) for name in SECTIONS if getattr(row, name).strip()
        ],
        "empty": [section_label(name) for name in SECTIONS if not getattr(row, name).strip()],
        "factors": row.factors.all(),
        "items": queries.action_items_of(row.incident),
        "buttons": [
            (move, *BUTTONS[move]) for move in moves if move in BUTTONS and not (move is Move.APPROVE and is_own_work)
        ],
        "is_own_work": is_own_work,
        "refused": refused,
        "can_waive": Move.WAIVE in moves,
        "can_edit": person.can_respond and row.state in EDITABLE,
        "factor_form": factor_form or FactorForm(),
        "waive_form": waive_form or ReasonForm(),
        "author_form": AuthorForm(initial={"author": row.author_id}),
        "is_final": row.state in FINAL,
        "now": timezone.now(),
        "today": timezone.localdate(),
    }
    wrong = any(form is not None and form.errors for form in (factor_form, waive_form))
    return render(request, "postmortems/postmortem.html", context, status=409 if refused else 422 if wrong else 200)


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Write. What somebody else wrote meanwhile is merged, or shown beside one's own words."""
    row = queries.visible_postmortem(person_of(request), reference)
    form = TextsForm(request.POST or None, postmortem=row)
    theirs: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(
                row,
                version=form.cleaned_data["version"],
                texts=form.texts(),
                base=form.base(),
                actor=person_of(request),
                at=timezone.now(),
            )
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(url_of(row))
        except Conflict as conflict:
            theirs = conflict.theirs
            form = _again(form, conflict)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    elif request.method == "GET" and row.state not in EDITABLE:
        messages.warning(request, _("It is approved, so its words stand. Send it back to draft to change them."))
        return HttpResponseRedirect(url_of(row))
    fields = [(form[name], form[f"base_{name}"], theirs.get(name)) for name in SECTIONS]
    context = {
        "form": form,
        "fields": fields,
        "postmortem": row,
        "incident": row.incident,
        "has_conflict": bool(theirs),
    }
    status = 409 if theirs else 422 if form.errors else 200
    return render(request, "postmortems/edit.html", context, status=status)


def _again(form: TextsForm, conflict: Conflict) -> TextsForm:
    """The same words, based on what stands now: saved once more, they are meant."""
    fresh = TextsForm(postmortem=conflict.postmortem)
    data = {name: form.data[name] for name in form.data}
    data["version"] = str(conflict.postmortem.version)
    for name in conflict.theirs:
        data[f"base_{name}"] = fresh[f"base_{name}"].initial
    again = TextsForm(data, postmortem=conflict.postmortem)
    again.is_valid()
    again.add_error(None, conflict.sentence)
    return again


@needs(Verb.RESPOND)
@require_POST
def move(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Make one move of the workflow."""
    row = queries.visible_postmortem(person_of(request), reference)
    if verb not in set(MOVES):
        raise Http404(verb)
    require(person_of(request), MOVES[Move(verb)].verb)
    if verb == Move.WAIVE:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return page(request, row, waive_form=form)
        reason = form.cleaned_data["reason"]
    else:
        reason = ""
    try:
        actions.move(row, Move(verb), actor=person_of(request), at=timezone.now(), reason=reason)
    except Refused as refusal:
        fresh = queries.visible_postmortem(person_of(request), reference)
        return page(request, fresh, refused=refusal.sentence)
    return HttpResponseRedirect(url_of(row))


@needs(Verb.RESPOND)
@require_POST
def author(request: HttpRequest, reference: str) -> HttpResponse:
    """Who writes it."""
    row = queries.visible_postmortem(person_of(request), reference)
    form = AuthorForm(request.POST)
    if not form.is_valid():
        raise Refused(_("There is no such person with an active account."), code="unknown_person", status=422)
    actions.set_author(row, form.cleaned_data["author"], actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(url_of(row))


@needs(Verb.RESPOND)
@require_POST
def add_factor(request: HttpRequest, reference: str) -> HttpResponse:
    """One more contributing factor."""
    row = queries.visible_postmortem(person_of(request), reference)
    form = FactorForm(request.POST)
    if not form.is_valid():
        return page(request, row, factor_form=form)
    actions.add_factor(row, text=form.cleaned_data["text"], actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(url_of(row) + "#factors")


@needs(Verb.RESPOND)
@require_POST
def remove_factor(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """It was none."""
    row = queries.visible_postmortem(person_of(request), reference)
    factor = get_object_or_404(row.factors, pk=pk)
    actions.remove_factor(factor, actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(url_of(row) + "#factors")


@needs(Verb.LOOK)
@require_GET
def markdown(request: HttpRequest, reference: str) -> HttpResponse:
    """The whole lesson as a file."""
    row = queries.visible_postmortem(person_of(request), reference)
    text = export.as_markdown(row, factors=row.factors.all(), items=queries.action_items_of(row.incident))
    answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.incident.reference}-postmortem.md"'
    return answer


@needs(Verb.RESPOND)
@require_POST
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """Draft one now, whether the severity asks for it or not."""
    incident = visible_incident(person_of(request), reference)
    row = actions.write_one(incident, actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(url_of(row))


def url_of(row: Postmortem) -> str:
    return reverse("postmortems:postmortem", kwargs={"reference": row.incident.reference})


def context_of_panel(request: HttpRequest, reference: str) -> dict[str, Any]:
    """What the war room's panel is made of."""
    person = person_of(request)
    incident = visible_incident(person, reference)
    row = Postmortem.objects.filter(incident=incident).select_related("author").first()
    return {
        "incident": incident,
        "postmortem": row,
        "items": queries.action_items_of(incident),
        "now": timezone.now(),
        "today": timezone.localdate(),
        "is_over": incident.status in {"resolved", "closed"},
        "can_write": person.can_respond
        and row is None
        and not incident.drill
        and incident.status in {"resolved", "closed"},
        "is_final": row is not None and row.state in FINAL,
    }


@needs(Verb.LOOK)
@require_GET
def panel(request: HttpRequest, reference: str) -> HttpResponse:
    """A panel of the war room: the postmortem's state, and what was promised."""
    template = "_of_incident" if request.headers.get("HX-Request") == "true" else "of_incident"
    return render(request, f"postmortems/{template}.html", context_of_panel(request, reference))
