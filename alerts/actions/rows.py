"""The few statements that a batch of alerts takes, however many alerts it has."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.actions.meeting import Candidate
from alerts.models import Alert, AlertGroup, AlertQuerySet, AlertSource
from alerts.normal import key_digest

COLUMNS = {
    "dedup_key": "text", "group_id": "bigint", "title": "text", "body": "text", "severity": "text", "labels": "jsonb",
    "links": "jsonb", "state": "text", "service_id": "bigint", "incident_id": "bigint", "started_at": "timestamptz",
    "newest_start_at": "timestamptz", "resolved_at": "timestamptz", "said_end_at": "timestamptz",
    "changed_at": "timestamptz", "last_seen_at": "timestamptz", "last_payload_id": "bigint", "deliveries": "int",
    "is_test": "boolean",
}  # fmt: skip
MOMENTS = [name for name, kind in COLUMNS.items() if kind == "timestamptz"]
UPSERT = (  # noqa: S608  (only the names above go into it)
    "INSERT INTO alerts_alert (source_id, dedup_digest, {names}) SELECT %s, decode(d.digest, 'hex'), {values}"
    " FROM json_to_recordset(%s::json) AS d(digest text, {kinds})"
    " ON CONFLICT (source_id, dedup_digest) DO UPDATE SET {changes} RETURNING id, dedup_digest"
).format(
    names=", ".join(COLUMNS),
    values=", ".join(f"d.{name}" for name in COLUMNS),
    kinds=", ".join(f"{name} {kind}" for name, kind in COLUMNS.items()),
    changes=", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS),
)
NEW_GROUPS = (
    "INSERT INTO alerts_alertgroup (source_id, digest, key)"
    " SELECT %s, n.digest, n.key FROM unnest(%s::bytea[], %s::text[]) AS n(digest, key)"
    " ON CONFLICT (source_id, digest) DO UPDATE SET key = EXCLUDED.key RETURNING id, digest"
)
OPEN = (
    "INSERT INTO alerts_occurrence (alert_id, incident_id, started_at, resolved_at, why, opened_by, closed_by)"
    " SELECT * FROM json_to_recordset(%s::json) AS d(alert bigint, incident bigint, started timestamptz,"
    " resolved timestamptz, why text, opener bigint, closer bigint)"
)


def known(source: AlertSource, digests: set[bytes]) -> dict[bytes, Alert]:
    """The alerts of these keys that exist, locked, with their incidents."""
    found = _locked().filter(source=source, dedup_digest__in=digests).order_by("pk")
    return {bytes(row.dedup_digest): row for row in found}


def firing_of(group: AlertGroup) -> AlertQuerySet:
    """The firing alerts of a group, locked."""
    return _locked().firing().filter(group=group).order_by("pk")


def _locked() -> AlertQuerySet:
    # The incident is read after the lock: joined, it would be missing from an alert that met one meanwhile.
    return Alert.objects.select_for_update(no_key=True).prefetch_related("incident")


def groups(source: AlertSource, keys: set[str]) -> dict[str, AlertGroup]:
    """The groups of these keys, made where they are new."""
    wanted = {key_digest(key): key for key in keys}
    existing = AlertGroup.objects.filter(source=source, digest__in=list(wanted)).defer("key")
    found = {wanted[bytes(row.digest)]: row for row in existing}
    missing = sorted(one for one, key in wanted.items() if key not in found)
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(NEW_GROUPS, [source.pk, missing, [wanted[one] for one in missing]])
            for pk, one in cursor.fetchall():
                key = wanted[bytes(one)]
                found[key] = AlertGroup(pk=pk, source=source, digest=bytes(one), key=key)
    return found


def save(source: AlertSource, alerts: Sequence[Alert]) -> None:
    """Insert what is new and update what is not, in one statement; every alert has its id afterwards."""
    known = {bytes(alert.dedup_digest): alert for alert in alerts}
    data = json.dumps([_plain(one, alert) for one, alert in sorted(known.items())])
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [source.pk, data])
        for pk, one in cursor.fetchall():
            known[bytes(one)].pk = pk


def _plain(one: bytes, alert: Alert) -> dict[str, Any]:
    row = {name: getattr(alert, name) for name in COLUMNS}
    for name in MOMENTS:
        row[name] = row[name] and row[name].isoformat()
    row["digest"] = one.hex()
    return row


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
    _insert_episodes(
        {
            "alert": c.alert.pk,
            "incident": c.alert.incident_id,
            "started": c.alert.started_at if c.is_new_episode else max(met_at, c.alert.started_at),
            "why": c.why or "",
            "opener": c.payload,
        }
        for c in candidates
    )


def keep_past(ended: Sequence[tuple[Alert, int]]) -> None:
    """Episodes of which we heard only the end."""
    _insert_episodes(
        {
            "alert": alert.pk,
            "started": alert.started_at,
            "resolved": alert.resolved_at,
            "why": "",
            "opener": payload,
            "closer": payload,
        }
        for alert, payload in ended
    )


def _insert_episodes(episodes: Iterable[dict[str, Any]]) -> None:
    data = list(episodes)
    if data:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, [json.dumps(data, default=_spelled)])


def _spelled(moment: datetime) -> str:
    return moment.isoformat()
