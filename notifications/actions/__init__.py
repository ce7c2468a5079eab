"""The verbs of the outbox and of contact methods."""

from notifications.actions.account import ensure_account_email
from notifications.actions.invitations import invite
from notifications.actions.methods import (
    add_method,
    clean_address,
    remove_method,
    rotate_secret,
    send_code,
    send_test,
    set_methods,
    verify,
    vouch,
)
from notifications.actions.outbox import failure_told, move_on, notify, send_again, send_to, withdraw
from notifications.actions.receipts import delivered, undelivered
from notifications.actions.rules import add_rule, remove_rule, set_quiet_hours

__all__ = [
    "add_method",
    "add_rule",
    "clean_address",
    "delivered",
    "ensure_account_email",
    "failure_told",
    "invite",
    "move_on",
    "notify",
    "remove_method",
    "remove_rule",
    "rotate_secret",
    "send_again",
    "send_code",
    "send_test",
    "send_to",
    "set_methods",
    "set_quiet_hours",
    "undelivered",
    "verify",
    "vouch",
    "withdraw",
]
