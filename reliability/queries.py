"""Questions about objectives: what harmed a service, and where each promise stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import User
from catalog.models import Service
from incidents.models import Incident
from reliability import budget
from reliability.models import Objective

WORST_RANKS = (1, 2)  # SEV1 and SEV2 are customer harm; SEV3 and SEV4 are not counted as unavailability


def harmful(services: list[int], *, since: datetime) -> list[Incident]:
    """Incidents that harmed one of `services` and were not over before `since`: real ones of SEV1 and SEV2."""
    return list(
        Incident.objects.real()
        .filter(service__in=services, severity__rank__in=WORST_RANKS)
        .exclude(status="merged")
        .filter(Q(resolved_at=None) | Q(resolved_at__gt=since))
        .select_related("severity", "service")
        .order_by("-declared_at")
    )


def harm_of(incident: Incident) -> budget.Harm:
    """When customers were harmed: from the start of impact (or detection, or declaration) until mitigation."""
    since = incident.impact_started_at or incident.detected_at or incident.declared_at
    return budget.Harm(since, incident.mitigated_at or incident.resolved_at)


@dataclass(frozen=True)
class Standing:
    """An objective, its budget now, and the incidents the reader may know of, with what each spent (a span)."""

    objective: Objective
    budget: budget.Budget
    incidents: list[tuple[Incident, timedelta]]
    hidden: int

    @property
    def days(self) -> int:
        return self.objective.window_days


def standings(reader: User, *, at: datetime, service: Service | None = None) -> list[Standing]:
    """Where every objective (of one service, if given) stands, the worst first.

    Private incidents count, for the figure must be true; to those they do not admit they are only a number.
    """
    objectives = Objective.objects.select_related("service")
    rows = list(objectives.filter(service=service) if service else objectives.filter(service__archived_at=None))
    if not rows:
        return []
    longest = timedelta(days=max(row.window_days for row in rows))
    found = harmful([row.service_id for row in rows], since=at - longest)
    seen = set(Incident.objects.visible_to(reader).filter(pk__in=[i.pk for i in found]).values_list("pk", flat=True))
    result = [_standing(row, found, seen, at) for row in rows]
    return sorted(result, key=lambda each: -each.budget.spent_share)


def _standing(objective: Objective, found: list[Incident], seen: set[int], at: datetime) -> Standing:
    window = timedelta(days=objective.window_days)
    own = [incident for incident in found if incident.service_id == objective.service_id]
    judged = budget.judge([harm_of(i) for i in own], percent=float(objective.percent), window=window, at=at)
    spent = [(i, budget.overlap([harm_of(i)], since=at - window, until=at)) for i in own]
    spent = [(i, span) for i, span in spent if span]
    shown = [(i, span) for i, span in spent if i.pk in seen]
    return Standing(objective, judged, shown, len(spent) - len(shown))
