"""What a policy says, and whom it means at a moment."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Prefetch

from accounts.models import Team, User
from catalog.models import Service
from oncall import presence
from oncall.models import Duty, EscalationPolicy, Schedule, ServicePolicy, Step, Target
from oncall.queries.books import INSTANT, books
from oncall.queries.cover import away
from oncall.reasons import Why, reason, target_name


class Called(NamedTuple):
    """Somebody a step calls, and why, as values: oncall/reasons.py says them."""

    person: User
    why: Why

    @property
    def reason(self) -> str:
        return reason(self.why)


def policy_for(service: Service) -> EscalationPolicy | None:
    """The policy that pages for `service`."""
    found = ServicePolicy.objects.filter(service=service).select_related("policy").first()
    return found.policy if found else None


def plan_of(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as it stands, as JSON for Escalation.plan: {"policy", "name", "repeat_times", "fallback": person id or
    None, "steps": [{"wait_seconds", "targets": [{"kind", "id", "duty", "name", "of"}]}]}. `name`: as
    it is called by whoever asks now; reasons.target_name says it to another reader."""
    return plans_of([policy])[policy.pk]


def plans_of(policies: Sequence[EscalationPolicy]) -> dict[int, dict[str, Any]]:
    """The plans of many policies, by id; as many queries for a hundred as for one."""
    found: dict[int, dict[str, Any]] = {
        policy.pk: {
            "policy": policy.pk,
            "name": policy.name,
            "repeat_times": policy.repeat_times,
            "steps": [],
            "fallback": policy.fallback_id,
        }
        for policy in policies
    }
    steps = Step.objects.filter(policy__in=found).prefetch_related(
        Prefetch("targets", Target.objects.select_related("person", "team", "schedule"))
    )
    for step in steps.order_by("policy", "position"):
        targets = [target_of(target) for target in step.targets.all()]
        found[step.policy_id]["steps"].append({"wait_seconds": step.wait_seconds, "targets": targets})
    return found


def target_of(target: Target) -> dict[str, Any]:
    """A step's target as JSON; `duty` is empty except for schedules."""
    if target.schedule is not None:
        found = {"kind": target.kind, "id": target.schedule.pk, "duty": target.duty, "of": str(target.schedule)}
        return {**found, "name": target_name(found)}
    if target.team is not None:
        found = {"kind": target.kind, "id": target.team.pk, "duty": "", "of": str(target.team)}
        return {**found, "name": target_name(found)}
    return {"kind": target.kind, "id": target.person_id, "duty": "", "name": str(target.person)}


def called_by(targets: Sequence[dict[str, Any]], *, at: datetime) -> list[Called]:
    """The active people whom targets of a plan mean at `at`, each once, in order; empty when they mean nobody: an empty
    rotation, a schedule or person deleted since. The engine moves on then."""
    return _Means(targets, at).called(targets)


def called_first(policies: Sequence[EscalationPolicy], *, at: datetime) -> dict[int, list[Called]]:
    """For each policy (by id), whom it would call first at `at`: the first of its steps that means anybody. As many
    queries for a hundred policies as for one."""
    plans = {key: [step["targets"] for step in plan["steps"]] for key, plan in plans_of(policies).items()}
    means = _Means([target for plan in plans.values() for step in plan for target in step], at)
    return {key: next(filter(None, map(means.called, plan)), []) for key, plan in plans.items()}


class _Means:
    """The rows that targets name, read once."""

    def __init__(self, targets: Sequence[dict[str, Any]], at: datetime) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for target in targets:
            wanted[target["kind"]].add(target["id"])
        self.people = User.objects.filter(is_active=True).in_bulk(wanted["person"])
        self.teams = Team.objects.prefetch_related("members").in_bulk(wanted["team"])
        self.held = {
            book.schedule.pk: (book.schedule, book.holders(at))
            for book in books(Schedule.objects.filter(pk__in=wanted["schedule"]), since=at, until=at + INSTANT)
        }
        self.away = away(at) if wanted["schedule"] or wanted["team"] else {}

    def called(self, targets: Sequence[dict[str, Any]]) -> list[Called]:
        found: dict[int, Called] = {}
        for target in targets:
            for called in self._called_by_one(target):
                found.setdefault(called.person.pk, called)
        return list(found.values())

    def _called_by_one(self, target: dict[str, Any]) -> list[Called]:
        kind, key = target["kind"], target["id"]
        if kind == Target.Kind.SCHEDULE and key in self.held:
            schedule, by_duty = self.held[key]
            duty = Duty(target.get("duty") or Duty.PRIMARY)
            return self._answering(schedule, duty, by_duty)
        if kind == Target.Kind.TEAM and key in self.teams:
            why = {"by": "team", "team": self.teams[key].name}
            active = [person for person in self.teams[key].members.all() if person.is_active]
            here = [person for person in active if person.pk not in self.away]
            return [Called(person, why) for person in here or active]
        if kind == Target.Kind.PERSON and key in self.people:
            return [Called(self.people[key], {"by": "policy"})]
        return []

    def _answering(self, schedule: Schedule, duty: Duty, by_duty: dict[Duty, list[User]]) -> list[Called]:
        """Who answers for a duty; somebody away only where nobody else of the schedule covers."""
        why = {"by": "duty", "duty": duty.value, "schedule": schedule.name}
        others = [person for each, people in by_duty.items() if each != duty for person in people]
        known = {person.pk: person for person in [*by_duty[duty], *others]}
        found = presence.answering([person.pk for person in by_duty[duty]], [each.pk for each in others], self.away)
        if found.instead_of:
            why["instead_of"] = ", ".join(str(known[person]) for person in found.instead_of)
        return [Called(known[person], {**why, **({"away": True} if found.away else {})}) for person in found.people]


def called_last(plan: dict[str, Any], person: int | None, *, number: int = 0) -> list[Called]:
    """Whom the fallback means: the person if there is one and they are active, else every active administrator.
    `number`: how often it was called in vain; then the person and the administrators, each once."""
    why = {"by": "fallback", "policy": plan.get("name", ""), **({"again": True} if number else {})}
    named = User.objects.filter(pk=person, is_active=True).first() if person else None
    if named and not number:
        return [Called(named, why)]
    everyone = {each.pk: each for each in User.objects.filter(is_active=True, role="administrator")}
    if named:
        everyone = {named.pk: named, **everyone}
    return [Called(each, why) for each in everyone.values()]


def zone_of(plan: dict[str, Any]) -> ZoneInfo:
    """The zone whose clock says what working hours are: of the first schedule the plan names, else of the
    installation."""
    targets = [target for step in plan.get("steps") or [] for target in step["targets"]]
    keys = [target.get("id") for target in targets if target.get("kind") == Target.Kind.SCHEDULE]
    zones = dict(Schedule.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "time_zone"))
    named = next((zones[key] for key in keys if key in zones), settings.TIME_ZONE)
    try:
        return ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
