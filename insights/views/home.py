"""The home page."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import needs, person_of
from accounts.permissions import Verb
from insights import home
from oncall import queries as oncall


@needs(Verb.LOOK)
def show(request: HttpRequest) -> HttpResponse:
    """What is burning, who is on call, what do I owe."""
    person, at = person_of(request), timezone.now()
    on_call = [
        (schedule, [(duty, people) for duty, people in duties.items()])
        for schedule, duties in oncall.everyone_on_call(at)
    ]
    steps = home.setup_steps()
    context = {
        "burning": home.burning(person),
        "on_call": on_call,
        "mine": [schedule for schedule, duties in on_call if any(person in people for _, people in duties)],
        "owed": home.owed_by(person, today=timezone.localdate()),
        "steps": steps if person.can_configure else [],
        "is_new": bool(steps) and not home.has_seen_anything(),
        "mail_is_missing": person.is_administrator and home.mail_is_missing(),
        "over": home.just_over(person, since=at - timedelta(days=7)),
        "hour": timezone.localtime(at).hour,
    }
    return render(request, "insights/home.html", context)
