"""The first draft: made by itself where a severity requires one, and by hand where somebody wants to."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from core.look import status_words
from incidents.lifecycle import Status
from incidents.models import Incident, Role, RoleAssignment
from postmortems import draft, record
from postmortems.models import Postmortem

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=14)  # a severity that requires one only since today does not ask for old ones
ENDED = (Status.RESOLVED, Status.CLOSED)


def drafts_due(at: datetime) -> int:
    """Draft the postmortems that are required and not there yet; write again what nobody has touched since its incident
    was reopened and resolved once more. How many."""
    ended = Incident.objects.filter(
        status__in=ENDED, drill=False, severity__postmortem_required=True, resolved_at__gt=at - LOOK_BACK
    )
    outdated = Q(
        postmortem__version=1, postmortem__state=Postmortem.State.DRAFT, postmortem__drafted_at__lt=F("resolved_at")
    )
    due = list(ended.filter(Q(postmortem=None) | outdated).order_by("resolved_at").values_list("pk", flat=True)[:50])
    return sum(_guarded(pk, at) for pk in due)


def write_one(incident: Incident, *, actor: User | None, at: datetime) -> Postmortem:
    """The postmortem of an incident, drafted now by somebody who wants one; the one there is, where there is one."""
    with transaction.atomic():
        fresh = Incident.objects.lock(incident.pk)
        found = Postmortem.objects.filter(incident=fresh).first()
        if found is not None:
            return found
        if fresh.drill:
            raise Refused(
                _("%(reference)s is a drill: it has a scorecard and no postmortem.") % {"reference": fresh.reference},
                code="drill",
            )
        if fresh.status not in ENDED:
            raise Refused(
                _("%(reference)s is %(status)s. A postmortem is written once it is resolved.")
                % {"reference": fresh.reference, "status": status_words(fresh.status)},
                code="wrong_state",
            )
        return _draft(fresh, at=at, author=actor)


def _guarded(pk: int, at: datetime) -> int:
    try:
        with transaction.atomic():
            incident = Incident.objects.lock(pk)
            if incident.status not in ENDED:
                return 0
            standing = Postmortem.objects.select_for_update().filter(incident=incident).first()
            if standing is None:
                _draft(incident, at=at, author=None)
            elif standing.version == 1 and standing.state == Postmortem.State.DRAFT:
                _write(standing, incident, at)
            else:
                return 0
            return 1
    except Exception:  # one incident must never hold up the others
        log.exception("A postmortem could not be drafted", extra={"incident": pk})
        return 0


def _draft(incident: Incident, *, at: datetime, author: User | None) -> Postmortem:
    postmortem = Postmortem(incident=incident, author=author or _author_of(incident), drafted_at=at)
    _write(postmortem, incident, at)
    return postmortem


def _write(postmortem: Postmortem, incident: Incident, at: datetime) -> None:
    author = postmortem.author
    with translation.override((author.language if author else "") or translation.get_language()):
        for name, text in vars(draft.compose(record.of(incident, at=at))).items():
            setattr(postmortem, name, text)
    ended = incident.resolved_at or at
    meeting, publish = incident.severity.meeting_hours, incident.severity.publish_hours
    postmortem.meeting_due_at = ended + timedelta(hours=meeting) if meeting else None
    postmortem.publish_due_at = ended + timedelta(hours=publish) if publish else None
    postmortem.drafted_at = at
    postmortem.save()


def _author_of(incident: Incident) -> User | None:
    """Who led it: the last commander, else the last technical lead; active people only."""
    held = RoleAssignment.objects.filter(incident=incident, person__is_active=True).select_related("person")
    for role in (Role.COMMANDER, Role.TECHNICAL_LEAD):
        last = held.filter(role=role).order_by("taken_at", "pk").last()
        if last is not None:
            return last.person
    return None
