"""A person asks for a person, beside the plan."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from core.look import status_words
from incidents import paging
from incidents.models import Incident, Page
from incidents.words import one_line

REASON_LENGTH = 200


@transaction.atomic
def page_somebody(incident: Incident, person: User, *, words: str, actor: User, at: datetime) -> Page:
    """Page `person` at once by their own rules, with the reason in the words of `actor`. The plan goes on as it was;
    being called admits to a private incident."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.is_over:
        raise Refused(
            _("%(reference)s is %(status)s, so nobody is paged for it.")
            % {"reference": fresh.reference, "status": status_words(fresh.status)},
            code="wrong_state",
        )
    if not person.is_active:
        raise Refused(_("%(person)s has no active account.") % {"person": person}, code="inactive")
    if not person.can_respond:
        raise Refused(_("%(person)s cannot respond to incidents.") % {"person": person}, code="cannot_respond")
    why = {"by": "asked", "who": str(actor), "words": _tidy(words)}
    return paging.page(fresh, person, why=why, actor=actor, at=at)


def _tidy(reason: str) -> str:
    tidy = one_line(reason, longest=REASON_LENGTH).rstrip(".。 ")
    if not tidy:
        raise Refused(_("Say in a few words why this person is needed."), code="reason_required", status=400)
    return tidy
