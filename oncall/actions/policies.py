"""Escalation policies, and which of them pages for a service. What runs already goes on by its snapshot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Team, User
from catalog.models import Service
from core.errors import Refused
from core.names import require_visible
from oncall import queries
from oncall.models import EscalationPolicy, ServicePolicy, Step, Target
from oncall.values import StepValues


def add_policy(
    name: str,
    *,
    steps: Sequence[StepValues],
    actor: User | None,
    at: datetime,
    description: str = "",
    team: Team | None = None,
    repeat_times: int = 1,
    fallback: User | None = None,
) -> EscalationPolicy:
    """A new plan. Without `fallback` it ends with the administrators."""
    with transaction.atomic():
        _require_free(name)
        _require_active(fallback)
        policy = EscalationPolicy.objects.create(
            name=name, description=description, team=team, repeat_times=repeat_times, fallback=fallback
        )
        _write_steps(policy, steps)
        audit.record(actor, "add policy", name, before={}, after=_told(policy), at=at)
    return policy


def change_policy(
    policy: EscalationPolicy,
    *,
    actor: User | None,
    at: datetime,
    steps: Sequence[StepValues] | None = None,
    **changes: Any,
) -> EscalationPolicy:
    """Give the policy other values (any of name, description, team, repeat_times, fallback) and, where `steps` is
    given, other steps. Escalations that run are not touched."""
    with transaction.atomic():
        fresh = EscalationPolicy.objects.select_for_update(no_key=True).get(pk=policy.pk)
        before = _told(fresh)
        if "name" in changes:
            _require_free(changes["name"], but=fresh)
        if changes.get("fallback") != fresh.fallback:
            _require_active(changes.get("fallback"))
        for field, value in changes.items():
            setattr(fresh, field, value)
        fresh.save()
        if steps is not None:
            fresh.steps.all().delete()
            _write_steps(fresh, steps)
        if _told(fresh) != before:
            audit.record(actor, "change policy", fresh.name, before=before, after=_told(fresh), at=at)
    return fresh


def remove_policy(policy: EscalationPolicy, *, actor: User | None, at: datetime) -> None:
    """It is gone. Refused while it pages for a service, or while anything else names it."""
    with transaction.atomic():
        fresh = EscalationPolicy.objects.select_for_update().get(pk=policy.pk)
        services = Service.objects.filter(paging__policy=fresh)
        if services:
            names = ", ".join(f"“{service}”" for service in services)
            raise Refused(
                _("This policy pages for services: %(names)s. Give them another policy first.") % {"names": names},
                code="in_use",
            )
        audit.record(actor, "remove policy", fresh.name, before=_told(fresh), after={}, at=at)
        try:
            fresh.delete()
        except ProtectedError as error:
            names = ", ".join(sorted({f"“{row}”" for row in error.protected_objects}))
            raise Refused(
                _("This policy is still named by %(names)s. Change that first.") % {"names": names}, code="in_use"
            ) from None


def set_service_policy(
    service: Service, policy: EscalationPolicy | None, *, actor: User | None, at: datetime
) -> ServicePolicy | None:
    """From now on `policy` pages for incidents of `service`; None: nobody is paged by a policy."""
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        standing = ServicePolicy.objects.filter(service=service).select_related("policy").first()
        if (standing.policy if standing else None) == policy:
            return standing
        before = {"escalation_policy": standing.policy.name if standing else None}
        after = {"escalation_policy": policy.name if policy else None}
        audit.record(actor, "change service policy", service.name, before=before, after=after, at=at)
        if policy is None:
            ServicePolicy.objects.filter(service=service).delete()
            return None
        return ServicePolicy.objects.update_or_create(service=service, defaults={"policy": policy})[0]


def _write_steps(policy: EscalationPolicy, steps: Sequence[StepValues]) -> None:
    for position, values in enumerate(steps):
        step = Step.objects.create(policy=policy, position=position, wait_seconds=values.wait_seconds)
        Target.objects.bulk_create(
            Target(
                step=step, kind=target.kind, person=target.person, team=target.team, schedule=target.schedule,
                duty=target.duty,
            )
            for target in values.targets
        )  # fmt: skip


def _require_free(name: str, but: EscalationPolicy | None = None) -> None:
    require_visible(name)
    same = EscalationPolicy.objects.filter(name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise Refused(_("There is a policy called “%(name)s” already.") % {"name": name}, code="name_taken")


def _require_active(fallback: User | None) -> None:
    if fallback is not None and not fallback.is_active:
        raise Refused(
            _("%(person)s is not active and cannot be the final fallback.") % {"person": fallback}, code="not_active"
        )


def _told(policy: EscalationPolicy) -> dict[str, Any]:
    plan = queries.plan_of(policy)
    steps = [
        {"wait_seconds": step["wait_seconds"], "targets": [target["name"] for target in step["targets"]]}
        for step in plan["steps"]
    ]
    return {
        "name": policy.name,
        "description": policy.description,
        "team": str(policy.team) if policy.team else None,
        "repeat_times": policy.repeat_times,
        "fallback": str(policy.fallback) if policy.fallback else None,
        "steps": steps,
    }
