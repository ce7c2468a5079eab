"""From the durable inbox to alerts: claimed in batches, source by source, each source by one worker at a time."""

import json
import logging
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from alerts import reading
from alerts.actions import noticing
from alerts.actions.ingesting import Delivery, Ingested, Reading, ingest
from alerts.messages import Loss
from alerts.models import AlertSource, Payload, SourceMinute
from alerts.normal import Unreadable
from alerts.sources import TOOLS
from core.errors import Refused

log = logging.getLogger(__name__)
BATCH_PAYLOADS, BATCH_BYTES, SWEEP_PAYLOADS = 1000, 2_000_000, 5000
MOST_ATTEMPTS = 5
KEEP_DAYS, KEEP_PAYLOADS, KEEP_BYTES = 30, 50_000, 256 * 1024 * 1024  # of a source
KEEP_UNREADABLE = 100
KEEP_SENTENCES = 20  # of one payload
DELETE_AT_ONCE = 2000


def payloads_due(at: datetime) -> int:
    """Read what is waiting, sources in turn; how many payloads were handled."""
    handled = 0
    while handled < SWEEP_PAYLOADS:
        waiting = AlertSource.objects.filter(pk__in=Payload.objects.due(at).order_by().values("source"))
        done = sum(_take(source_id, at) for source_id in waiting.values_list("pk", flat=True).order_by("pk"))
        if not done:
            break
        handled += done
    return handled


def _take(source_id: int, at: datetime) -> int:
    """Handle one batch of a source; 0 when another worker has that source in hand, or nothing is left."""
    try:
        with transaction.atomic():
            claimed = _claim(source_id, at, BATCH_PAYLOADS)
            _handle(source_id, claimed, at)
        return len(claimed)
    except Exception:
        log.exception("A batch of payloads could not be read; they are read one by one", extra={"source": source_id})
    return _take_singly(source_id, at)


def _take_singly(source_id: int, at: datetime) -> int:
    due = Payload.objects.due(at).filter(source=source_id).values_list("pk", flat=True)
    handled = 0
    for pk in list(due[:BATCH_PAYLOADS]):
        try:
            with transaction.atomic():
                claimed = _claim(source_id, at, 1, only=pk)
                _handle(source_id, claimed, at)
            handled += len(claimed)
        except Exception as error:
            log.exception("A payload could not be handled and was put off", extra={"payload": pk})
            _put_off(pk, error, at)
            handled += 1
    return handled


def _put_off(pk: int, error: Exception, at: datetime) -> None:
    """One attempt more; after the last the payload is set aside, with what went wrong, and can be replayed."""
    with transaction.atomic():
        payload = Payload.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
        if payload is None or payload.state != Payload.State.WAITING:
            return
        is_again = payload.read_at is not None
        payload.attempts += 1
        words = str(error).replace("\x00", "").partition("\n")[0]  # what follows may quote the payload
        payload.failure = f"{type(error).__name__}: {words}"[:300]
        payload.next_attempt_at = at + timedelta(seconds=5 * 2**payload.attempts)
        if payload.attempts >= MOST_ATTEMPTS:
            payload.state, payload.next_attempt_at, payload.read_at = Payload.State.UNREADABLE, None, at
            payload.failure = _("Muster failed to handle this %(count)s times. The last failure: %(words)s") % {
                "count": payload.attempts,
                "words": payload.failure,
            }
        payload.save(update_fields=["attempts", "failure", "next_attempt_at", "state", "read_at"])
        if payload.state == Payload.State.UNREADABLE and not is_again:
            noticing.tell_loss(payload.source, [Loss(payload.pk, [payload.failure])], at=at)


def _claim(source_id: int, at: datetime, most: int, *, only: int | None = None) -> list[Delivery]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('muster.alert_source', %s))", [source_id])
        if not cursor.fetchone()[0]:
            return []
    due = Payload.objects.due(at).filter(source=source_id)
    if only is not None:
        due = due.filter(pk=only)
    sizes = due.annotate(size=Length("body")).values_list("pk", "size")[:most]
    chosen: list[int] = []
    held = 0
    for pk, size in sizes:
        if chosen and held + size > BATCH_BYTES:
            break
        chosen.append(pk)
        held += size
    rows = due.filter(pk__in=chosen).select_for_update(no_key=True, skip_locked=True)
    return [Delivery(*row) for row in rows.values_list("pk", "received_at", "trial", "read_at", "body")]


def _handle(source_id: int, claimed: list[Delivery], at: datetime) -> None:
    if not claimed:
        return
    source = AlertSource.objects.select_related("service", "default_severity").get(pk=source_id)
    tool = TOOLS[source.kind]
    readings: list[Reading] = []
    losses: dict[int, Loss] = {}
    for payload in claimed:
        try:
            parsed = tool.parse(reading.read(bytes(payload.body)))
        except Unreadable as unreadable:
            _set_aside(payload, unreadable.sentence, at)
            losses[payload.pk] = Loss(payload.pk, [unreadable.sentence])
        else:
            readings.append((payload, parsed.alerts))
            if parsed.unreadable:
                losses[payload.pk] = Loss(payload.pk, parsed.unreadable, taken_in=len(parsed.alerts))
    _finish(readings, losses, ingest(source, readings, at=at), at)
    noticing.tell_loss(source, [losses[one.pk] for one in claimed if one.pk in losses and one.read_at is None], at=at)


def _set_aside(payload: Delivery, sentence: str, at: datetime) -> None:
    Payload.objects.filter(pk=payload.pk).update(
        state=Payload.State.UNREADABLE,
        failure=sentence,
        unreadable_count=0,
        unreadable=None,
        read_at=at,
        next_attempt_at=None,
    )


def _finish(readings: list[Reading], losses: dict[int, Loss], ingested: Ingested, at: datetime) -> None:
    done = []
    for payload, found in readings:
        row: dict[str, Any] = {"id": payload.pk, "alerts": ingested.get(payload.pk, []), "count": len(found), "lost": 0}
        if loss := losses.get(payload.pk):
            row |= {"lost": len(loss.sentences), "sentences": loss.sentences[:KEEP_SENTENCES]}
        done.append(row)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_payload p SET state = CASE d.lost WHEN 0 THEN 'done' ELSE 'in_part' END, failure = '',"
            " read_at = %s, next_attempt_at = NULL, alert_count = d.count, alert_ids = d.alerts,"
            " unreadable_count = d.lost, unreadable = d.sentences"
            " FROM jsonb_to_recordset(%s::jsonb)"
            " AS d(id bigint, alerts bigint[], count int, lost int, sentences text[]) WHERE p.id = d.id",
            [at, json.dumps(done)],
        )


@transaction.atomic
def replay(payload: Payload, *, actor: User | None, at: datetime) -> Payload:
    """Read the payload again with today's parser. What it says is judged by its own moments, so nothing that ended
    since begins anew."""
    fresh = Payload.objects.select_for_update(no_key=True, of=("self",)).select_related("source").get(pk=payload.pk)
    if fresh.state == Payload.State.WAITING:
        raise Refused(_("This payload is waiting to be read already."), code="already")
    _requeue([fresh.pk], at)
    audit.record(actor, "replay payload", f"{fresh.source} #{fresh.pk}", before={}, after={"state": "waiting"}, at=at)
    return Payload.objects.get(pk=fresh.pk)


@transaction.atomic
def replay_unreadable(source: AlertSource, *, actor: User | None, at: datetime) -> int:
    """Read every payload of the source again that could not be read, or only in part; how many there were."""
    rows = source.payloads.not_wholly_read().select_for_update(no_key=True, skip_locked=True)
    pks = list(rows.values_list("pk", flat=True))
    _requeue(pks, at)
    if pks:
        after = {"payloads": len(pks)}
        audit.record(actor, "replay unreadable payloads", str(source), before={}, after=after, at=at)
    return len(pks)


def _requeue(pks: list[int], at: datetime) -> None:
    Payload.objects.filter(pk__in=pks).update(state=Payload.State.WAITING, attempts=0, next_attempt_at=at, failure="")


@transaction.atomic
def send_test(source: AlertSource, *, trial: str, actor: User | None, at: datetime) -> Payload:
    """Put a test alert into the inbox, as the tool itself would send it, and on from there as any other. A paging test
    declares a drill; a quiet one is over at once and declares nothing. Returns the payload that fires."""
    if trial not in {Payload.Trial.QUIET, Payload.Trial.PAGING}:
        raise Refused(_("Choose whether the test may page."), code="unknown_trial", status=400)
    tool, mark = TOOLS[source.kind], token_hex(6)
    fired = _post_test(source, tool.sample(at, name=source.name, mark=mark, firing=True), trial, at)
    if trial == Payload.Trial.QUIET:
        _post_test(source, tool.sample(at, name=source.name, mark=mark, firing=False), trial, at)
    audit.record(actor, "test alert source", str(source), before={}, after={"trial": str(trial)}, at=at)
    return fired


def _post_test(source: AlertSource, document: dict[str, Any], trial: str, at: datetime) -> Payload:
    return Payload.objects.create(
        source=source,
        body=json.dumps(document).encode(),
        content_type="application/json",
        received_at=at,
        next_attempt_at=at,
        trial=trial,
    )


def old_payloads_due(at: datetime) -> int:
    """Throw away payloads that are old, or too many, or too large together; never one that waits. How many went."""
    gone = 0
    SourceMinute.objects.filter(minute__lt=at - timedelta(days=KEEP_DAYS)).delete()
    for source_id in AlertSource.objects.values_list("pk", flat=True):
        gone += _trim(source_id, "done", at, KEEP_PAYLOADS, KEEP_BYTES)
        gone += _trim(source_id, "in_part", at, KEEP_PAYLOADS, KEEP_BYTES)
        gone += _trim(source_id, "unreadable", at, KEEP_UNREADABLE, KEEP_BYTES)
    return gone


def _trim(source_id: int, state: str, at: datetime, payloads: int, size: int) -> int:
    gone = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH newest AS (SELECT id, received_at, row_number() OVER w AS n, sum(octet_length(body)) OVER w AS held"
            " FROM alerts_payload WHERE source_id = %s AND state = %s WINDOW w AS (ORDER BY id DESC)"
            " ORDER BY id DESC LIMIT %s)"
            " SELECT max(id) FROM newest WHERE n > %s OR (held > %s AND n > 1) OR received_at < %s",
            [source_id, state, payloads + 1, payloads, size, at - timedelta(days=KEEP_DAYS)],
        )
        (newest,) = cursor.fetchone()
        while newest is not None:
            cursor.execute(
                "DELETE FROM alerts_payload WHERE id IN (SELECT id FROM alerts_payload"
                " WHERE source_id = %s AND state = %s AND id <= %s LIMIT %s FOR UPDATE SKIP LOCKED)",
                [source_id, state, newest, DELETE_AT_ONCE],
            )
            gone += cursor.rowcount
            if cursor.rowcount < DELETE_AT_ONCE:
                break
    return gone
