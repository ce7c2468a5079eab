"""Words into the room."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.errors import Refused
from core.htmx import is_partial
from incidents import actions, queries
from incidents.forms import NOTE, SayForm
from incidents.views import war_room
from incidents.views.answers import changed


@needs(Verb.RESPOND)
@require_POST
def say(request: HttpRequest, reference: str) -> HttpResponse:
    """A note or an update; a refusal keeps what was typed."""
    me, at = person_of(request), timezone.now()
    incident = queries.visible_incident(me, reference)
    form = SayForm(request.POST)
    if form.is_valid():
        what, text, minutes = (form.cleaned_data[name] for name in ("what", "text", "next_minutes"))
        try:
            if what == NOTE:
                actions.add_note(incident, text, actor=me, at=at)
            else:
                promised = at + timedelta(minutes=minutes) if minutes else None
                actions.post_update(incident, audience=what, text=text, actor=me, at=at, next_update_at=promised)
            return changed(request, incident)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    if not is_partial(request):
        return war_room.page(request, incident, say_form=form)
    context = {"incident": incident, **war_room.composer(incident, form)}
    return render(request, "incidents/_composer.html", context, status=422)
