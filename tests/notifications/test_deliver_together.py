"""Several senders at once, over several connections."""

import threading
import time
import uuid
from typing import Any

import pytest
from django.db import connection, connections

from notifications import actions, delivery
from notifications.models import Attempt, ContactMethod, Message
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def leave(world: World, address: str, key: str, channel: str = "webhook", **more: Any) -> Message:
    return actions.send_to(
        channel, address, topic=key, kind="page", subject="Down", text="", payload={}, key=key, at=world.now, **more
    )  # fmt: skip


def at_once(count: int, work: Any) -> None:
    """Run `work` in `count` threads that begin together, each with its own connection."""
    gate, faults = threading.Barrier(count), []

    def run() -> None:
        try:
            gate.wait()
            work()
        except Exception as fault:  # told by the assertion below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults


def test_workers_that_race_send_each_message_once(committed_world: World, web: WebReceiver) -> None:
    world = committed_world
    for number in range(60):
        leave(world, web.url(f"/{number % 7}"), f"race/{number}")
    at_once(4, lambda: delivery.messages_due(world.now))
    assert sorted(web.ledger.keys) == sorted(f"race/{number}" for number in range(60))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert Attempt.objects.count() == 60


def test_a_hung_receiver_delays_nobody_else(committed_world: World, web: WebReceiver, mail: MailCatcher) -> None:
    world = committed_world
    web.modes["/hung"] = "hang"
    hung = web.url("/hung")
    good = hung.replace("127.0.0.1", "localhost").replace("/hung", "/good")
    for number in range(300):
        leave(world, hung, f"hung/{number}")
    leave(world, good, "good")
    leave(world, "ben@example.com", "letter", channel="email")
    began = time.monotonic()
    delivery.messages_due(world.now)
    left_after = time.monotonic() - began
    assert left_after < 5
    by_key = {row.key: row.arrived - began for row in [*web.ledger.rows, *mail.ledger.rows]}
    assert by_key["good"] < 1
    assert by_key["letter"] < 1
    assert sum(key.startswith("hung") for key in by_key) <= 2


def test_a_slow_send_that_its_sweep_left_records_itself(committed_world: World, web: WebReceiver) -> None:
    world = committed_world
    web.mode, web.slow_seconds = "slow", delivery.PATIENCE + 0.5
    message = leave(world, web.url(), "slow")
    delivery.messages_due(world.now)
    message.refresh_from_db()
    assert message.state == "sending"
    before = threads()
    for thread in before:
        thread.join(10)
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(web.ledger) == 1
    assert open_connections() == 1  # the thread gave its connection back


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("message ")]


def open_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return 1 + int(cursor.fetchone()[0])


def test_acknowledging_and_sending_at_the_same_moment_leaves_one_truth(committed_world: World, web) -> None:
    world = committed_world
    for number in range(10):
        leave(world, web.url(f"/{number}"), f"crossing/{number}")
    rounds = iter(range(2))

    def either() -> None:
        if next(rounds) == 0:
            delivery.messages_due(world.now)
        else:
            for number in range(10):
                actions.withdraw(f"crossing/{number}", at=world.now)

    at_once(2, either)
    for thread in threads():
        thread.join(10)
    arrived = set(web.ledger.keys)
    sent = set(Message.objects.filter(state="sent").values_list("idempotency_key", flat=True))
    assert arrived == sent
    assert not Message.objects.exclude(state__in=["sent", "withdrawn"]).exists()


@pytest.mark.parametrize("senders", [1, 3])
def test_a_lease_that_ran_out_is_taken_by_one_sender_only(committed_world: World, web, senders: int) -> None:
    world = committed_world
    message = leave(world, web.url(), "orphan")
    Message.objects.update(state="sending", attempts=1, lease_token=uuid.uuid4(), lease_until=world.now)
    at_once(senders, lambda: delivery.messages_due(world.now))
    assert web.ledger.keys == ["orphan"]
    assert web.ledger.rows[0].body["possibly_repeated"] is True
    message.refresh_from_db()
    assert message.state == "sent"


def test_two_people_asking_at_once_make_one_account_address(committed_world: World, mail: MailCatcher) -> None:
    world = committed_world
    ben = world.person("Ben Ops")
    numbers = iter(range(4))

    def ask() -> None:
        actions.notify(
            ben, topic="page/1", kind="page", urgency="high", subject="Down", text="", payload={},
            key=f"page/{next(numbers)}", at=world.now,
        )  # fmt: skip

    at_once(4, ask)
    assert ContactMethod.objects.filter(person=ben).count() == 1
    assert Message.objects.count() == 4
