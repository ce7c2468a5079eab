"""Who works at the example company, what it runs, and who answers for it."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from accounts.models import Team, User
from catalog.models import Service
from notifications.models import ChannelName, ContactMethod, NotificationRule
from oncall.models import Duty, EscalationPolicy, Rotation, Schedule, ServicePolicy, Step, Target
from reliability.models import Objective
from statuspage.models import Component, StatusPage

DOMAIN = "demo.example"
PEOPLE = [  # name, role, time zone, team
    ("Mira Okafor", "manager", "Europe/Berlin", "Payments"),
    ("Jonas Lindqvist", "responder", "Europe/Stockholm", "Payments"),
    ("Priya Raman", "responder", "Asia/Kolkata", "Payments"),
    ("Tomás Herrera", "responder", "America/Mexico_City", "Payments"),
    ("Sana Malik", "responder", "Asia/Karachi", "Payments"),
    ("Ben Whitlock", "responder", "Europe/London", "Payments"),
    ("Li Wei", "manager", "Asia/Shanghai", "Platform"),
    ("Aoife Brennan", "responder", "Europe/Dublin", "Platform"),
    ("Kofi Mensah", "responder", "Africa/Accra", "Platform"),
    ("Yuki Tanaka", "responder", "Asia/Tokyo", "Platform"),
    ("Noa Peretz", "responder", "Asia/Jerusalem", "Storefront"),
    ("Elena Petrova", "manager", "Europe/Sofia", "Storefront"),
    ("Marcus Hale", "responder", "America/New_York", "Storefront"),
    ("Ruth Adeyemi", "responder", "Africa/Lagos", "Support"),
    ("Paul Novak", "viewer", "Europe/Prague", "Support"),
]
SERVICES = [  # name, team, tier, what, depends on
    ("Postgres main", "Platform", 1, "The primary database cluster: one writer, two readers.", []),
    ("Message bus", "Platform", 1, "Kafka; carries orders and payments between services.", []),
    ("Identity", "Platform", 1, "Sign-in, sessions and permissions for customers.", ["Postgres main"]),
    ("Payments API", "Payments", 1, "Authorises and captures card payments.", ["Postgres main", "Message bus"]),
    ("Ledger", "Payments", 2, "Double-entry bookkeeping of every payment.", ["Postgres main", "Message bus"]),
    ("Checkout", "Storefront", 1, "The last three pages before money changes hands.", ["Payments API", "Identity"]),
    ("Search", "Storefront", 2, "Product search and suggestions.", []),
    ("Image proxy", "Storefront", 3, "Resizes and caches pictures.", []),
]
COMPONENTS = [
    ("Shop", "Website", ["Search", "Image proxy"]),
    ("Shop", "Checkout", ["Checkout"]),
    ("Payments", "Card payments", ["Payments API"]),
    ("Payments", "Payouts and statements", ["Ledger"]),
    ("Account", "Sign-in", ["Identity"]),
]


@dataclass
class Company:
    """What the stories refer to, by name."""

    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)

    def __getitem__(self, first_name: str) -> User:
        return next(person for name, person in self.people.items() if name.startswith(first_name))


def found(password: str, *, at: datetime) -> Company:
    """People, teams, services, schedules, policies, objectives and the components of the public page."""
    company = Company()
    for name in ("Payments", "Platform", "Storefront", "Support"):
        company.teams[name] = Team.objects.create(name=name, slug=name.lower())
    for name, role, zone, team in PEOPLE:
        _hire(company, name, role, zone, team, password, at)
    for name, team, tier, what, needs in SERVICES:
        service = Service.objects.create(
            name=name, slug=name.lower().replace(" ", "-"), owner=company.teams[team], tier=tier, description=what,
            links=[{"title": "Dashboard", "url": f"https://grafana.{DOMAIN}/d/{name.lower().replace(' ', '-')}"}],
        )  # fmt: skip
        service.depends_on.set(company.services[other] for other in needs)
        company.services[name] = service
    for team in ("Payments", "Platform", "Storefront"):
        _schedule(company, team, at)
    for name, percent in (("Payments API", "99.95"), ("Checkout", "99.9"), ("Identity", "99.9"), ("Search", "99.5")):
        Objective.objects.create(service=company.services[name], percent=percent, created_at=at - timedelta(days=90))
    _public_page(company, at)
    return company


def _hire(company: Company, name: str, role: str, zone: str, team: str, password: str, at: datetime) -> None:
    first = name.split()[0].lower().replace("á", "a")
    person = User.objects.create_user(f"{first}@{DOMAIN}", password, name=name, role=role, time_zone=zone)
    company.people[name] = person
    company.teams[team].memberships.create(person=person, is_lead=role == "manager")
    method, _ = ContactMethod.objects.get_or_create(
        person=person, channel=ChannelName.EMAIL, address=person.email, defaults={"label": "Work", "verified_at": at}
    )
    for urgency in ("high", "low"):
        NotificationRule.objects.get_or_create(person=person, urgency=urgency, after_seconds=0, method=method)


def _schedule(company: Company, team: str, at: datetime) -> None:
    people = [person for name, person in company.people.items() if company.teams[team] in person.teams.all()]
    lead = people[0] if people[0].role == "manager" else next(p for p in people if p.role == "manager")
    schedule = Schedule.objects.create(name=team, slug=team.lower(), team=company.teams[team], time_zone=lead.time_zone)
    company.schedules[team] = schedule
    monday = (at - timedelta(days=at.weekday() + 35)).date()
    for duty, shift in ((Duty.PRIMARY, 0), (Duty.SECONDARY, 1)):
        rotation = Rotation.objects.create(
            schedule=schedule, name=f"Weekly {duty.label.lower()}", duty=duty, handoff_time=time(10), starts_on=monday
        )
        for position in range(len(people)):
            rotation.members.create(person=people[(position + shift) % len(people)], position=position)
    policy = EscalationPolicy.objects.create(
        name=f"{team} on call",
        team=company.teams[team],
        fallback=lead,
        description="Primary, then secondary, then the team.",
    )
    first = Step.objects.create(policy=policy, position=0, wait_seconds=300)
    Target.objects.create(step=first, kind="schedule", schedule=schedule, duty=Duty.PRIMARY)
    second = Step.objects.create(policy=policy, position=1, wait_seconds=300)
    Target.objects.create(step=second, kind="schedule", schedule=schedule, duty=Duty.SECONDARY)
    third = Step.objects.create(policy=policy, position=2, wait_seconds=600)
    Target.objects.create(step=third, kind="team", team=company.teams[team])
    for service in company.services.values():
        if service.owner_id == company.teams[team].pk:
            ServicePolicy.objects.create(service=service, policy=policy)


def _public_page(company: Company, at: datetime) -> None:
    page = StatusPage.objects.filter(is_default=True).first() or StatusPage(is_default=True, slug="main")
    page.name, page.description, page.changed_at = "Northwind Shop", "How our shop and its payments are doing.", at
    page.save()
    page.components.all().delete()
    for position, (group, name, services) in enumerate(COMPONENTS):
        component = Component.objects.create(
            page=page, group=group, name=name, position=position, created_at=at - timedelta(days=95), changed_at=at
        )
        component.services.set(company.services[service] for service in services)
        component.intervals.create(state="operational", started_at=at - timedelta(days=95))
