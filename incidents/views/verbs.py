"""The buttons of the room: each is one verb."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of, require
from accounts.models import User
from accounts.permissions import Verb
from core.errors import Refused
from core.htmx import go_to
from incidents import actions, escalation, queries
from incidents.models import Incident
from incidents.moves_shown import ACKNOWLEDGE
from incidents.views.answers import changed

MOVES: dict[str, Callable[..., Any]] = {
    "acknowledge": actions.acknowledge,
    "accept": actions.accept,
    "decline": actions.decline,
    "identify": actions.identify,
    "mitigate": actions.mitigate,
    "resolve": actions.resolve,
    "reopen": actions.reopen,
    "close": actions.close,
}


@needs()
@require_POST
def move(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Acknowledge, or move along the lifecycle. Who was paged may acknowledge, whatever their role."""
    me = person_of(request)
    incident = queries.visible_incident(me, reference)
    if verb != ACKNOWLEDGE or not queries.was_paged(me, incident):
        require(me, Verb.RESPOND)
    if verb not in MOVES:
        raise Http404(verb)
    MOVES[verb](incident, actor=me, at=timezone.now())
    return changed(request, incident)


@needs(Verb.RESPOND)
@require_POST
def escalate(request: HttpRequest, reference: str) -> HttpResponse:
    """Page the next people now."""
    incident = queries.visible_incident(person_of(request), reference)
    escalation.escalate_now(incident, actor=person_of(request), at=timezone.now())
    return changed(request, incident)


@needs(Verb.RESPOND)
@require_POST
def roles(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a role, give one (`person`), or leave one."""
    me = person_of(request)
    incident = queries.visible_incident(me, reference)
    person = _person(request, default=me)
    verb = actions.leave_role if request.POST.get("do") == "leave" else actions.take_role
    verb(incident, request.POST.get("role", ""), person=person, actor=me, at=timezone.now())
    return changed(request, incident)


@needs(Verb.RESPOND)
@require_POST
def visibility(request: HttpRequest, reference: str) -> HttpResponse:
    """Make it private, or open it to everyone."""
    incident = queries.visible_incident(person_of(request), reference)
    wanted = request.POST.get("private")
    if wanted not in {"yes", "no"}:
        raise Refused(_("Say whether the incident is to be private: “yes” or “no”."), code="invalid", status=400)
    actions.set_visibility(incident, private=wanted == "yes", actor=person_of(request), at=timezone.now())
    return changed(request, incident)


@needs(Verb.RESPOND)
@require_POST
def admission(request: HttpRequest, reference: str) -> HttpResponse:
    """Take somebody off the list of those admitted."""
    me = person_of(request)
    incident = queries.visible_incident(me, reference)
    actions.dismiss(incident, _person(request, default=me), actor=me, at=timezone.now())
    if not Incident.objects.visible_to(me).filter(pk=incident.pk).exists():
        return go_to(request, reverse("incidents:list"))
    return changed(request, incident)


def _person(request: HttpRequest, *, default: User) -> User:
    number = request.POST.get("person", "")
    if not number:
        return default
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Refused(_("There is no such person."), status=400)
    return get_object_or_404(User, pk=int(number))
