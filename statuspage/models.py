"""What the public is told. Copied words and numbers only: no row here points at an incident."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Service


class ComponentState(models.TextChoices):
    """How a component is, from best to worst; maintenance stands beside."""

    OPERATIONAL = "operational", _("Operational")
    DEGRADED = "degraded", _("Degraded")
    PARTIAL = "partial_outage", _("Partial outage")
    MAJOR = "major_outage", _("Major outage")
    MAINTENANCE = "maintenance", _("Maintenance")


class StatusPage(models.Model):
    """One public page: /status/<slug>/, and /status/ for the default one."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_default = models.BooleanField(_("default page"), default=False)
    changed_at = models.DateTimeField()  # every change of what the page shows moves it …
    written_at = models.DateTimeField(null=True)  # … and the writer catches up

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
    state = models.CharField(max_length=16, choices=ComponentState.choices, default=ComponentState.OPERATIONAL)
    created_at = models.DateTimeField()

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
    components = models.ManyToManyField(Component, blank=True, related_name="announcements")
    started_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["page", "incident_id"], name="announcement_once_a_page")]

    def __str__(self) -> str:
        return self.title


class AnnouncementUpdate(models.Model):
    """One public update, copied. `update_id` answers "was this update published here yet?"."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="updates")
    update_id = models.BigIntegerField()
    status = models.CharField(max_length=14)
    text = models.TextField()
    posted_at = models.DateTimeField()
    next_update_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-posted_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["announcement", "update_id"], name="announced_once")]

    def __str__(self) -> str:
        return f"{self.announcement_id}: {self.status}"
