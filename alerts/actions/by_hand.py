"""What people do to one alert."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.actions import meeting
from alerts.models import Alert, Occurrence
from core.errors import Refused
from incidents import actions as incident_actions


def acknowledge_alert(alert: Alert, *, actor: User | None, at: datetime) -> Alert:
    """Somebody is on it: its incident is acknowledged, and with it every alert of that incident."""
    if alert.state == Alert.State.RESOLVED:
        raise Refused(_("This alert is resolved; there is nothing to acknowledge."), code="wrong_state")
    if alert.incident is None or not alert.incident.is_open:
        raise Refused(_("This alert belongs to no open incident, so nobody is being paged for it."), code="wrong_state")
    incident_actions.acknowledge(alert.incident, actor=actor, at=at)
    return Alert.objects.select_related("incident", "source", "service").get(pk=alert.pk)


@transaction.atomic
def resolve_alert(alert: Alert, *, actor: User | None, at: datetime) -> Alert:
    """Take it as over although its tool has not said so (some never do). The next episode opens it again."""
    fresh = Alert.objects.select_for_update(no_key=True).prefetch_related("incident", "source").get(pk=alert.pk)
    if fresh.state == Alert.State.RESOLVED:
        raise Refused(_("This alert is resolved already."), code="already")
    fresh.state, fresh.resolved_at, fresh.said_end_at, fresh.changed_at = Alert.State.RESOLVED, at, None, at
    fresh.save(update_fields=["state", "resolved_at", "said_end_at", "changed_at"])
    Occurrence.objects.filter(alert=fresh, resolved_at=None).update(resolved_at=at)
    meeting.part(fresh.source, [fresh], actor_name=str(actor or fresh.source), at=at)
    return Alert.objects.select_related("incident", "source", "service").get(pk=fresh.pk)
