"""The one table of the core: when each clock last ticked, and how that went."""

from django.db import models


class ClockTick(models.Model):
    """The last run of one sweep. Written after every tick by whoever ran it: a worker or the watchman."""

    name = models.CharField(max_length=100, primary_key=True)
    ticked_at = models.DateTimeField()
    ran_by = models.CharField(max_length=20, default="worker")
    handled = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} at {self.ticked_at:%H:%M:%S}"
