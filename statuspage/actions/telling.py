"""Telling the public about an incident, in one go: the move, the words, and what they say of components."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents import actions as room
from incidents import public
from incidents.lifecycle import Move, can_move
from incidents.models import Incident, Update
from statuspage import announcing
from statuspage.words import STATUSES, status_words

# The word that is said → the move of the incident that makes it true.
MOVE_TO: dict[str, tuple[Move, Callable[..., Incident]]] = {
    "identified": (Move.IDENTIFY, room.identify),
    "monitoring": (Move.MITIGATE, room.mitigate),
    "resolved": (Move.RESOLVE, room.resolve),
}


def words_open_to(incident: Incident) -> list[str]:
    """The state words an update may say now: the one that holds, and those that a move can make true."""
    now = public.WORD.get(incident.status, public.OVER_WORD)
    return [now, *(word for word, (move, _act) in MOVE_TO.items() if word != now and can_move(incident.status, move))]


def tell_public(
    incident: Incident,
    *,
    text: str,
    actor: User | None,
    at: datetime,
    status: str = "",
    title: str = "",
    components: Mapping[int, str] | None = None,
    next_update_at: datetime | None = None,
) -> Update:
    """Say `text` on the status pages. `status`: a state word other than the one that holds moves the incident too.
    `title`: what the pages call the incident from now on; without one they keep the title they have.

    `components`: the state of components (by id) in this incident; those not named follow the severity.
    """
    with transaction.atomic():
        fresh = Incident.objects.lock(incident.pk)
        if status and status not in words_open_to(fresh):
            raise Refused(
                _("%(reference)s cannot be told as “%(word)s” from where it stands. Now it can be: %(words)s.")
                % {
                    "reference": fresh.reference,
                    "word": status_words(status) if status in STATUSES else status,
                    "words": ", ".join(status_words(word) for word in words_open_to(fresh)),
                },
                code="wrong_state",
            )
        if status and status in MOVE_TO and status != words_open_to(fresh)[0]:
            MOVE_TO[status][1](fresh, actor=actor, at=at)
        update = room.post_update(
            fresh,
            audience=Update.Audience.PUBLIC,
            text=text,
            public_title=title,
            actor=actor,
            at=at,
            next_update_at=None if status == public.OVER_WORD else next_update_at,
        )
        told = public.find(fresh.pk)
        if told is not None:
            announcing.announce(told, at=at, choices=components)
    return update
