"""Overrides: somebody takes a duty for a while."""

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.middleware import zone_or_utc
from oncall.models import Duty, Override, Schedule


def add_override(
    schedule: Schedule,
    *,
    duty: str,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    actor: User | None,
    at: datetime,
    reason: str = "",
) -> Override:
    """`person` holds `duty` from `starts_at` until just before `ends_at`. Refused where another override stands in the
    way, which is named."""
    if ends_at <= starts_at:
        raise Refused(_("The end must come after the beginning."), code="ends_before_start", status=400)
    if not person.is_active:
        raise Refused(_("%(person)s is not active and cannot be called.") % {"person": person}, code="not_active")
    with transaction.atomic():
        Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)
        standing = schedule.overrides.filter(duty=duty, starts_at__lt=ends_at, ends_at__gt=starts_at)
        other = standing.select_related("person").first()
        if other is not None:
            raise Refused(_in_the_way(other), code="override_overlaps")
        made = Override.objects.create(
            schedule=schedule, duty=duty, person=person, starts_at=starts_at, ends_at=ends_at, reason=reason,
            created_by=actor, created_at=at,
        )  # fmt: skip
        audit.record(actor, "add override", schedule.name, before={}, after=_told(made), at=at)
    return made


def remove_override(override: Override, *, actor: User | None, at: datetime) -> Schedule:
    """The rotations hold again. An override that runs ends now; one that is over stays in the record, unless it was
    only written down afterwards."""
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update(no_key=True).get(pk=override.schedule_id)
        fresh = Override.objects.filter(pk=override.pk).select_related("person").first()
        if fresh is None:
            return schedule
        if fresh.ends_at <= at and fresh.created_at < fresh.ends_at:
            raise Refused(_("This override is over; it stays in the record."), code="over")
        before = _told(fresh)
        if fresh.starts_at < at < fresh.ends_at and fresh.created_at < at:
            fresh.ends_at = at
            fresh.save(update_fields=["ends_at"])
            audit.record(actor, "end override", schedule.name, before=before, after=_told(fresh), at=at)
        else:
            fresh.delete()
            audit.record(actor, "remove override", schedule.name, before=before, after={}, at=at)
    return schedule


def _in_the_way(other: Override) -> str:
    zone = zone_or_utc(other.schedule.time_zone)
    words = {
        "person": other.person,
        "duty": Duty(other.duty).label.lower(),
        "from": date_format(other.starts_at.astimezone(zone), _("j M Y, H:i")),
        "until": date_format(other.ends_at.astimezone(zone), _("j M Y, H:i")),
        "zone": other.schedule.time_zone,
    }
    return _("%(person)s has an override as %(duty)s from %(from)s until %(until)s (%(zone)s). Remove it first, or "
             "choose hours beside it.") % words  # fmt: skip


def _told(override: Override) -> dict[str, str]:
    return {
        "duty": override.duty,
        "person": str(override.person),
        "from": override.starts_at.isoformat(),
        "until": override.ends_at.isoformat(),
        "reason": override.reason,
    }
