"""What people are working on: incidents, their story, their people, and the pages that go out for them."""

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Service, Severity
from incidents import reasons
from incidents.lifecycle import OPEN, OVER, Status


class Role(models.TextChoices):
    """Who does what in a response."""

    COMMANDER = "commander", _("Commander")
    TECHNICAL_LEAD = "technical_lead", _("Technical lead")
    COMMUNICATIONS_LEAD = "communications_lead", _("Communications lead")
    SCRIBE = "scribe", _("Scribe")
    EXPERT = "expert", _("Expert")


class Kind(models.TextChoices):
    """Kinds of timeline events."""

    DECLARED = "declared", _("Declared")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    IDENTIFIED = "identified", _("Cause identified")
    MITIGATED = "mitigated", _("Mitigated")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    CLOSED = "closed", _("Closed")
    SEVERITY = "severity", _("Severity changed")
    RENAMED = "renamed", _("Renamed")
    DESCRIBED = "described", _("Summary written")
    SERVICE = "service", _("Service changed")
    TIMES = "times", _("Times corrected")
    ROLE_TAKEN = "role_taken", _("Role taken")
    ROLE_LEFT = "role_left", _("Role left")
    PAGED = "paged", _("Paged")
    PAGE_FAILED = "page_failed", _("Page failed")
    ESCALATED = "escalated", _("Escalated")
    ESCALATION_ENDED = "escalation_ended", _("Escalation ended")
    ALERT_FIRED = "alert_fired", _("Alert fired")
    ALERT_RESOLVED = "alert_resolved", _("Alert resolved")
    NOTE = "note", _("Note")
    UPDATE = "update", _("Update")
    VISIBILITY = "visibility", _("Visibility changed")
    ADMITTED = "admitted", _("Person admitted")


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents by what they mean. `visible_to` is the only door to them for a person."""

    def visible_to(self, person: User) -> "IncidentQuerySet":
        """What `person` may know of: everything that is not private, and private ones that admit them."""
        if person.is_administrator:
            return self
        return self.filter(Q(private=False) | Q(pk__in=Admission.objects.filter(person=person).values("incident")))

    def open(self) -> "IncidentQuerySet":
        return self.filter(status__in=OPEN)

    def real(self) -> "IncidentQuerySet":
        """Neither drills nor declined: what figures are made of."""
        return self.filter(drill=False).exclude(status=Status.DECLINED)

    def lock(self, pk: int) -> "Incident":
        """The row, locked for a verb (FOR NO KEY UPDATE: a plain lock would deadlock with rows that point at it).

        What it points at is read after the lock, never joined: a row that changed its severity or service while the
        lock was waited for would match no joined row, and be lost."""
        return self.select_for_update(no_key=True).prefetch_related("severity", "service").get(pk=pk)


class Incident(models.Model):
    """Something people work on together. `reference` is INC-<number>."""

    class Origin(models.TextChoices):
        PAGE = "page", _("By a person")
        API = "api", _("By a program")
        ALERT = "alert", _("By an alert")

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True, default="")
    status = models.CharField(max_length=14, choices=[(s.value, s.value) for s in Status], default=Status.INVESTIGATING)
    severity = models.ForeignKey(
        Severity, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("severity")
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("service")
    )
    private = models.BooleanField(_("private"), default=False)
    drill = models.BooleanField(_("drill"), default=False)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.PAGE)
    declared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="declared")
    decline_reason = models.CharField(max_length=300, blank=True, default="")
    head = models.PositiveIntegerField(default=0)  # the newest timeline event's seq; moves under the row's lock only

    impact_started_at = models.DateTimeField(null=True, blank=True)
    detected_at = models.DateTimeField(null=True, blank=True)
    declared_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    commander_named_at = models.DateTimeField(null=True, blank=True)
    identified_at = models.DateTimeField(null=True, blank=True)
    first_public_update_at = models.DateTimeField(null=True, blank=True)
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["status", "-number"], name="incident_status"),
            models.Index(fields=["-declared_at"], name="incident_declared"),
            models.Index(fields=["service", "-number"], name="incident_service"),
            models.Index(fields=["severity", "-number"], name="incident_severity"),
            # icontains compares in capitals, so the index must hold them
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="incident_title_trigrams"),
            GinIndex(SearchVector("title", "summary", config="simple"), name="incident_words"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="incident_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["resolved", "closed"]) | Q(resolved_at__isnull=False),
                name="incident_resolved_has_moment",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="incident_has_title"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_over(self) -> bool:
        return self.status in OVER


class Admission(models.Model):
    """A person who may see one private incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="admissions")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="admissions")
    admitted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "person"], name="admission_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.incident}"


class TimelineEvent(models.Model):
    """One line of the story. `seq` counts within its incident, without gaps. Append-only."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=120, blank=True, default="")  # a machine's or a removed person's name
    text = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["incident", "seq"]
        indexes = [
            GinIndex(
                SearchVector("text", config="simple"), name="timeline_words", condition=Q(kind__in=["note", "update"])
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["incident", "seq"], name="timeline_seq_once")]

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.seq} {self.kind}"


class Presence(models.Model):
    """A person looking at a war room through one web process, which renews `seen_at` while they do.

    A row that is not renewed (its process was killed) stops counting after a few seconds.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    process = models.UUIDField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["seen_at"]
        constraints = [models.UniqueConstraint(fields=["incident", "person", "process"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.person} looks at {self.incident_id}"


class RoleAssignment(models.Model):
    """A person in a role, for a while. One holder a role, but for experts."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="incident_roles")
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["taken_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "role"],
                name="role_held_once",
                condition=Q(left_at__isnull=True) & ~Q(role="expert"),
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "person"], name="role_person_once", condition=Q(left_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class Update(models.Model):
    """Words from the incident to an audience. A public one is put on status pages by the room above.

    `public_title`: what the public shall call the incident from now on; empty leaves that as it is.
    """

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("Inside the company")
        PUBLIC = "public", _("Public status page")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    audience = models.CharField(_("audience"), max_length=8, choices=Audience.choices)
    status = models.CharField(_("state"), max_length=14)  # the lifecycle word it was said under
    text = models.TextField(_("text"))
    public_title = models.CharField(_("public title"), max_length=200, blank=True, default="", db_default="")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    posted_at = models.DateTimeField()
    next_update_at = models.DateTimeField(_("next update at"), null=True, blank=True)

    class Meta:
        ordering = ["-posted_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="update_has_text")]

    def __str__(self) -> str:
        return f"{self.audience} update of {self.incident_id}"


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def due(self, at: datetime) -> "EscalationQuerySet":
        return self.filter(state=Escalation.State.RUNNING, next_step_at__lte=at).order_by("next_step_at", "id")


class Escalation(models.Model):
    """The plan running for one incident. `plan` is the policy as it stood, so edits never strand it.

    `next_step_at` starts the timer and None stops it. `round` and `step` name the step that fires next. Where everyone
    was paged it goes on calling the fallback; rows of before that are `exhausted` stay so. `asked`: somebody wants the
    next step now, whatever the hour.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        EXHAUSTED = "exhausted", _("Everyone was paged")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="escalations")
    policy_name = models.CharField(max_length=120)
    plan = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    round = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    asked = models.BooleanField(default=False, db_default=False)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["next_step_at"], name="escalation_due", condition=Q(state="running"))]
        constraints = [
            models.UniqueConstraint(fields=["incident"], name="escalation_runs_once", condition=Q(state="running")),
            models.CheckConstraint(
                condition=Q(state="running", next_step_at__isnull=False)
                | (~Q(state="running") & Q(next_step_at__isnull=True)),
                name="escalation_runs_with_timer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_name} for {self.incident_id}: {self.state}"

    def is_answered(self, acknowledged_at: datetime | None) -> bool:
        """Whether its incident, acknowledged at that moment, needs nobody any more: its timer was stopped, or everyone
        had been paged already when somebody acknowledged."""
        if acknowledged_at is None or self.state == self.State.RUNNING:
            return False
        return self.state == self.State.STOPPED or self.stopped_at is None or acknowledged_at >= self.stopped_at


class Page(models.Model):
    """One person asked to come to one incident, by one step. Its messages have the topic "page/<id>"."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="pages")
    escalation = models.ForeignKey(Escalation, null=True, on_delete=models.CASCADE, related_name="pages")
    round = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pages")
    reason = models.CharField(max_length=300)  # as it was said when the page went out: "primary on call of Payments"
    why = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))  # the same as values
    urgency = models.CharField(max_length=4, default="high")
    paged_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-paged_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["escalation", "round", "step", "person"], name="page_once_a_step")
        ]

    def __str__(self) -> str:
        return f"page of {self.person} for {self.incident_id}"

    @property
    def topic(self) -> str:
        return f"page/{self.pk}"

    @property
    def because(self) -> str:
        """The reason in the language now active; one of old, or in a person's words, as it was said."""
        return reasons.reason(self.why) or self.reason
