"""The outbox at work: claimed, sent, recorded, and never lost."""

import uuid
from datetime import timedelta

from accounts.models import User
from notifications import actions, delivery
from notifications.channels import TryAgain
from notifications.models import Attempt, ContactMethod, Message
from tests.notifications.leaving import hook_of, leave, outcomes
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def test_somebody_with_nothing_but_an_account_is_reached_by_its_e_mail(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("sent", world.now, 1)
    assert outcomes(message) == ["sent"]
    assert mail.to("ben.ops@example.com")


def test_the_same_key_again_leaves_nothing_twice(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    first = leave(world, ben)
    world.tick()
    again = leave(world, ben)
    world.tick()
    assert first == again
    assert len(mail.ledger) == 1


def test_a_closed_account_gets_nothing(world: World, mail: MailCatcher) -> None:
    assert leave(world, world.person("Ben Ops", is_active=False)) == []
    world.tick()
    assert len(mail.ledger) == 0


def test_what_waits_for_an_account_that_is_closed_meanwhile_never_goes_out(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    (message,) = leave(world, ben)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    world.tick()
    message.refresh_from_db()
    assert (message.state, len(mail.ledger)) == ("withdrawn", 0)


def test_an_unverified_address_gets_no_pages(world: World, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    ContactMethod.objects.create(person=ben, channel="webhook", address=web.url())
    leave(world, ben)
    world.tick()
    assert (len(web.ledger), len(mail.ledger)) == (0, 1)


def test_pages_go_before_everything_else(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    for number in range(8):
        leave(world, ben, kind="update", topic=f"update/{number}", subject="news")
    leave(world, ben, subject="page")
    assert Message.objects.due(world.now).first().subject == "page"


def test_a_sender_killed_between_claim_and_record_loses_only_its_lease(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    (message,) = leave(world, ben)
    Message.objects.update(
        state="sending", attempts=1, lease_token=uuid.uuid4(), lease_until=world.now + timedelta(seconds=15)
    )
    Attempt.objects.create(message=message, number=1, started_at=world.now)
    world.advance(seconds=10)
    assert len(mail.ledger) == 0
    world.advance(seconds=5)
    message.refresh_from_db()
    assert (message.state, message.possibly_repeated, message.attempts) == ("sent", True, 2)
    (letter,) = mail.to(ben.email)
    assert letter["X-Muster-Possibly-Repeated"] == "yes"
    assert "may have reached you already" in letter.get_body(("plain",)).get_content()
    assert letter["X-Muster-Idempotency-Key"] == message.idempotency_key
    assert outcomes(message) == ["unknown", "sent"]


def test_a_message_whose_sender_dies_at_every_try_stops_at_last(world: World, mail: MailCatcher) -> None:
    (message,) = leave(world, world.person("Ben Ops"))
    Message.objects.update(state="sending", attempts=8, lease_token=uuid.uuid4(), lease_until=world.now)
    world.tick()
    message.refresh_from_db()
    assert message.state == "failed"
    assert "lost at every try" in message.failure


def test_a_result_that_comes_after_its_lease_is_refused(world: World, mail: MailCatcher) -> None:
    (message,) = leave(world, world.person("Ben Ops"))
    mine, landed = uuid.uuid4(), delivery.Watch(world.now)
    Message.objects.update(state="sending", attempts=1, lease_token=mine, lease_until=world.now)
    message.refresh_from_db()
    late = delivery._outgoing(message, at=world.now)
    world.tick()  # somebody else took it and sent it
    delivery.record(late, mine, TryAgain("too late"), at=landed.now())
    message.refresh_from_db()
    assert message.state == "sent"


def test_what_is_withdrawn_while_it_is_on_its_way_is_not_tried_again(
    world: World, web: WebReceiver, monkeypatch
) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    (message,) = leave(world, ben)
    lease = uuid.uuid4()
    Message.objects.update(
        state="sending", attempts=1, lease_token=lease, lease_until=world.now + timedelta(seconds=15)
    )
    message.refresh_from_db()
    assert actions.withdraw("page/1", at=world.now) == 1
    delivery.record(delivery._outgoing(message, at=world.now), lease, TryAgain("503"), at=world.now)
    world.advance(minutes=5)
    message.refresh_from_db()
    assert (message.state, len(web.ledger)) == ("withdrawn", 0)


def test_what_had_gone_out_when_it_was_withdrawn_counts_as_sent(world: World, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    (message,) = leave(world, ben)
    lease = uuid.uuid4()
    Message.objects.update(
        state="sending", attempts=1, lease_token=lease, lease_until=world.now + timedelta(seconds=15)
    )
    message.refresh_from_db()
    actions.withdraw("page/1", at=world.now)
    delivery.record(delivery._outgoing(message, at=world.now), lease, delivery.Receipt(), at=world.now)
    message.refresh_from_db()
    assert message.state == "sent"
