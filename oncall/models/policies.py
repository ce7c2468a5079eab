"""Escalation policies: the plans by which people are paged."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from catalog.models import Service
from oncall.models.schedules import Duty, Schedule


class EscalationPolicy(models.Model):
    """The plan: steps in order, then again `repeat_times` more, then the fallback. It never ends in silence:
    without a fallback person the administrators are paged."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, default="")
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="policies", verbose_name=_("team")
    )
    repeat_times = models.PositiveSmallIntegerField(_("repeat"), default=1)
    fallback = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("final fallback")
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "escalation policies"
        constraints = [models.UniqueConstraint(Lower("name"), name="policy_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("oncall:policy", args=[self.pk])


class Step(models.Model):
    """One step of a policy: page these targets, then wait before the next step."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_seconds = models.PositiveIntegerField(_("wait before the next step"), default=300)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "position"], name="step_position_once", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy}, step {self.position + 1}"


class Target(models.Model):
    """Whom a step pages: a person, everyone of a team, or whoever holds a schedule's duty at that moment."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        TEAM = "team", _("Everyone in a team")
        SCHEDULE = "schedule", _("On call in a schedule")

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.CASCADE, related_name="targets")
    duty = models.CharField(max_length=12, choices=Duty.choices, default=Duty.PRIMARY)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="target_names_its_kind",
                condition=Q(kind="person", person__isnull=False, team__isnull=True, schedule__isnull=True)
                | Q(kind="team", person__isnull=True, team__isnull=False, schedule__isnull=True)
                | Q(kind="schedule", person__isnull=True, team__isnull=True, schedule__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person or self.team or self.schedule}"


class ServicePolicy(models.Model):
    """Which policy pages for a service."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="paging")
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="services")

    def __str__(self) -> str:
        return f"{self.service}: {self.policy}"
