"""Everything Muster does by itself: the one table of sweeps. Celery beat ticks it, workers run it, and the watchman
runs what is late. Each function has the shape `something_due(at: datetime) -> int`."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.utils.module_loading import import_string


class Sweep(NamedTuple):
    """`path`: the function. `every`: seconds between ticks. `queue`: paging goes before bulk. `then`: what follows at
    once when it handled something, so that an alert needs no three ticks to reach a phone."""

    path: str
    every: float
    queue: str
    then: str = ""

    def function(self) -> Callable[[datetime], int]:
        found: Callable[[datetime], int] = import_string(self.path)
        return found


SWEEPS: dict[str, Sweep] = {
    "payloads": Sweep("alerts.actions.payloads_due", 1, "intake", then="escalations"),
    "escalations": Sweep("incidents.escalation.escalations_due", 1, "paging", then="messages"),
    "messages": Sweep("notifications.delivery.messages_due", 1, "paging"),
    "page_failures": Sweep("incidents.paging.failures_due", 2, "paging", then="escalations"),
    "swaps": Sweep("oncall.actions.swaps_due", 5, "bulk", then="messages"),
    "coverage": Sweep("oncall.actions.coverage_due", 300, "bulk"),
    "absences": Sweep("oncall.actions.absences_due", 60, "bulk", then="messages"),
    "announcements": Sweep("statuspage.publishing.announcements_due", 2, "bulk", then="status_pages"),
    "status_pages": Sweep("statuspage.publishing.pages_due", 2, "bulk"),
    "postmortem_drafts": Sweep("postmortems.actions.drafts_due", 2, "bulk"),
    "action_item_reminders": Sweep("postmortems.reminders.reminders_due", 300, "bulk"),
    "payload_retention": Sweep("alerts.actions.old_payloads_due", 3600, "bulk"),
    "message_retention": Sweep("config.keeping.old_messages_due", 86400, "bulk"),
    "session_retention": Sweep("accounts.sessions.old_sessions_due", 86400, "bulk"),
    "paging_audit": Sweep("config.auditing.audit_due", 60, "paging", then="messages"),
}
