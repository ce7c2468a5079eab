"""What the pager does by itself."""

from datetime import datetime

from incidents.models import Escalation, Incident


def start(incident: Incident, *, at: datetime) -> Escalation | None:
    """To be deepened."""
    return None


def stop(incident: Incident, *, at: datetime) -> None:
    """To be deepened."""


def escalations_due(at: datetime) -> int:
    """To be deepened."""
    return 0
