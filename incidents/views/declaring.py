"""Declaring: three inputs, fifteen seconds."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import needs, person_of
from accounts.permissions import Verb
from catalog.models import Service, Severity
from core.errors import Refused
from core.htmx import go_to
from incidents import actions, queries
from incidents.forms import DeclareForm
from incidents.views.answers import room_url


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """The form, filled from the address where it names a title, severity or service."""
    if request.method == "GET":
        return _show(request, DeclareForm(initial=_given(request)))
    form = DeclareForm(request.POST)
    if form.is_valid():
        try:
            incident = actions.declare(
                title=form.cleaned_data["title"],
                severity=form.cleaned_data["severity"],
                service=form.cleaned_data["service"],
                private=form.cleaned_data["private"],
                drill=form.cleaned_data["drill"],
                actor=person_of(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("%(reference)s is declared.") % {"reference": incident.reference})
            return go_to(request, room_url(incident))
    return _show(request, form)


@needs()
@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """Open incidents with words of the title that is being typed: perhaps it is known already."""
    found = queries.similar_open(person_of(request), request.GET.get("title", "")[:200])
    return render(request, "incidents/_similar.html", {"similar": found})


def _given(request: HttpRequest) -> dict[str, object]:
    severity = Severity.objects.filter(code__iexact=request.GET.get("severity", "")[:8]).first()
    service = Service.objects.filter(slug=request.GET.get("service", "")[:120]).first()
    return {
        "title": request.GET.get("title", "")[:200],
        "severity": severity.pk if severity else None,
        "service": service.pk if service else None,
        "drill": request.GET.get("drill") == "yes",
    }


def _show(request: HttpRequest, form: DeclareForm) -> HttpResponse:
    title = form["title"].value() or ""
    context = {
        "form": form,
        "severities": Severity.objects.all(),
        "similar": queries.similar_open(person_of(request), str(title)[:200]),
    }
    return render(request, "incidents/declare.html", context, status=422 if form.errors else 200)
