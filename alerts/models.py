"""What machines report: sources with their keys, the durable inbox, and alerts with their occurrences."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from alerts import failures
from alerts.telling import FAMILY, telling
from catalog.models import Service, Severity
from incidents.lifecycle import OPEN
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
    unreadable_told_at = models.DateTimeField(null=True, blank=True)  # when its people were last told of a loss
    recent_bundles = ArrayField(models.DateTimeField(), default=list)  # when it last had something new, for storms

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
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.source_id}"

    def is_valid(self, at: datetime) -> bool:
        """Whether it opens the door at `at`."""
        return self.expires_at is None or at < self.expires_at


class SourceMinute(models.Model):
    """What the door took from a source in one minute. Figures only: a killed process loses its last second of them."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="minutes", db_index=False)
    minute = models.DateTimeField()
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)  # not readable (400)
    overloaded = models.PositiveIntegerField(default=0)  # sent back to try again (503)

    class Meta:
        ordering = ["minute"]
        constraints = [models.UniqueConstraint(fields=["source", "minute"], name="source_minute_once")]

    def __str__(self) -> str:
        return f"{self.accepted} of {self.source_id} at {self.minute:%H:%M}"


class PayloadQuerySet(models.QuerySet["Payload"]):
    def due(self, at: datetime) -> "PayloadQuerySet":
        return self.filter(state=Payload.State.WAITING, next_attempt_at__lte=at).order_by("id")

    def unreadable(self) -> "PayloadQuerySet":
        return self.filter(state=Payload.State.UNREADABLE)

    def not_wholly_read(self) -> "PayloadQuerySet":
        """Unreadable, or read in part."""
        return self.filter(state__in=[Payload.State.UNREADABLE, Payload.State.IN_PART])


class Payload(models.Model):
    """The durable inbox: what arrived, byte for byte, committed before the sender is answered."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Read")
        IN_PART = "in_part", _("Read in part")
        UNREADABLE = "unreadable", _("Unreadable")

    class Trial(models.TextChoices):
        """A test sent from the source's page: it declares nothing, or a drill that pages who is on call."""

        NO = "", _("Not a test")
        QUIET = "quiet", _("Test without paging")
        PAGING = "paging", _("Test that pages as a drill")

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="payloads", db_index=False)
    body = models.BinaryField()
    content_type = models.CharField(max_length=120, blank=True, default="")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    alert_count = models.PositiveIntegerField(default=0)
    alert_ids = ArrayField(models.BigIntegerField(), default=list)
    unreadable_count = models.PositiveIntegerField(default=0, db_default=0)  # alerts in it that were not taken in
    unreadable = ArrayField(models.TextField(), null=True)  # the first sentences about them
    read_at = models.DateTimeField(null=True)  # last; while it waits, it is set only if it is to be read again
    failure = models.TextField(blank=True, default="")
    trial = models.CharField(max_length=6, choices=Trial.choices, blank=True, default=Trial.NO)

    objects = PayloadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["source", "id"], name="payload_waiting", condition=Q(state="waiting")),
            models.Index(fields=["source", "-id"], name="payload_unreadable", condition=Q(state="unreadable")),
            models.Index(fields=["source", "-id"], name="payload_in_part", condition=Q(state="in_part")),
            models.Index(fields=["source", "-id"], name="payload_of_source"),
        ]

    def __str__(self) -> str:
        return f"payload {self.pk} of {self.source_id}: {self.state}"

    @property
    def failure_told(self) -> str:
        """Why it could not be read, in the language now active."""
        return failures.told(self.failure)

    @property
    def unreadable_told(self) -> list[str]:
        """What is known of its unreadable alerts, in the language now active."""
        return [failures.told(sentence) for sentence in self.unreadable or ()]

    @property
    def unreadable_more(self) -> int:
        """How many of them no sentence is kept of."""
        return self.unreadable_count - len(self.unreadable or ())


class AlertGroup(models.Model):
    """Alerts that their tool put together (Alertmanager's groupKey), and the incident they went to last."""

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="groups", db_index=False)
    key = models.TextField()
    digest = models.BinaryField(max_length=32)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="alert_group_once")]

    def __str__(self) -> str:
        return self.key


SOURCE_LINKS = ("Query", "Alertmanager")


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, person: User) -> "AlertQuerySet":
        """Alerts `person` may know of: those of a private incident only where the incident admits them."""
        if person.is_administrator:
            return self
        return self.exclude(
            incident__in=Incident.objects.filter(private=True).exclude(pk__in=person.admissions.values("incident"))
        )

    def firing(self) -> "AlertQuerySet":
        """Not resolved, acknowledged or not."""
        return self.exclude(state=Alert.State.RESOLVED)

    def in_state(self, word: str) -> "AlertQuerySet":
        """firing (and nobody on it), acknowledged (firing, and its incident is acknowledged) or resolved."""
        if word == Alert.State.RESOLVED:
            return self.filter(state=Alert.State.RESOLVED)
        if word == Alert.State.ACKNOWLEDGED:
            return self.firing().filter(incident__status__in=OPEN, incident__acknowledged_at__isnull=False)
        alone = Q(incident=None) | ~Q(incident__status__in=OPEN) | Q(incident__acknowledged_at=None)
        return self.firing().filter(alone)


class Alert(models.Model):
    """One condition a machine reports, identified within its source by its dedup key (compared by SHA-256)."""

    class State(models.TextChoices):
        FIRING = "firing", _("Firing")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        RESOLVED = "resolved", _("Resolved")

    source = models.ForeignKey(AlertSource, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    dedup_key = models.TextField()
    dedup_digest = models.BinaryField(max_length=32)
    group = models.ForeignKey(AlertGroup, null=True, on_delete=models.SET_NULL, related_name="alerts", db_index=False)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True, default="")
    severity = models.CharField(max_length=10, blank=True, default="")  # critical, error, warning, info or empty
    labels = models.JSONField(default=dict)
    links = models.JSONField(default=list)  # [{"title": str, "url": str}]
    state = models.CharField(max_length=12, choices=State.choices)
    service = models.ForeignKey(Service, null=True, on_delete=models.SET_NULL, related_name="alerts", db_index=False)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="alerts", db_index=False)
    started_at = models.DateTimeField()
    newest_start_at = models.DateTimeField()  # HA pairs name slightly different starts for one episode
    resolved_at = models.DateTimeField(null=True)
    said_end_at = models.DateTimeField(null=True)  # the end in the machine's words; None if a person ended it
    changed_at = models.DateTimeField()  # when we learnt that it fired or was resolved; repeats leave it alone
    last_seen_at = models.DateTimeField()
    last_payload_id = models.BigIntegerField(null=True)
    deliveries = models.PositiveIntegerField(default=1)
    is_test = models.BooleanField(default=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="alert_newest"),
            models.Index(fields=["-changed_at", "-id"], name="alert_firing", condition=~Q(state="resolved")),
            models.Index(fields=["source", "-changed_at", "-id"], name="alert_of_source"),
            models.Index(fields=["service", "-changed_at", "-id"], name="alert_of_service"),
            models.Index(fields=["incident"], name="alert_of_incident"),
            models.Index(fields=["group"], name="alert_firing_of_group", condition=~Q(state="resolved")),
            # icontains compares in capitals, so the index must hold them
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="alert_title_trigrams"),
            GinIndex(fields=["labels"], name="alert_labels", opclasses=["jsonb_path_ops"]),
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

    @property
    def shown_state(self) -> str:
        """The state as people and programs see it: a firing alert is acknowledged while its open incident is."""
        incident = self.incident
        if self.state == self.State.FIRING and incident and incident.is_open and incident.acknowledged_at:
            return self.State.ACKNOWLEDGED
        return self.state

    @property
    def telling(self) -> list[str]:
        """Two labels that tell it from its siblings."""
        return telling(self.labels)

    @property
    def runbook_url(self) -> str:
        """Where to read what to do about it; empty where its tool names no runbook."""
        return next((link["url"] for link in self.links if link["title"].lower() == "runbook"), "")

    @property
    def source_url(self) -> str:
        """Where its tool shows it: the query if there is one, else the tool itself."""
        others = [link["url"] for link in self.links if link["title"] in SOURCE_LINKS]
        return others[0] if others else ""

    @property
    def severity_family(self) -> str:
        return FAMILY.get(self.severity, "slate")


class Occurrence(models.Model):
    """One firing episode of an alert. At most one is open at a time."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="occurrences")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="occurrences")
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=20, blank=True, default="")  # alerts.grouping.Why: how it met its incident
    opened_by = models.BigIntegerField(null=True)  # payload ids; payloads are thrown away before occurrences are
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], name="occurrence_open_once", condition=Q(resolved_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} from {self.started_at}"
