"""The outbox at work: claim, send, record.

A claim is a short transaction: due rows are locked past those that others hold, get a lease and a row for the try. Then
the message is sent with no lock and no transaction held, in a thread of its own. The result is recorded only where the
lease is still ours. Who dies between claim and record loses nothing but the lease: when it ends, the message goes out
again, with the same idempotency key, and says that it may be a repeat.
"""

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from django.db import connection, connections, transaction
from django.db.models import Case, F, Q, Value, When

from notifications import circuits, retry, storms
from notifications.actions.outbox import move_on
from notifications.channels import CHANNELS, GiveUp, Outgoing, Receipt, TryAgain
from notifications.models import Attempt, Message, MessageKind, MessageState

log = logging.getLogger(__name__)
WINDOW = 200  # candidates read at a time
ROUNDS = 10  # windows looked through for something that can go now
GRACE = timedelta(seconds=9)  # a lease outlives its channel's longest try by this
BUDGET = 20.0  # seconds after which a sweep claims no more; the next one goes on
PATIENCE = 1.5  # seconds without a landing after which a sweep leaves the slow ones to themselves
OLD_SECRET_SIGNS = timedelta(days=1)
Outcome = Receipt | TryAgain | GiveUp


class Fleet:
    """How many tries run at once in this process, by channel and by lane, so that one hung receiver holds up nobody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: Counter[str] = Counter()

    def has_room(self, channel: str) -> bool:
        """Whether one more try may begin on this channel, in some lane."""
        with self._lock:
            return self._flying[f"channel {channel}"] < CHANNELS[channel].at_once

    def take(self, channel: str, lane: str) -> bool:
        """Room for one more try? Then it is taken."""
        bounds = CHANNELS[channel]
        with self._lock:
            if self._flying[f"channel {channel}"] >= bounds.at_once or self._flying[lane] >= bounds.in_lane:
                return False
            self._flying.update([f"channel {channel}", lane])
            return True

    def give_back(self, channel: str, lane: str) -> None:
        with self._lock:
            self._flying.subtract([f"channel {channel}", lane])


FLEET = Fleet()


class Watch:
    """A moment that moves on by itself from `at`, in whole seconds, without anybody reading the clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def now(self) -> datetime:
        return self.at + timedelta(seconds=int(self.seconds))


class Flight:
    """One try on its way. Lands in its sweep's queue or, once the sweep has left it, records itself."""

    def __init__(self, outgoing: Outgoing, lease: uuid.UUID, landed: "SimpleQueue[Flight]", watch: Watch) -> None:
        self.outgoing, self.lease, self.landed, self.watch = outgoing, lease, landed, watch
        self.outcome: Outcome
        self.is_left = False
        self._handing_over = threading.Lock()
        self.lane = CHANNELS[outgoing.channel].lane(outgoing.address)

    def start(self) -> None:
        threading.Thread(target=self._fly, name=f"message {self.outgoing.id}", daemon=True).start()

    def leave(self) -> None:
        """Nobody waits for it any more."""
        with self._handing_over:
            self.is_left = True

    def _fly(self) -> None:
        self.outcome = attempt(self.outgoing)
        FLEET.give_back(self.outgoing.channel, self.lane)
        with self._handing_over:
            if not self.is_left:
                self.landed.put(self)
                return
        try:
            self.record()
        finally:
            connections.close_all()

    def record(self) -> None:
        """Write down how it went; what cannot be written is found again when the lease ends."""
        try:
            record(self.outgoing, self.lease, self.outcome, at=self.watch.now())
        except Exception:
            log.exception("A delivery could not be recorded", extra={"message_id": self.outgoing.id})


def messages_due(at: datetime) -> int:
    """Send everything that is due, pages first; how many tries began.

    Sends run in threads; the database is only touched by the caller, and by a thread whose send outlasted the caller's
    patience. Within a caller's transaction everything is waited for.
    """
    watch, landed = Watch(at), SimpleQueue[Flight]()
    flying: set[Flight] = set()
    must_wait = connection.in_atomic_block
    begun = 0
    while True:
        for flight in claim(watch, landed) if must_wait or watch.seconds < BUDGET else []:
            flying.add(flight)
            flight.start()
            begun += 1
        if not flying:
            return begun
        try:
            flight = landed.get(timeout=None if must_wait else PATIENCE)
        except Empty:
            break
        flying.remove(flight)
        flight.record()
        while not landed.empty():
            flight = landed.get()
            flying.remove(flight)
            flight.record()
    for flight in flying:
        flight.leave()
    while not landed.empty():  # these landed while the others were being left
        landed.get().record()
    return begun


def claim(watch: Watch, landed: "SimpleQueue[Flight]") -> list[Flight]:
    """Take what can go out now: leased to us, each with a row for its try."""
    at = watch.now()
    taken = _choose(at)
    if not taken:
        return []
    lease, flights = uuid.uuid4(), []
    try:
        with transaction.atomic():
            rows = list(
                Message.objects.due(at)
                .filter(pk__in=taken)
                .select_related("method", "person")
                .select_for_update(skip_locked=True, no_key=True, of=("self",))
            )
            for message in [row for row in rows if row.person is not None and not row.person.is_active]:
                rows.remove(message)  # the account was closed after it was left
                Message.objects.filter(pk=message.pk).update(state=MessageState.WITHDRAWN, next_attempt_at=None)
            for message in [row for row in rows if row.attempts >= retry.tries(row.kind)]:
                rows.remove(message)
                _fail(message, "Its sender was lost at every try, so nobody knows whether it arrived.", at=at)
            rows = _past_circuits(rows, {row.pk: taken[row.pk][1] for row in rows}, at=at)
            rows, carried = storms.calmed(rows, at=at)
            going = [*rows, *(row for group in carried.values() for row in group)]
            for leader, group in carried.items():
                Message.objects.filter(pk__in=[row.pk for row in group]).update(carried_by=leader)
            for channel, bounds in CHANNELS.items():
                mine = [row.pk for row in going if row.channel == channel]
                Message.objects.filter(pk__in=mine).update(
                    state=MessageState.SENDING,
                    attempts=F("attempts") + 1,
                    possibly_repeated=Case(
                        When(state=MessageState.SENDING, then=Value(value=True)), default=F("possibly_repeated")
                    ),
                    lease_token=lease,
                    lease_until=at + timedelta(seconds=bounds.seconds) + GRACE,
                )
            Attempt.objects.bulk_create(
                [Attempt(message=row, number=row.attempts + 1, token=lease, started_at=at) for row in going]
            )
        flights = [Flight(_outgoing(row, carried.get(row.pk, ()), at=at), lease, landed, watch) for row in rows]
        return flights
    finally:
        flown = {flight.outgoing.id for flight in flights}
        for pk, (channel, lane) in taken.items():
            if pk not in flown:
                FLEET.give_back(channel, lane)


def _choose(at: datetime) -> dict[int, tuple[str, str]]:
    """Due messages for which there is room, by id, their places taken. Those in full lanes do not hide the others."""
    taken: dict[int, tuple[str, str]] = {}
    full: set[str] = set()
    for _round in range(ROUNDS):
        roomy = [channel for channel in CHANNELS if FLEET.has_room(channel)]
        rows = (
            Message.objects.due(at)
            .filter(channel__in=roomy)
            .exclude(address__in=full)
            .exclude(pk__in=taken)
            .values_list("pk", "channel", "address")[:WINDOW]
        )
        seen = 0
        for pk, channel, address in rows if roomy else []:
            seen += 1
            lane = CHANNELS[channel].lane(address)
            if FLEET.take(channel, lane):
                taken[pk] = (channel, lane)
            else:
                full.add(address)
        if seen < WINDOW:
            break
    return taken


def _past_circuits(rows: list[Message], lanes: dict[int, str], *, at: datetime) -> list[Message]:
    """Those whose provider is not left alone. The others wait for it, and their person's next channel goes at once."""
    shut, going = circuits.standing(lanes.values()), []
    for row in rows:
        circuit = shut.get(lanes[row.pk])
        if circuit is None or circuits.lets_through(circuit, at=at):
            going.append(row)
        elif row.kind == MessageKind.PAGE and at - row.created_at >= circuits.GIVES_UP_AFTER:
            _fail(row, circuit.reason, at=at)
        else:
            row.possibly_repeated = row.possibly_repeated or row.state == MessageState.SENDING
            row.state, row.lease_token, row.lease_until = MessageState.QUEUED, None, None
            pause = timedelta(seconds=circuits.FIRST_PAUSE)
            row.next_attempt_at, row.failure = max(circuit.next_probe_at or at, at + pause / 6), circuit.reason
            row.save()
            move_on(row, at=at)
    return going


def _outgoing(row: Message, carried: Sequence[Message] = (), *, at: datetime) -> Outgoing:
    """What the channel is given; `row` is as it was before the claim. It speaks for those whom it carries as well."""
    if carried:
        told = storms.told(row, list(carried))
        was_lost = any(each.possibly_repeated or each.state == MessageState.SENDING for each in carried)
        alone = _outgoing(row, at=at)
        return replace(alone, **told, possibly_repeated=alone.possibly_repeated or was_lost)
    method, versions = row.method, [1]
    if method is not None:
        versions = [method.secret_version]
        if method.secret_rotated_at and at - method.secret_rotated_at < OLD_SECRET_SIGNS:
            versions.append(method.secret_version - 1)
    return Outgoing(
        id=row.pk,
        idempotency_key=row.idempotency_key,
        topic=row.topic,
        kind=row.kind,
        address=row.address,
        subject=row.subject,
        text=row.text,
        payload=row.payload,
        possibly_repeated=row.possibly_repeated or row.state == MessageState.SENDING,
        number=row.attempts + 1,
        tried_at=at,
        channel=row.channel,
        language=row.person.language if row.person else "",
        owner=method.owner if method else "",
        versions=versions,
    )


def attempt(outgoing: Outgoing) -> Outcome:
    """One try through its channel; whatever happens, an outcome."""
    try:
        return CHANNELS[outgoing.channel].send(outgoing)
    except (TryAgain, GiveUp) as outcome:
        return outcome
    except Exception as error:
        log.exception("A channel failed in a way of its own", extra={"message_id": outgoing.id})
        return TryAgain(f"The sender failed: {type(error).__name__}.", may_have_arrived=True)


@transaction.atomic
def record(outgoing: Outgoing, lease: uuid.UUID, outcome: Outcome, *, at: datetime) -> None:
    """Write down how a try went, as long as its lease is still ours."""
    words = {Receipt: "sent", TryAgain: "try_again", GiveUp: "gave_up"}[type(outcome)]
    detail = "" if isinstance(outcome, Receipt) else str(outcome)
    mine = Message.objects.filter(Q(pk=outgoing.id) | Q(carried_by=outgoing.id), lease_token=lease)
    Attempt.objects.filter(Q(message=outgoing.id) | Q(message__carried_by=outgoing.id), token=lease).update(
        finished_at=at, outcome=words, detail=detail
    )
    rows = list(mine.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        log.warning("A result came after its lease had ended", extra={"message_id": outgoing.id, "outcome": words})
    for message in rows:
        _settle(message, outcome, at=at)
    lane = CHANNELS[outgoing.channel].lane(outgoing.address)
    if isinstance(outcome, TryAgain):
        if outcome.of_lane:
            circuits.failed(lane, detail, at=at)
    else:
        circuits.worked(lane)


def _settle(message: Message, outcome: Outcome, *, at: datetime) -> None:
    """How it went, for one message that went out or was carried."""
    message.lease_token = message.lease_until = None
    if not isinstance(outcome, Receipt):
        message.carried_by = None
    if isinstance(outcome, Receipt):
        message.state, message.sent_at = MessageState.SENT, at
        message.provider_id = outcome.provider_id or message.provider_id
        message.failure = ""
        message.save()
        return
    if message.state != MessageState.SENDING:  # withdrawn meanwhile: it did not go out, and now never will
        message.save(update_fields=["lease_token", "lease_until", "carried_by"])
        return
    _put_off(message, outcome, at=at)


def _put_off(message: Message, outcome: TryAgain | GiveUp, *, at: datetime) -> None:
    wait = None
    if isinstance(outcome, TryAgain):
        wait = retry.next_wait(message.kind, message.attempts, asked=outcome.after)
        message.possibly_repeated = message.possibly_repeated or outcome.may_have_arrived
    if wait is None:
        _fail(message, str(outcome), at=at)
        return
    message.state, message.failure = MessageState.QUEUED, str(outcome)
    message.next_attempt_at = at + timedelta(seconds=wait)
    message.save()
    if message.attempts == retry.TRIES_BEFORE_NEXT_CHANNEL:
        move_on(message, at=at)


def _fail(message: Message, reason: str, *, at: datetime) -> None:
    """A dead letter: it stays in the list with its reason, and its person's next channel goes at once."""
    message.state, message.failure = MessageState.FAILED, reason
    message.next_attempt_at = message.lease_token = message.lease_until = None
    message.save()
    log.error("A message was given up", extra={"message_id": message.pk, "channel": message.channel, "reason": reason})
    move_on(message, at=at)
