"""Templates: the rotations that most teams want, laid out by one form."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.middleware import zone_or_utc
from oncall.actions.rotations import create_rotation
from oncall.models import Duty, Schedule
from oncall.values import RotationValues
from oncall.wallclock import moment, shown

TEN, NINE = time(10), time(9)
WEEKDAYS, EVERY_DAY = [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6]
Site = tuple[str, Sequence[User]]  # a time zone, and who works there


def team_of(people: Sequence[User], *, starts_on: date, handoff_time: time = TEN) -> list[RotationValues]:
    """Weekly turns as primary, and as secondary the week before one's own primary week, so that whoever takes over has
    watched for a week. It takes two people or more."""
    if len(people) < 2:
        raise Refused(
            _("It takes at least two people: one is primary while another is secondary."),
            code="too_few_people",
            status=400,
        )
    ahead = [*people[1:], people[0]]
    return [
        RotationValues(name=_("Weekly primary"), duty=Duty.PRIMARY, people=people, handoff_time=handoff_time,
                       starts_on=starts_on),
        RotationValues(name=_("Weekly secondary"), duty=Duty.SECONDARY, people=ahead, handoff_time=handoff_time,
                       starts_on=starts_on),
    ]  # fmt: skip


def follow_the_sun(sites: Sequence[Site], *, zone: str, starts_on: date) -> list[RotationValues]:
    """Each site from its own nine o'clock, as it is on the first day, until the next site's, by one clock: that of
    `zone`. So the day is always whole; when a site changes its clocks, its hours there move and no gap opens."""
    if len(sites) < 2:
        raise Refused(_("It takes at least two places to follow the sun."), code="too_few_places", status=400)
    here = zone_or_utc(zone)
    begins = sorted(((_begins(ZoneInfo(place), here, starts_on), place, people) for place, people in sites),
                    key=lambda site: site[0])  # fmt: skip
    found = []
    for number, (opens, place, people) in enumerate(begins):
        closes = begins[(number + 1) % len(begins)][0]
        if opens == closes:
            raise Refused(
                _("%(place)s and %(other)s begin at the same hour; choose places further apart.")
                % {"place": place, "other": begins[(number + 1) % len(begins)][1]},
                code="same_hour",
                status=400,
            )
        hours = {"weekdays": EVERY_DAY, "from": f"{opens:%H:%M}", "until": f"{closes:%H:%M}"}
        found.append(
            RotationValues(name=place.rpartition("/")[2].replace("_", " "), people=people, handoff_time=opens,
                           starts_on=starts_on, restrictions=[hours])
        )  # fmt: skip
    return found


def days_and_nights(
    by_day: Sequence[User],
    by_night: Sequence[User],
    *,
    starts_on: date,
    opens: time = NINE,
    closes: time = time(17),
    holidays: str = "",
) -> list[RotationValues]:
    """Some take the working hours, Monday to Friday, and others everything else: nights, weekends and, where `holidays`
    names a country, its public holidays."""
    hours = {"weekdays": WEEKDAYS, "from": f"{opens:%H:%M}", "until": f"{closes:%H:%M}"}
    working = {**hours, "holidays": "except"} if holidays else hours
    return [
        RotationValues(name=_("Nights and weekends"), people=by_night, handoff_time=opens, starts_on=starts_on),
        RotationValues(name=_("Working hours"), people=by_day, handoff_time=opens, starts_on=starts_on, layer=1,
                       restrictions=[working]),
    ]  # fmt: skip


def lay_out(schedule: Schedule, rotations: Sequence[RotationValues], *, actor: User | None, at: datetime) -> Schedule:
    """The schedule with these rotations. Refused where it has some already."""
    with transaction.atomic():
        fresh = Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)
        if fresh.rotations.in_force().exists():
            raise Refused(_("This schedule has rotations already; a template is for an empty one."), code="not_empty")
        made = [create_rotation(fresh, values) for values in rotations]
        after = {row.name: [str(member.person) for member in row.members.select_related("person")] for row in made}
        audit.record(actor, "lay out schedule", fresh.name, before={}, after=after, at=at)
    return fresh


def _begins(place: ZoneInfo, here: ZoneInfo, day: date) -> time:
    begins = shown(moment(datetime.combine(day, NINE), place), here)
    return (begins + timedelta(seconds=30)).time().replace(second=0, microsecond=0)
