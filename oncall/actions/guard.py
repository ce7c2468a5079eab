"""The coverage guard: each morning it looks two weeks ahead, and tells whoever looks after a schedule what is wrong."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core import sweep
from core.middleware import zone_or_utc
from notifications.actions import notify
from notifications.models import MessageKind
from oncall import cover_words, queries
from oncall.models import Schedule
from oncall.wallclock import moment, shown

AHEAD = timedelta(weeks=2)
MORNING = time(9)  # on the schedule's clock
LISTED = 8
PAUSE_AFTER_FAILURE = timedelta(hours=1)
CALM = "notice"  # an urgency that nobody has rules for: every verified method, at once


def coverage_due(at: datetime) -> int:
    """Look at schedules whose morning has come; one never looked at gets its first morning."""

    def due() -> QuerySet[Schedule]:
        return Schedule.objects.filter(Q(next_check_at=None) | Q(next_check_at__lte=at)).order_by("pk")

    def step(schedule: Schedule) -> None:
        if schedule.next_check_at is not None:
            warn(schedule, at=at)
        schedule.next_check_at = next_morning(schedule, at)
        schedule.save(update_fields=["next_check_at"])

    def put_off(pk: int, error: Exception) -> None:
        Schedule.objects.filter(pk=pk).update(next_check_at=at + PAUSE_AFTER_FAILURE)

    return sweep.each_due(due, step, poisoned=put_off)


def warn(schedule: Schedule, *, at: datetime) -> list[User]:
    """Tell whoever looks after the schedule what its next two weeks leave to be wished; who was told. A schedule in
    which nobody takes turns at all is left alone: it is not in use yet."""
    found = queries.coverage_of(schedule, since=at, until=at + AHEAD)
    if not found or not schedule.rotations.in_force().exists():
        return []
    told = queries.chiefs_of(schedule)
    for person in told:
        with cover_words.speaking_to(person):
            notify(
                person, topic=f"coverage/{schedule.pk}", kind=MessageKind.NOTICE, urgency=CALM,
                subject=_("%(schedule)s: who is on call has holes") % {"schedule": schedule},
                text=_text(schedule, found),
                payload={"schedule": schedule.pk, "gaps": len(found.gaps)},
                key=f"coverage/{schedule.pk}/{person.pk}/{shown(at, zone_or_utc(schedule.time_zone)):%Y-%m-%d}", at=at,
            )  # fmt: skip
    return list(told)


def next_morning(schedule: Schedule, at: datetime) -> datetime:
    """The first nine o'clock after `at` by the schedule's clock."""
    zone = zone_or_utc(schedule.time_zone)
    day = shown(at, zone).date()
    while (morning := moment(datetime.combine(day, MORNING), zone)) <= at:
        day += timedelta(days=1)
    return morning


def _text(schedule: Schedule, found: queries.Coverage) -> str:
    lines = [_("In the next two weeks:"), ""]
    for gap in found.gaps[:LISTED]:
        words = _("Nobody is primary: %(span)s") if gap.duty == "primary" else _("Nobody is secondary: %(span)s")
        lines.append("- " + words % {"span": cover_words.span((gap.starts_at, gap.ends_at))})
    if len(found.gaps) > LISTED:
        lines.append("- " + _("and %(number)d gaps more") % {"number": len(found.gaps) - LISTED})
    for twice in found.twice[:LISTED]:
        span = cover_words.span((twice.starts_at, twice.ends_at))
        words = _("%(person)s is primary and secondary at once: %(span)s")
        lines.append("- " + words % {"person": twice.person, "span": span})
    unreached = _("%(person)s has no verified way to be reached")
    lines += ["- " + unreached % {"person": person} for person in found.unreachable[:LISTED]]
    for person, row in found.leavers[:LISTED]:
        words = _("%(person)s is not active any more, and the next in line takes their turns in “%(rotation)s”")
        lines.append("- " + words % {"person": person, "rotation": row.name})
    address = str(settings.PUBLIC_URL) + reverse("oncall:schedule", args=[schedule.slug])
    return "\n".join([*lines, "", address])
