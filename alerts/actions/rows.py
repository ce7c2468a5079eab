"""The few statements that a batch of alerts takes, however many alerts it has."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from alerts.actions.meeting import Candidate
from alerts.models import Alert, AlertGroup, AlertQuerySet, AlertSource, Occurrence

SAVED = [
    "dedup_key", "group", "title", "body", "severity", "labels", "links", "state", "service", "incident", "started_at",
    "newest_start_at", "resolved_at", "said_end_at", "changed_at", "last_seen_at", "last_payload_id", "deliveries",
    "is_test",
]  # fmt: skip


def digest(key: str) -> bytes:
    """What two alerts or groups of one source are compared by."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def known(source: AlertSource, digests: set[bytes]) -> dict[bytes, Alert]:
    """The alerts of these keys that exist, locked, with their incidents."""
    found = _locked().filter(source=source, dedup_digest__in=digests).order_by("pk")
    return {bytes(row.dedup_digest): row for row in found}


def firing_of(group: AlertGroup) -> AlertQuerySet:
    """The firing alerts of a group, locked."""
    return _locked().firing().filter(group=group).order_by("pk")


def _locked() -> AlertQuerySet:
    return Alert.objects.select_for_update(no_key=True, of=("self",)).select_related("incident")


def groups(source: AlertSource, keys: set[str]) -> dict[str, AlertGroup]:
    """The groups of these keys, made where they are new."""
    wanted = {digest(key): key for key in keys}
    found = _groups(source, wanted)
    missing = sorted(wanted.keys() - {bytes(row.digest) for row in found.values()})
    if missing:
        AlertGroup.objects.bulk_create(
            [AlertGroup(source=source, key=wanted[one], digest=one) for one in missing], ignore_conflicts=True
        )
        found = _groups(source, wanted)
    return found


def _groups(source: AlertSource, wanted: Mapping[bytes, str]) -> dict[str, AlertGroup]:
    rows = AlertGroup.objects.filter(source=source, digest__in=list(wanted))
    return {wanted[bytes(row.digest)]: row for row in rows}


def save(alerts: Sequence[Alert]) -> None:
    """Insert what is new and update what is not; every alert has its id afterwards."""
    for some in ([a for a in alerts if a.pk is None], [a for a in alerts if a.pk is not None]):
        if some:
            Alert.objects.bulk_create(
                some, update_conflicts=True, unique_fields=["source", "dedup_digest"], update_fields=SAVED
            )


def save_groups(changed: Mapping[int, AlertGroup]) -> None:
    """Remember which incident each group went to last."""
    if not changed:
        return
    data = [{"id": pk, "incident": changed[pk].incident_id} for pk in sorted(changed)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_alertgroup g SET incident_id = d.incident"
            " FROM jsonb_to_recordset(%s::jsonb) AS d(id bigint, incident bigint) WHERE g.id = d.id",
            [json.dumps(data)],
        )


def close(ends: Iterable[tuple[int, datetime, int | None]]) -> None:
    """End the open episodes of alerts: (alert, moment, payload that said so)."""
    data = [{"alert": alert, "ended": ended.isoformat(), "payload": payload} for alert, ended, payload in ends]
    if not data:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_occurrence o SET resolved_at = greatest(d.ended, o.started_at), closed_by = d.payload"
            " FROM jsonb_to_recordset(%s::jsonb) AS d(alert bigint, ended timestamptz, payload bigint)"
            " WHERE o.alert_id = d.alert AND o.resolved_at IS NULL",
            [json.dumps(data)],
        )


def open_episodes(candidates: Sequence[Candidate], *, met_at: datetime) -> None:
    """A new episode for each; one that went on under another incident counts from when it met that one."""
    Occurrence.objects.bulk_create(
        Occurrence(
            alert=c.alert,
            incident=c.alert.incident,
            started_at=c.alert.started_at if c.is_new_episode else max(met_at, c.alert.started_at),
            why=c.why or "",
            opened_by=c.payload,
        )
        for c in candidates
    )


def keep_past(ended: Sequence[tuple[Alert, int]]) -> None:
    """Episodes of which we heard only the end."""
    Occurrence.objects.bulk_create(
        Occurrence(
            alert=alert,
            started_at=alert.started_at,
            resolved_at=alert.resolved_at,
            opened_by=payload,
            closed_by=payload,
        )
        for alert, payload in ended
    )
