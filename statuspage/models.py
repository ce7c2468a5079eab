"""What the public is told. Copied words and numbers only: no row here points at an incident."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Service

PUBLIC_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_public_id() -> str:
    """Twelve random letters and digits: what the world sees instead of our own numbers, so that nobody counts them."""
    return get_random_string(12, PUBLIC_ID_LETTERS)


class ComponentState(models.TextChoices):
    """How a component is, from best to worst; maintenance stands beside."""

    OPERATIONAL = "operational", _("Operational")
    DEGRADED = "degraded", _("Degraded")
    PARTIAL = "partial_outage", _("Partial outage")
    MAJOR = "major_outage", _("Major outage")
    MAINTENANCE = "maintenance", _("Maintenance")


class StatusPageQuerySet(models.QuerySet["StatusPage"]):
    """Pages by what the writer owes them."""

    def changed(self, at: datetime) -> None:
        """What these pages show has changed: the writer will catch up. In the transaction of the change."""
        self.update(revision=F("revision") + 1, changed_at=at)


class StatusPage(models.Model):
    """One public page: /status/<slug>/, and /status/ for the default one.

    `revision` moves in the transaction of every change of what the page shows; the writer follows with
    `written_revision`. `write_after` holds a writer's lease, or puts off a page that could not be written.
    """

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    is_default = models.BooleanField(_("default page"), default=False)
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id)
    revision = models.PositiveIntegerField(default=1)
    written_revision = models.PositiveIntegerField(default=0)
    written_look = models.CharField(
        max_length=64, blank=True, default=""
    )  # the templates and styles it was written with
    changed_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    write_after = models.DateTimeField(null=True)
    write_failure = models.TextField(blank=True, default="")

    objects = StatusPageQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], name="status_page_one_default", condition=Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A part of what we offer, in words customers know; the services behind it stay inside."""

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="components")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    group = models.CharField(_("group"), max_length=120, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    services = models.ManyToManyField(Service, blank=True, related_name="components", verbose_name=_("services"))
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id)
    state = models.CharField(max_length=16, choices=ComponentState.choices, default=ComponentState.OPERATIONAL)
    # A person's word goes before what the incidents say, until a person takes it back.
    hand_state = models.CharField(max_length=16, choices=ComponentState.choices, blank=True, default="")
    hand_reason = models.CharField(max_length=300, blank=True, default="")
    hand_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    hand_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["page", "group", "name"], name="component_name_once")]

    def __str__(self) -> str:
        return self.name


class StateInterval(models.Model):
    """A component was in one state for a half-open period; the open one is now. Uptime is computed from these."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="intervals")
    state = models.CharField(max_length=16, choices=ComponentState.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["component"], name="interval_open_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="interval_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.state} from {self.started_at}"


class Announcement(models.Model):
    """An incident as the public sees it on one page. `incident_id` is a number to look down by, not a foreign key."""

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="announcements")
    incident_id = models.BigIntegerField()
    public_id = models.CharField(max_length=16, unique=True)  # random, so that nobody counts our incidents
    title = models.CharField(_("title"), max_length=200)
    status = models.CharField(max_length=14)  # investigating, identified, monitoring, resolved
    impact = models.CharField(max_length=8, default="minor")  # none, minor, major, critical
    components = models.ManyToManyField(
        Component, through="AffectedComponent", blank=True, related_name="announcements"
    )
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["incident_id"], name="announcement_incident")]
        constraints = [models.UniqueConstraint(fields=["page", "incident_id"], name="announcement_once_a_page")]

    def __str__(self) -> str:
        return self.title


class AffectedComponent(models.Model):
    """What one announcement says about one component. `chosen`: by a person, so the severity moves it no more."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="affected")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="affected")
    state = models.CharField(max_length=16, choices=ComponentState.choices)
    chosen = models.BooleanField(default=False)

    class Meta:
        ordering = ["component__position", "component__name"]
        constraints = [models.UniqueConstraint(fields=["announcement", "component"], name="affected_once")]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.state}"


class AnnouncementUpdate(models.Model):
    """One public update, copied. `update_id` answers "was this update published here yet?"; it is empty for the words
    Muster writes itself when an incident ends or begins again without any."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="updates")
    update_id = models.BigIntegerField(null=True)
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id)
    status = models.CharField(max_length=14)
    text = models.TextField()
    affected = models.JSONField(default=list)  # [{"code", "name", "old", "new"}], codes are public ids
    posted_at = models.DateTimeField()
    next_update_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-posted_at", "-id"]
        indexes = [models.Index(fields=["update_id"], name="announced_update")]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "update_id"], name="announced_once"),
            models.UniqueConstraint(
                fields=["announcement", "status", "posted_at"],
                name="announced_by_itself_once",
                condition=Q(update_id__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id}: {self.status}"
