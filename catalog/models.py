"""What we run, and how much its failures matter."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Team

MINUTES_HELP = _("In minutes; empty for no promise.")


class Severity(models.Model):
    """A policy row: what SEV1…SEV4 mean here, and what each promises. `rank` 1 is the worst."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=60)
    rank = models.PositiveSmallIntegerField(unique=True)
    description = models.TextField(_("when"), blank=True, default="")
    aliases = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("also known as"))
    urgency = models.CharField(
        _("urgency"),
        max_length=4,
        choices=[("high", _("High: wakes people")), ("low", _("Low: working hours"))],
        default="high",
    )
    acknowledge_minutes = models.PositiveIntegerField(
        _("acknowledge within"), null=True, blank=True, help_text=MINUTES_HELP
    )
    required_roles = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("roles required")
    )
    commander_minutes = models.PositiveIntegerField(
        _("commander named within"), null=True, blank=True, help_text=MINUTES_HELP
    )
    internal_update_minutes = models.PositiveIntegerField(
        _("internal update every"), null=True, blank=True, help_text=MINUTES_HELP
    )
    public_update_minutes = models.PositiveIntegerField(
        _("public update every"), null=True, blank=True, help_text=MINUTES_HELP
    )
    restore_minutes = models.PositiveIntegerField(_("restore within"), null=True, blank=True, help_text=MINUTES_HELP)
    lose_at_most_minutes = models.PositiveIntegerField(_("lose at most"), null=True, blank=True, help_text=MINUTES_HELP)
    postmortem_required = models.BooleanField(_("postmortem required"), default=False)
    meeting_hours = models.PositiveIntegerField(_("review meeting within hours"), null=True, blank=True)
    publish_hours = models.PositiveIntegerField(_("postmortem published within hours"), null=True, blank=True)
    due_days_immediate = models.PositiveSmallIntegerField(_("days for immediate action items"), default=30)
    due_days_short = models.PositiveSmallIntegerField(_("days for short-term action items"), default=60)
    due_days_long = models.PositiveSmallIntegerField(_("days for long-term action items"), default=90)

    class Meta:
        ordering = ["rank"]
        verbose_name_plural = "severities"
        constraints = [
            models.CheckConstraint(condition=models.Q(urgency__in=["high", "low"]), name="severity_urgency_known")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def spans(self) -> dict[str, timedelta | None]:
        """Every promise in time, None where there is none: acknowledge, commander, internal_update, public_update,
        restore, lose_at_most, meeting, publish."""
        found: dict[str, timedelta | None] = {}
        for field in self._meta.fields:
            name, _line, unit = field.name.rpartition("_")
            if unit in {"minutes", "hours"}:
                value = getattr(self, field.name)
                found[name] = None if value is None else timedelta(**{unit: value})
        return found


class Service(models.Model):
    """Something we run that can fail, with the team that answers for it. Its policy hangs on it from oncall/."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    owner = models.ForeignKey(
        Team, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="services"
    )
    tier = models.PositiveSmallIntegerField(
        _("tier"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text=_("1 is what customers miss first."),
    )
    links = models.JSONField(default=list, blank=True)  # [{"title": str, "url": str}]
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="needed_by", verbose_name=_("depends on")
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["tier", "name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="service_name_once")]

    def __str__(self) -> str:
        return self.name
