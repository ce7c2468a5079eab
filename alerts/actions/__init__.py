"""The verbs of alerts: sources and their keys, payloads to alerts, alerts to incidents."""

from alerts.actions.by_hand import acknowledge_alert, resolve_alert
from alerts.actions.inbox import old_payloads_due, payloads_due, replay, replay_unreadable, send_test
from alerts.actions.sources import change_source, create_source, disable_source, enable_source, rotate_key

__all__ = [
    "acknowledge_alert",
    "change_source",
    "create_source",
    "disable_source",
    "enable_source",
    "old_payloads_due",
    "payloads_due",
    "replay",
    "replay_unreadable",
    "resolve_alert",
    "rotate_key",
    "send_test",
]
