"""Paging health: what must always hold of paging, whether it does, and when each clock last ticked."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import needs
from accounts.permissions import Verb
from config import auditing
from config.auditing import Finding, Rule
from config.sweeps import SWEEPS
from core.models import ClockTick

SHOWN = 20


@dataclass(frozen=True)
class Line:
    """One rule as it stands: what breaks it now, and since when it has been broken."""

    rule: Rule
    found: list[Finding]
    since: datetime | None

    @property
    def shown(self) -> list[Finding]:
        return self.found[:SHOWN]

    @property
    def more(self) -> int:
        return max(len(self.found) - SHOWN, 0)


@needs(Verb.ADMINISTER)
def show(request: HttpRequest) -> HttpResponse:
    """Every rule and every clock."""
    at = timezone.now()
    found = auditing.findings(at)
    ticks = {tick.name: tick for tick in ClockTick.objects.all()}
    lines = [
        Line(
            rule,
            [each for each in found if each.rule is rule],
            ticks[f"audit/{rule.name}"].failed_at if f"audit/{rule.name}" in ticks else None,
        )
        for rule in auditing.RULES
    ]
    stale = set(auditing.stale_clocks(at))
    context = {
        "lines": sorted(lines, key=lambda line: not line.found),
        "found": found,
        "clocks": [(name, ticks.get(name), name in stale) for name in SWEEPS],
        "audited": ticks.get(auditing.AUDIT),
        "heartbeat": ticks.get(auditing.HEARTBEAT),
        "heartbeat_is_set": bool(settings.HEARTBEAT_URL),
    }
    return render(request, "core/paging_health.html", context)
