"""Who stands in: absences, and swaps of shifts."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from oncall.models.schedules import Duty, Schedule

_PERIOD = Func("starts_at", "ends_at", RangeBoundary(), function="tstzrange", output_field=DateTimeRangeField())


class AbsenceKind(models.TextChoices):
    """Why somebody is away; more is nobody's business."""

    HOLIDAY = "holiday", _("Holiday")
    SICK = "sick", _("Sick")
    OTHER = "other", _("Other")


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by when they hold."""

    def standing(self) -> "AbsenceQuerySet":
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def touching(self, since: datetime, until: datetime) -> "AbsenceQuerySet":
        """Those that hold at some moment of [since, until)."""
        return self.standing().filter(starts_at__lt=until, ends_at__gt=since)

    def to_look_at(self, at: datetime) -> "AbsenceQuerySet":
        """Those whose shifts are to be looked at again."""
        return self.standing().filter(next_look_at__lte=at).order_by("next_look_at", "id")


class Absence(models.Model):
    """Somebody is away for a half-open period. Each shift it touches is offered to the others by itself."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences", verbose_name=_("who"))
    kind = models.CharField(_("kind"), max_length=8, choices=AbsenceKind.choices, default=AbsenceKind.HOLIDAY)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Shifts may come to the person while the absence stands: it is looked at again until it is over.
    next_look_at = models.DateTimeField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["next_look_at"], name="absence_due", condition=Q(next_look_at__isnull=False)),
            models.Index(fields=["ends_at"], name="absence_standing", condition=Q(withdrawn_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
            models.CheckConstraint(condition=Q(kind__in=AbsenceKind.values), name="absence_kind_known"),
            ExclusionConstraint(
                name="absence_alone",
                expressions=[("person", RangeOperators.EQUAL), (_PERIOD, RangeOperators.OVERLAPS)],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} away from {self.starts_at:%d %b %H:%M}"


class SwapState(models.TextChoices):
    """Where a swap stands; all but `open` are final."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Nobody took it")


class SwapQuerySet(models.QuerySet["Swap"]):
    """Swaps by where they stand."""

    def open(self) -> "SwapQuerySet":
        return self.filter(state=SwapState.OPEN)

    def to_remind(self, at: datetime) -> "SwapQuerySet":
        """Open ones at which something is due: a reminder, or their end."""
        return self.open().filter(next_reminder_at__lte=at).order_by("next_reminder_at", "id")


class Swap(models.Model):
    """`person` offers a shift, or a part of it, to somebody or (`offered_to` empty) to everybody of the schedule.

    Whoever accepts first takes it; where an exchange was asked, `person` takes the returned shift. `absence`: the one
    that opened it by itself."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="swaps")
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.choices, default=Duty.PRIMARY)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="swaps_offered")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    offered_to = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    return_duty = models.CharField(max_length=12, choices=Duty.choices, blank=True, default="")
    return_starts_at = models.DateTimeField(null=True, blank=True)
    return_ends_at = models.DateTimeField(null=True, blank=True)
    absence = models.ForeignKey(Absence, null=True, blank=True, on_delete=models.SET_NULL, related_name="swaps")
    state = models.CharField(max_length=10, choices=SwapState.choices, default=SwapState.OPEN)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="swaps_taken")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    next_reminder_at = models.DateTimeField(null=True, blank=True)

    objects = SwapQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["next_reminder_at"], name="swap_due", condition=Q(state="open"))]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_ends_after_start"),
            models.CheckConstraint(condition=Q(state__in=SwapState.values), name="swap_state_known"),
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="swap_duty_known"),
            models.CheckConstraint(
                condition=Q(state="accepted", taken_by__isnull=False) | Q(~Q(state="accepted"), taken_by__isnull=True),
                name="swap_taken_by_one",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, next_reminder_at__isnull=False)
                | Q(~Q(state="open"), closed_at__isnull=False, next_reminder_at__isnull=True),
                name="swap_open_is_due",
            ),
            models.CheckConstraint(
                condition=Q(return_starts_at__isnull=True, return_ends_at__isnull=True, return_duty="")
                | Q(return_ends_at__gt=F("return_starts_at"), return_duty__in=Duty.values, offered_to__isnull=False),
                name="swap_return_whole",
            ),
            ExclusionConstraint(
                name="swap_open_alone",
                expressions=[
                    ("schedule", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (_PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} offers {self.schedule} from {self.starts_at:%d %b %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("oncall:swap", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == SwapState.OPEN


class SwapAsk(models.Model):
    """One person was asked to take one swap; a link in a message belongs to this row."""

    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="asks")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="swap_asks")
    asked_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["swap", "person"], name="swap_asked_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.swap}"
