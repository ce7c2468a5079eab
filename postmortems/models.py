"""What was learnt, and who does what about it."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from incidents.models import Incident

SECTIONS = (
    *("summary", "impact", "timeline", "detection", "response"),
    *("went_well", "could_be_better", "lucky", "lessons"),
)


class Postmortem(models.Model):
    """The written lesson of one incident."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        WAIVED = "waived", _("Waived")

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="postmortem")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="postmortems", verbose_name=_("author")
    )
    summary = models.TextField(_("summary"), blank=True, default="")
    impact = models.TextField(_("impact"), blank=True, default="")
    timeline = models.TextField(_("timeline"), blank=True, default="")
    detection = models.TextField(_("detection"), blank=True, default="")
    response = models.TextField(_("response"), blank=True, default="")
    went_well = models.TextField(_("what went well"), blank=True, default="")
    could_be_better = models.TextField(_("what could be better"), blank=True, default="")
    lucky = models.TextField(_("where we got lucky"), blank=True, default="")
    lessons = models.TextField(_("lessons"), blank=True, default="")
    meeting_due_at = models.DateTimeField(null=True, blank=True)
    publish_due_at = models.DateTimeField(null=True, blank=True)
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    waived_reason = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(
        default=1
    )  # an edit names the version it read, so nobody's words are overwritten

    class Meta:
        ordering = ["-drafted_at"]

    def __str__(self) -> str:
        return f"Postmortem of {self.incident}"


def section_label(name: str) -> str:
    """The heading of a section."""
    field = Postmortem._meta.get_field(name)
    assert isinstance(field, models.Field)
    return capfirst(str(field.verbose_name))


class ContributingFactor(models.Model):
    """One of the several things that together made it happen."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="factors")
    text = models.CharField(_("factor"), max_length=500)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class ActionItemQuerySet(models.QuerySet["ActionItem"]):
    """Items by what they mean."""

    def open(self) -> "ActionItemQuerySet":
        """Neither done nor dropped."""
        return self.filter(state__in=["open", "in_progress"])

    def overdue(self, on: date) -> "ActionItemQuerySet":
        """Open, and due before the day `on`."""
        return self.open().filter(due_on__lt=on)

    def due_within(self, on: date, days: int) -> "ActionItemQuerySet":
        """Open, and due in the `days` that begin with `on`."""
        return self.open().filter(due_on__gte=on, due_on__lt=on + timedelta(days=days))

    def owned_by(self, person: User) -> "ActionItemQuerySet":
        return self.filter(owner=person)

    def of_team(self, team: Team) -> "ActionItemQuerySet":
        """Of the people who are in `team`."""
        return self.filter(owner__memberships__team=team)

    def to_remind(self, at: datetime) -> "ActionItemQuerySet":
        """Open ones whose next reminder is due."""
        return self.open().filter(next_reminder_at__lte=at).order_by("next_reminder_at", "id")

    def by_priority(self, priority: str) -> "ActionItemQuerySet":
        return self.filter(priority=priority)


class ActionItem(models.Model):
    """Something somebody promised to do by a day."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        WONT_DO = "wont_do", _("Won't do")

    class Kind(models.TextChoices):
        PREVENT = "prevent", _("Prevent")
        DETECT = "detect", _("Detect")
        MITIGATE = "mitigate", _("Mitigate")
        REPAIR = "repair", _("Repair")
        PROCESS = "process", _("Process")

    class Priority(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    class Horizon(models.TextChoices):
        IMMEDIATE = "immediate", _("Immediate")
        SHORT = "short", _("Short term")
        LONG = "long", _("Long term")

    incident = models.ForeignKey(
        Incident,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="action_items",
        verbose_name=_("incident"),
    )
    title = models.CharField(_("what"), max_length=200)
    details = models.TextField(_("done when"), blank=True, default="")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PREVENT)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.MEDIUM)
    horizon = models.CharField(_("horizon"), max_length=10, choices=Horizon.choices, default=Horizon.SHORT)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="action_items", verbose_name=_("owner"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    next_reminder_at = models.DateTimeField(null=True, blank=True)  # None: there is nothing to remind of

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on"], name="action_item_open", condition=Q(state__in=["open", "in_progress"])),
            models.Index(
                fields=["next_reminder_at"], name="action_item_remind", condition=Q(next_reminder_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(state="done") | ~Q(evidence=""), name="action_item_done_has_evidence"),
            models.CheckConstraint(
                condition=~Q(state="wont_do") | ~Q(reason=""), name="action_item_dropped_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title
