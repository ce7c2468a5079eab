"""Who is here now: a row for each person, room and web process, renewed while they look."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import Incident, Presence

PROCESS = uuid.uuid4()
RENEW_SECONDS = 10.0
FORGOTTEN_AFTER = timedelta(minutes=2)


def tell(pk: int, people: Iterable[int], *, at: datetime) -> None:
    """Exactly these people look at the room `pk` through this process now."""
    wanted = sorted(set(people))
    with transaction.atomic():
        if not Incident.objects.filter(pk=pk).exists():
            return
        Presence.objects.filter(incident=pk, process=PROCESS).exclude(person__in=wanted).delete()
        Presence.objects.filter(incident=pk, seen_at__lt=at - FORGOTTEN_AFTER).delete()
        Presence.objects.bulk_create(
            [Presence(incident_id=pk, person_id=person, process=PROCESS, seen_at=at) for person in wanted],
            update_conflicts=True,
            unique_fields=["incident", "person", "process"],
            update_fields=["seen_at"],
        )
