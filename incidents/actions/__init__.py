"""The verbs of an incident. `actions.acknowledge(incident, actor=…, at=…)` is the only way one is acknowledged."""

from incidents.actions.acknowledging import acknowledge
from incidents.actions.asking import REASON_LENGTH, page_somebody
from incidents.actions.changing import Details, change
from incidents.actions.declaring import declare
from incidents.actions.details import Worse, change_severity, correct_times, describe, rename, set_service, tell_worse
from incidents.actions.moves import accept, close, decline, identify, mitigate, reopen, resolve
from incidents.actions.notes import add_note, tell_alert
from incidents.actions.roles import leave_role, take_role
from incidents.actions.updates import post_update
from incidents.actions.visibility import admit, dismiss, set_visibility

__all__ = [
    "REASON_LENGTH",
    "Details",
    "Worse",
    "accept",
    "acknowledge",
    "add_note",
    "admit",
    "change",
    "change_severity",
    "close",
    "correct_times",
    "declare",
    "decline",
    "describe",
    "dismiss",
    "identify",
    "leave_role",
    "mitigate",
    "page_somebody",
    "post_update",
    "rename",
    "reopen",
    "resolve",
    "set_service",
    "set_visibility",
    "take_role",
    "tell_alert",
    "tell_worse",
]
