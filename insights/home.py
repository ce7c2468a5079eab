"""What the home page answers: what is burning, who is on call, what do I owe, and what is not set up yet."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from alerts.models import AlertSource
from catalog.models import Service
from incidents.lifecycle import Status
from incidents.models import Incident, Page, Role, RoleAssignment
from oncall.models import EscalationPolicy, Schedule, ServicePolicy
from postmortems import queries as lessons
from postmortems.models import ActionItem, Postmortem


def burning(person: User) -> list[Incident]:
    """Open incidents the person may know of, the worst first; each with `commanders`."""
    commanders = RoleAssignment.objects.filter(role=Role.COMMANDER, left_at=None).select_related("person")
    return list(
        Incident.objects.visible_to(person)
        .open()
        .select_related("severity", "service")
        .prefetch_related(Prefetch("roles", commanders, to_attr="commanders"))
        .order_by("drill", "severity__rank", "declared_at")[:50]
    )


@dataclass(frozen=True)
class Owed:
    """What a person owes: pages to answer, triage to decide after an answer, roles held in open incidents, action
    items and postmortem drafts."""

    pages: list[Page]
    answered: list[Page]
    roles: list[RoleAssignment]
    items: list[ActionItem]
    items_more: int
    drafts: list[Postmortem]
    today: date

    @property
    def is_nothing(self) -> bool:
        return not (self.pages or self.answered or self.roles or self.items or self.drafts)


def owed_by(person: User, *, today: date) -> Owed:
    """What `person` owes now, the most pressing first."""
    seen = Incident.objects.visible_to(person)
    pages = Page.objects.filter(
        person=person, acknowledged_at=None, incident__in=seen.open(), incident__acknowledged_at=None
    )
    answered = Page.objects.filter(
        person=person, acknowledged_at__isnull=False, incident__in=seen.filter(status=Status.TRIAGE)
    )
    roles = RoleAssignment.objects.filter(person=person, left_at=None, incident__in=seen.open())
    items = lessons.action_items_visible_to(person).filter(owner=person, state__in=["open", "in_progress"])
    drafts = Postmortem.objects.filter(author=person, state__in=["draft", "in_review"], incident__in=seen)
    shown = list(items.select_related("incident").order_by("due_on", "id")[:8])
    return Owed(
        _once(pages.select_related("incident", "incident__severity").order_by("incident", "-paged_at")),
        _once(answered.select_related("incident", "incident__severity").order_by("incident", "-paged_at")),
        list(roles.select_related("incident", "incident__severity")),
        shown,
        max(0, items.count() - len(shown)),
        list(drafts.select_related("incident", "incident__severity").order_by("publish_due_at")[:8]),
        today,
    )


def _once(pages: "QuerySet[Page]") -> list[Page]:
    newest: dict[int, Page] = {}
    for page in pages:
        newest.setdefault(page.incident_id, page)
    return list(newest.values())


@dataclass(frozen=True)
class Setup:
    """One thing to set up before an alert can wake the right person."""

    title: str | Promise
    text: str | Promise
    address: str
    done: bool


def setup_steps() -> list[Setup]:
    """The way from an empty installation to the first page; empty once everything was done."""
    steps = [
        Setup(
            _("Add your people"),
            _("Invite everyone who answers for something."),
            reverse("accounts:people"),
            User.objects.filter(is_active=True).count() > 1,
        ),
        Setup(
            _("Make an on-call schedule"),
            _("Two people are enough for a primary and a secondary."),
            reverse("oncall:schedules"),
            Schedule.objects.exists(),
        ),
        Setup(
            _("Write an escalation policy"),
            _("Who is paged first, who next, and how long each has."),
            reverse("oncall:policies"),
            EscalationPolicy.objects.exists(),
        ),
        Setup(
            _("Name a service"),
            _("What you run, the team that owns it, and the policy that pages for it."),
            reverse("catalog:services"),
            Service.objects.exists() and ServicePolicy.objects.exists(),
        ),
        Setup(
            _("Connect an alert source"),
            _("Copy a snippet into Alertmanager, and see the first alert arrive."),
            reverse("alerts:sources"),
            AlertSource.objects.filter(last_seen_at__isnull=False).exists(),
        ),
    ]
    return [] if all(step.done for step in steps) else steps


def has_seen_anything() -> bool:
    """Whether an alert ever arrived or an incident was ever declared."""
    return Incident.objects.exists() or AlertSource.objects.filter(last_seen_at__isnull=False).exists()


def mail_is_missing() -> bool:
    """Whether nothing can go out by e-mail, since no mail server is set up."""
    return not (settings.EMAIL_HOST or settings.EMAIL_FILE_PATH)


def just_over(person: User, *, since: datetime) -> list[Incident]:
    """Incidents resolved since `since` that the person may know of."""
    return list(
        Incident.objects.visible_to(person)
        .filter(resolved_at__gte=since)
        .select_related("severity", "service")
        .order_by("-resolved_at")[:6]
    )
