"""What machines report: sources with their keys, the durable inbox, and alerts with their occurrences."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.models import Service, Severity
from incidents.models import Incident


class SourceKind(models.TextChoices):
    """The tools we can read; one parser a file in sources/."""

    ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")


class AlertSource(models.Model):
    """A configured tool that sends us alerts for one service."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("tool"), max_length=30, choices=SourceKind.choices)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="alert_sources", verbose_name=_("service")
    )
    default_severity = models.ForeignKey(
        Severity,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("severity when the alert names none"),
    )
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="alert_source_name_once")]

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A secret that lets a tool speak as its source. Shown once; two may be valid at a time, so that keys rotate."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=8)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.source_id}"


class PayloadQuerySet(models.QuerySet["Payload"]):
    def due(self, at: datetime) -> "PayloadQuerySet":
        return self.filter(state=Payload.State.WAITING, next_attempt_at__lte=at).order_by("id")


class Payload(models.Model):
    """The durable inbox: what arrived, byte for byte, committed before the sender is answered."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Read")
        UNREADABLE = "unreadable", _("Unreadable")

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="payloads")
    body = models.BinaryField()
    content_type = models.CharField(max_length=120, blank=True, default="")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    alert_count = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True, default="")

    objects = PayloadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], name="payload_due", condition=Q(state="waiting")),
            models.Index(fields=["source", "-id"], name="payload_of_source"),
        ]

    def __str__(self) -> str:
        return f"payload {self.pk} of {self.source_id}: {self.state}"


class Alert(models.Model):
    """One condition a machine reports, identified within its source by its dedup key (compared by SHA-256)."""

    class State(models.TextChoices):
        FIRING = "firing", _("Firing")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        RESOLVED = "resolved", _("Resolved")

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="alerts")
    dedup_key = models.TextField()
    dedup_digest = models.BinaryField(max_length=32)
    group_key = models.TextField(blank=True, default="")
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True, default="")
    severity = models.CharField(max_length=10, blank=True, default="")  # critical, error, warning, info or empty
    labels = models.JSONField(default=dict)
    links = models.JSONField(default=list)  # [{"title": str, "url": str}]
    state = models.CharField(max_length=12, choices=State.choices)
    service = models.ForeignKey(Service, null=True, on_delete=models.SET_NULL, related_name="alerts")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="alerts")
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    deliveries = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        indexes = [
            models.Index(fields=["-last_seen_at", "-id"], name="alert_newest"),
            models.Index(fields=["incident"], name="alert_of_incident"),
            models.Index(fields=["service"], name="alert_firing_of_service", condition=~Q(state="resolved")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "dedup_digest"], name="alert_once_a_key"),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at__isnull=True)),
                name="alert_resolved_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Occurrence(models.Model):
    """One firing episode of an alert. At most one is open at a time."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="occurrences")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="occurrences")
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], name="occurrence_open_once", condition=Q(resolved_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} from {self.started_at}"
