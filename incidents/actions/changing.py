"""Several details changed in one go: all of it stands, or none."""

from datetime import datetime
from typing import TypedDict

from django.db import transaction

from accounts.models import User
from catalog.models import Service, Severity
from incidents.actions.details import change_severity, describe, rename, set_service
from incidents.actions.visibility import set_visibility
from incidents.models import Incident


class Details(TypedDict, total=False):
    """What is to be changed; what is not named stays."""

    title: str
    severity: Severity
    service: Service | None
    summary: str
    private: bool


@transaction.atomic
def change(incident: Incident, details: Details, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """Each detail by its own verb, in one transaction. It becomes private before anything else is told, and open after
    everything else, so that no new word is ever read outside."""
    fresh = Incident.objects.lock(incident.pk)
    if details.get("private") is True:
        fresh = set_visibility(fresh, private=True, actor=actor, at=at, actor_name=actor_name)
    if "title" in details:
        fresh = rename(fresh, title=details["title"], actor=actor, at=at, actor_name=actor_name)
    if "severity" in details:
        fresh = change_severity(fresh, details["severity"], actor=actor, at=at, actor_name=actor_name)
    if "service" in details:
        fresh = set_service(fresh, details["service"], actor=actor, at=at, actor_name=actor_name)
    if "summary" in details:
        fresh = describe(fresh, summary=details["summary"], actor=actor, at=at, actor_name=actor_name)
    if details.get("private") is False:
        fresh = set_visibility(fresh, private=False, actor=actor, at=at, actor_name=actor_name)
    return fresh
