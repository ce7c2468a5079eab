"""Figures for Prometheus, read from PostgreSQL at each scrape."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.models import Alert, Payload
from config import auditing
from config.sweeps import SWEEPS
from core.models import ClockTick
from incidents.models import Escalation, Incident
from notifications.models import Message


class _Rows:
    """Counts rows by state; a scrape costs a handful of small queries."""

    def collect(self) -> Iterable[Metric]:
        yield _by(
            "muster_incidents",
            "Incidents by status.",
            "status",
            Incident.objects.values_list("status").annotate(n=Count("pk")).order_by(),
        )
        yield _by(
            "muster_alerts",
            "Alerts by state.",
            "state",
            Alert.objects.values_list("state").annotate(n=Count("pk")).order_by(),
        )
        waiting = Payload.objects.exclude(state="done").values_list("state").annotate(n=Count("pk")).order_by()
        yield _by("muster_payloads", "Payloads waiting or unreadable.", "state", waiting)
        yield _by(
            "muster_messages_open",
            "Messages not sent yet.",
            "state",
            Message.objects.open().values_list("state").annotate(n=Count("pk")).order_by(),
        )
        running = GaugeMetricFamily("muster_escalations_running", "Escalations with a timer.")
        running.add_metric([], Escalation.objects.filter(state="running").count())
        yield running
        at = timezone.now()
        ages = GaugeMetricFamily("muster_clock_age_seconds", "Seconds since each clock last ticked.", labels=["clock"])
        for name, ticked_at in ClockTick.objects.filter(name__in=SWEEPS).values_list("name", "ticked_at"):
            ages.add_metric([name], (at - ticked_at).total_seconds())
        yield ages
        broken = GaugeMetricFamily(
            "muster_paging_violations", "Rows for which a rule of paging fails.", labels=["rule"]
        )
        found = Counter(finding.rule.name for finding in auditing.findings(at))
        for rule in auditing.RULES:
            broken.add_metric([rule.name], found[rule.name])
        yield broken


def _by(name: str, text: str, label: str, rows: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in rows:
        family.add_metric([value], count)
    return family


def registry() -> CollectorRegistry:
    """A registry that reads the database when it is scraped."""
    fresh = CollectorRegistry()
    fresh.register(_Rows())
    return fresh
