"""How well we keep our word: objectives per service."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Service


class Objective(models.Model):
    """A promise for a service: available for at least `percent` of the last `window_days` days."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="objectives", verbose_name=_("service"))
    name = models.CharField(_("name"), max_length=120, default="Availability")
    percent = models.DecimalField(
        _("objective in %"),
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(50)), MaxValueValidator(Decimal("99.9999"))],
    )
    window_days = models.PositiveSmallIntegerField(
        _("window in days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["service__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="objective_name_once"),
            models.CheckConstraint(condition=models.Q(percent__gte=50, percent__lt=100), name="objective_possible"),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.percent} %"
