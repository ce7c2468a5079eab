"""The verbs of objectives."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from catalog.models import Service
from core.errors import Refused
from core.names import require_visible
from reliability.models import Objective


def set_objective(
    objective: Objective | None,
    *,
    service: Service,
    name: str,
    percent: Decimal,
    window_days: int,
    actor: User,
    at: datetime,
) -> Objective:
    """A new objective, or `objective` with these values; audited."""
    require_visible(name)
    row = objective or Objective(created_at=at)
    before = _values(objective) if objective else {}
    row.service, row.name, row.percent, row.window_days = service, name, percent, window_days
    try:
        with transaction.atomic():
            row.save()
            audit.record(actor, "set objective", str(row), before=before, after=_values(row), at=at)
    except IntegrityError:
        raise Refused(f"{service} has an objective called “{name}” already.") from None
    return row


def remove_objective(objective: Objective, *, actor: User, at: datetime) -> None:
    """The promise is no longer made; audited."""
    with transaction.atomic():
        audit.record(actor, "remove objective", str(objective), before=_values(objective), after={}, at=at)
        objective.delete()


def _values(row: Objective) -> dict[str, object]:
    return {"service": row.service.name, "name": row.name, "percent": str(row.percent), "window_days": row.window_days}
