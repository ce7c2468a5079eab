"""The engine looks at itself: what must always hold of paging, each as one question to PostgreSQL.

`findings` answers what does not hold at a moment; nothing found is the only good answer. A sweep asks once a minute,
pages the administrators when something stays wrong, and only where all is well calls the outward heartbeat.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config import alarm
from config.sweeps import SWEEPS
from core import outbound
from core.models import ClockTick
from incidents.lifecycle import OPEN, OVER

log = logging.getLogger(__name__)
STEP_LATE, PAGE_LATE, SEND_LATE, CLOCK_LATE = 30, 30, 60, 30
TELL_LATE = 60
LOOK_BACK = timedelta(days=2)
LISTED = 100
AUDIT = "paging_audit"
HEARTBEAT = "heartbeat"
WATCHMAN = "watchman"
HEARTBEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Rule:
    """One thing that must always hold. `query` finds the rows for which it does not: (id, a word about it)."""

    name: str
    holds: Promise | str
    broken: Promise | str
    query: str


@dataclass(frozen=True)
class Finding:
    """One row for which a rule does not hold."""

    rule: Rule
    subject: str

    def __str__(self) -> str:
        return str(self.rule.broken) % {"subject": self.subject}


NEVER_PAGED = Rule(
    "never_paged",
    _("Every open incident has a plan that pages for it, or somebody has answered."),
    _("INC-%(subject)s is open, nobody has answered, and no plan was ever started for it."),
    """
    SELECT i.number FROM incidents_incident i
    WHERE i.status = ANY(%(open)s) AND i.acknowledged_at IS NULL AND i.declared_at < %(step_late)s
      AND NOT EXISTS (SELECT FROM incidents_escalation e WHERE e.incident_id = i.id)
      AND NOT EXISTS (SELECT FROM incidents_page p WHERE p.incident_id = i.id)
    ORDER BY i.id LIMIT %(listed)s
    """,
)
NO_TIMER = Rule(
    "no_timer",
    _("Every running plan has a moment at which its next step is due."),
    _("The plan of INC-%(subject)s runs, but its next step has no moment."),
    """
    SELECT i.number FROM incidents_escalation e JOIN incidents_incident i ON i.id = e.incident_id
    WHERE e.state = 'running' AND e.next_step_at IS NULL ORDER BY e.id LIMIT %(listed)s
    """,
)
STEP_OVERDUE = Rule(
    "step_overdue",
    _("No step is overdue by more than 30 seconds."),
    _("The next step for INC-%(subject)s is overdue."),
    """
    SELECT i.number FROM incidents_escalation e JOIN incidents_incident i ON i.id = e.incident_id
    WHERE e.state = 'running' AND e.next_step_at < %(step_late)s ORDER BY e.next_step_at LIMIT %(listed)s
    """,
)
PAGE_OVERDUE = Rule(
    "page_overdue",
    _("No queued page is overdue by more than 30 seconds."),
    _("Message %(subject)s, a page, is queued and overdue."),
    """
    SELECT m.id FROM notifications_message m
    WHERE m.state = 'queued' AND m.kind = 'page' AND m.next_attempt_at < %(page_late)s
    ORDER BY m.next_attempt_at LIMIT %(listed)s
    """,
)
SENDER_LOST = Rule(
    "sender_lost",
    _("No message is still being sent a minute after its sender's time was over."),
    _("Message %(subject)s has been “sending” for too long, and nobody took it over."),
    """
    SELECT m.id FROM notifications_message m
    WHERE m.state = 'sending' AND m.lease_until < %(send_late)s ORDER BY m.id LIMIT %(listed)s
    """,
)
PAGE_WITHOUT_MESSAGE = Rule(
    "page_without_message",
    _("Every page has at least one message."),
    _("Page %(subject)s was made, but no message was left for it."),
    """
    SELECT p.id FROM incidents_page p
    WHERE p.paged_at BETWEEN %(look_back)s AND %(step_late)s
      AND NOT EXISTS (SELECT FROM notifications_message m WHERE m.topic = 'page/' || p.id)
    ORDER BY p.id LIMIT %(listed)s
    """,
)
STEP_UNSAID = Rule(
    "step_unsaid",
    _("Every step that fired has paged somebody, or the timeline says that it called nobody."),
    _("A step fired for INC-%(subject)s, but nobody was paged and the timeline is silent."),
    """
    SELECT i.number FROM incidents_escalation e JOIN incidents_incident i ON i.id = e.incident_id
    WHERE e.state = 'running' AND (e.round, e.step) <> (0, 0) AND e.started_at < %(step_late)s
      AND NOT EXISTS (SELECT FROM incidents_page p WHERE p.escalation_id = e.id)
      AND NOT EXISTS (
        SELECT FROM incidents_timelineevent t WHERE t.incident_id = i.id AND t.recorded_at >= e.started_at
          AND t.kind IN ('escalated', 'escalation_ended', 'page_failed'))
    ORDER BY e.id LIMIT %(listed)s
    """,
)
NOBODY = Rule(
    "nobody",
    _("Every plan that has called its last people has paged at least one."),
    _("Nobody at all could be paged for INC-%(subject)s: neither its policy nor the administrators can be called."),
    """
    SELECT i.number FROM incidents_escalation e JOIN incidents_incident i ON i.id = e.incident_id
    WHERE e.state = 'running' AND NOT EXISTS (SELECT FROM incidents_page p WHERE p.incident_id = i.id)
      AND EXISTS (
        SELECT FROM incidents_timelineevent t WHERE t.incident_id = i.id AND t.recorded_at >= e.started_at
          AND t.kind = 'escalated' AND t.data @> '{"nobody": true, "is_fallback": true}')
    ORDER BY e.id LIMIT %(listed)s
    """,
)
PAGES_ON = Rule(
    "pages_on",
    _("Nobody is paged for an incident that is over, or that somebody has answered since the plan was started."),
    _("INC-%(subject)s is over or was answered, but its plan still runs."),
    """
    SELECT i.number FROM incidents_escalation e JOIN incidents_incident i ON i.id = e.incident_id
    WHERE e.state = 'running' AND (i.status = ANY(%(over)s) OR (
        i.acknowledged_at >= e.started_at AND NOT EXISTS (
          SELECT FROM incidents_timelineevent t WHERE t.incident_id = i.id AND t.recorded_at >= i.acknowledged_at
            AND t.kind IN ('escalated', 'reopened'))))
    ORDER BY e.id LIMIT %(listed)s
    """,
)
FAILURE_UNTOLD = Rule(
    "failure_untold",
    _("Every page that could not be delivered is told in its incident within a minute."),
    _("Message %(subject)s, a page, was given up, and nobody has been told."),
    """
    SELECT m.id FROM notifications_message m
    WHERE m.state = 'failed' AND m.kind = 'page' AND m.failure_told_at IS NULL AND m.created_at < %(tell_late)s
      AND NOT EXISTS (
        SELECT FROM notifications_attempt a WHERE a.message_id = m.id AND a.finished_at > %(tell_late)s)
    ORDER BY m.id LIMIT %(listed)s
    """,
)
CLOCK_STALE = Rule(
    "clock_stale",
    _("Every clock has ticked in time."),
    _("The clock %(subject)s is late."),
    "",
)
RULES = (
    NEVER_PAGED,
    NO_TIMER,
    STEP_OVERDUE,
    PAGE_OVERDUE,
    SENDER_LOST,
    PAGE_WITHOUT_MESSAGE,
    STEP_UNSAID,
    NOBODY,
    PAGES_ON,
    FAILURE_UNTOLD,
    CLOCK_STALE,
)


def findings(at: datetime, *, clocks: Callable[[datetime], list[str]] | None = None) -> list[Finding]:
    """Whatever does not hold at `at`, by rule, at most a hundred rows of each."""
    values = {
        "open": [str(status) for status in OPEN],
        "over": [str(status) for status in OVER],
        "step_late": at - timedelta(seconds=STEP_LATE),
        "page_late": at - timedelta(seconds=PAGE_LATE),
        "send_late": at - timedelta(seconds=SEND_LATE),
        "tell_late": at - timedelta(seconds=TELL_LATE),
        "look_back": at - LOOK_BACK,
        "listed": LISTED,
    }
    found: list[Finding] = []
    for rule in RULES:
        subjects = _rows(rule.query, values) if rule.query else (clocks or stale_clocks)(at)
        found += [Finding(rule, subject) for subject in subjects]
    return found


def _rows(query: str, values: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [str(row[0]) for row in cursor.fetchall()]


def stale_clocks(at: datetime) -> list[str]:
    """Sweeps that ran later than they must, by more than half a minute; and the watchman, once he was on his round."""
    ticked = dict(ClockTick.objects.values_list("name", "ticked_at"))
    periods = {name: row.every for name, row in SWEEPS.items() if name != AUDIT}
    if WATCHMAN in ticked:
        periods[WATCHMAN] = CLOCK_LATE
    late = timedelta(seconds=CLOCK_LATE)
    return [
        name
        for name, every in periods.items()
        if name not in ticked or at - ticked[name] > timedelta(seconds=every) + late
    ]


def audit_due(at: datetime) -> int:
    """Look at everything once; how much does not hold. What was wrong a minute ago too pages the administrators, and so
    does a page that could not be delivered. Where all holds, the heartbeat goes out."""
    found = findings(at)
    _remember(found, at=at)
    alarm.dead_letters(at=at)
    if not found:
        _beat(at)
    return len(found)


def _remember(found: list[Finding], *, at: datetime) -> None:
    """Keep since when each rule is broken; one that was so at the last look already is an alarm."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in found:
        by_rule.setdefault(finding.rule.name, []).append(finding)
    kept = {f"audit/{name}": rows for name, rows in by_rule.items()}
    before = set(ClockTick.objects.filter(name__in=kept).values_list("name", flat=True))
    ClockTick.objects.filter(name__startswith="audit/").exclude(name__in=kept).delete()
    for name, rows in kept.items():
        log.error("The audit of paging found something", extra={"rule": rows[0].rule.name, "rows": len(rows)})
        ClockTick.objects.update_or_create(
            name=name,
            defaults={"ticked_at": at, "handled": len(rows), "failure": str(rows[0])[:2000], "ran_by": "audit"},
            create_defaults={
                "ticked_at": at,
                "failed_at": at,
                "handled": len(rows),
                "failure": str(rows[0])[:2000],
                "ran_by": "audit",
            },
        )
        if name in before:
            alarm.raise_alarm(rows[0].rule.name, rows[0].rule.broken, subject=rows[0].subject, count=len(rows), at=at)


def _beat(at: datetime) -> None:
    """Tell the world outside that paging is well: whoever watches that address calls for help when this stops."""
    if not settings.HEARTBEAT_URL:
        return
    failure = ""
    try:
        answer = outbound.request("GET", settings.HEARTBEAT_URL, seconds=HEARTBEAT_SECONDS)
        if answer.status >= 300:
            failure = f"The receiver answered {answer.status}."
    except (outbound.Forbidden, outbound.Unreachable) as error:
        failure = str(getattr(error, "sentence", error))
    if failure:
        log.error("The heartbeat was not taken", extra={"reason": failure})
    ClockTick.objects.update_or_create(
        name=HEARTBEAT,
        defaults={"ticked_at": at, "failure": failure, "failed_at": at if failure else None, "ran_by": "audit"},
    )


def now() -> list[Finding]:
    """What does not hold at this moment."""
    return findings(timezone.now())
