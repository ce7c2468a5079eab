"""Schedules of rotations, and the overrides laid over them."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User


class Duty(models.TextChoices):
    """Which of a schedule's two lines a rotation fills."""

    PRIMARY = "primary", _("Primary")
    SECONDARY = "secondary", _("Secondary")


class Turn(models.TextChoices):
    """How long one turn of a rotation lasts, times `turn_length`."""

    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days")
    WEEKS = "weeks", _("Weeks")
    MONTHS = "months", _("Months")


class Schedule(models.Model):
    """A calendar of who is on call. Handoffs are at wall-clock times in its zone. `holidays` says whose public holidays
    its rotations mean ("DE", "DE-BY"; empty: nobody's). At `next_check_at` its coverage is looked at."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="schedules", verbose_name=_("team")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    holidays = models.CharField(_("public holidays of"), max_length=16, blank=True, default="")
    next_check_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="schedule_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("oncall:schedule", args=[self.slug])


class RotationQuerySet(models.QuerySet["Rotation"]):
    def in_force(self) -> "RotationQuerySet":
        """The rotations as they stand; not what an edit replaced or removed."""
        return self.filter(in_force_until__isnull=True)

    def touching(self, since: datetime, until: datetime) -> "RotationQuerySet":
        """Every version that was in force at some moment of [since, until)."""
        return self.filter(
            Q(in_force_since__isnull=True) | Q(in_force_since__lt=until),
            Q(in_force_until__isnull=True) | Q(in_force_until__gt=since),
        )


class Rotation(models.Model):
    """A layer of a schedule: people who take turns. Among rotations of one duty the higher `layer` wins.

    Turn number 0 begins at `starts_on` at `handoff_time` in its zone (the schedule's, unless `time_zone` names another)
    and is the member's at place `first`. `restrictions` narrows it to hours of the week: a list of
    {"weekdays": [0-6], "from": "09:00", "until": "17:00"} (0 is Monday; empty: always), with "holidays": "except" or
    "only" where public holidays matter: those of `holidays`, or else of the schedule. A shadow (`is_shadow`) is seen in
    the calendar, is never paged and covers nothing.

    An edit changes what comes, never what was: the row as it stood stays behind as a version of its own, in force until
    the edit, and the edited row goes on from there.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="rotations")
    name = models.CharField(_("name"), max_length=120)
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.choices, default=Duty.PRIMARY)
    layer = models.PositiveSmallIntegerField(_("layer"), default=0)
    turn = models.CharField(_("turn"), max_length=8, choices=Turn.choices, default=Turn.WEEKS)
    turn_length = models.PositiveSmallIntegerField(_("every"), default=1)
    handoff_time = models.TimeField(_("handoff at"))
    starts_on = models.DateField(_("first handoff on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    restrictions = models.JSONField(default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    holidays = models.CharField(_("public holidays of"), max_length=16, blank=True, default="")
    is_shadow = models.BooleanField(_("shadow"), default=False)
    first = models.PositiveSmallIntegerField(default=0)
    in_force_since = models.DateTimeField(null=True, blank=True)
    in_force_until = models.DateTimeField(null=True, blank=True)
    version_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="versions")

    objects = RotationQuerySet.as_manager()

    class Meta:
        ordering = ["duty", "-layer", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(in_force_since__isnull=True)
                | Q(in_force_until__isnull=True)
                | Q(in_force_until__gt=F("in_force_since")),
                name="rotation_in_force_forward",
            ),
            models.CheckConstraint(condition=Q(turn_length__gte=1), name="rotation_turn_positive"),
            models.CheckConstraint(condition=Q(turn__in=Turn.values), name="rotation_turn_known"),
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="rotation_duty_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="rotation_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.name}"


class RotationMember(models.Model):
    """Somebody in a rotation's order of turns; those of the same position hold their turns together."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rotation_places")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["rotation", "position", "person"], name="rotation_person_once_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.person}"


class Override(models.Model):
    """Somebody takes a duty for a half-open period, whatever the rotations say. Two never overlap."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="overrides")
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.choices, default=Duty.PRIMARY)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="overrides", verbose_name=_("who"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after_start"),
            ExclusionConstraint(
                name="override_alone",
                expressions=[
                    ("schedule", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.schedule} from {self.starts_at:%d %b %H:%M}"
