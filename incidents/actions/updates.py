"""Words from the room to an audience."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from core.look import status_words
from incidents import timeline, words
from incidents.lifecycle import Status
from incidents.models import Incident, Kind, Update


@transaction.atomic
def post_update(
    incident: Incident,
    *,
    audience: str,
    text: str,
    actor: User | None,
    at: datetime,
    next_update_at: datetime | None = None,
    actor_name: str = "",
    public_title: str = "",
) -> Update:
    """Tell `audience` how it stands. A public update goes to status pages; never of a private incident or drill.

    `public_title`: what the public calls the incident from now on, whatever it is called inside.
    """
    tidy = words.many_lines(text)
    if not tidy:
        raise Refused(_("There is nothing in this update yet."), code="text_required", status=400)
    if next_update_at is not None and next_update_at <= at:
        raise Refused(_("The next update must be promised for a moment to come."), status=400)
    title = words.one_line(public_title)
    if title and audience != Update.Audience.PUBLIC:
        raise Refused(_("Only a public update has a public title."), code="public_title", status=400)
    fresh = Incident.objects.lock(incident.pk)
    if audience == Update.Audience.PUBLIC:
        _require_public(fresh)
    update = Update.objects.create(
        incident=fresh,
        audience=audience,
        status=fresh.status,
        text=tidy,
        public_title=title,
        author=actor,
        posted_at=at,
        next_update_at=next_update_at,
    )
    if audience == Update.Audience.PUBLIC and fresh.first_public_update_at is None:
        fresh.first_public_update_at = at
        fresh.save(update_fields=["first_public_update_at"])
    data = {
        "update": update.pk,
        "audience": str(audience),
        "next_update_at": next_update_at.isoformat() if next_update_at else None,
    }
    timeline.record(fresh, Kind.UPDATE, at=at, actor=actor, actor_name=actor_name, text=tidy, data=data)
    return update


def _require_public(fresh: Incident) -> None:
    if fresh.private:
        raise Refused(
            _("%(reference)s is private, so nothing about it can be told to the public.")
            % {"reference": fresh.reference},
            code="private",
        )
    if fresh.drill:
        raise Refused(
            _("%(reference)s is a drill: the public is not told about it.") % {"reference": fresh.reference},
            code="drill",
        )
    if fresh.status in {Status.DECLINED, Status.MERGED}:
        raise Refused(
            _("%(reference)s is %(status)s, so there is nothing to tell the public.")
            % {"reference": fresh.reference, "status": status_words(fresh.status)},
            code="wrong_state",
        )
