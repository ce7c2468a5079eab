"""The audit log: who changed what, from what to what, and from where."""

from datetime import datetime
from typing import Any

from accounts.models import AuditEntry, User
from core import origin


def record(
    actor: User | None,
    verb: str,
    subject: str,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
    address: str | None = None,
) -> AuditEntry:
    """Write one line; only what changed is kept of `before` and `after`. Nothing can change it afterwards.

    Without `address` it is that of the present request.
    """
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=str(actor) if actor else "Muster",
        verb=verb[:60],
        subject=subject[:200],
        before={key: before[key] for key in sorted(changed) if key in before},
        after={key: after[key] for key in sorted(changed) if key in after},
        address=address or origin.address(),
        recorded_at=at,
    )
