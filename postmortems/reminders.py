"""Reminders of action items."""

from datetime import datetime


def reminders_due(at: datetime) -> int:
    """To be deepened."""
    return 0
