"""The verbs of alerts."""

from datetime import datetime


def payloads_due(at: datetime) -> int:
    """To be deepened."""
    return 0


def old_payloads_due(at: datetime) -> int:
    """To be deepened."""
    return 0
