"""The outbox at work: claimed, sent, recorded; tried again, given up, and never lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from core.errors import Refused
from notifications import actions, delivery
from notifications.channels import CHANNELS, TryAgain
from notifications.models import Attempt, ContactMethod, Message, MessageState, NotificationRule
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def leave(world: World, person: User, *, kind: str = "page", topic: str = "page/1", **more: Any) -> list[Message]:
    given = {
        "topic": topic, "kind": kind, "urgency": "high", "subject": "Checkout is down", "text": "Come, please.",
        "payload": {"incident": "INC-1"}, "key": topic, "at": world.now,
    }  # fmt: skip
    return actions.notify(person, **{**given, **more})


def hook_of(world: World, person: User, web: WebReceiver, path: str = "/hook") -> ContactMethod:
    return ContactMethod.objects.create(person=person, channel="webhook", address=web.url(path), verified_at=world.now)


def letterbox_of(world: World, person: User) -> ContactMethod:
    return ContactMethod.objects.create(person=person, channel="email", address=person.email, verified_at=world.now)


def outcomes(message: Message) -> list[str]:
    return list(Attempt.objects.filter(message=message).values_list("outcome", flat=True))


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


def test_a_failing_receiver_is_tried_again_by_the_schedule_and_then_given_up(world: World, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    (message,) = leave(world, ben, kind="update")
    web.mode = "503"
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.next_attempt_at) == ("queued", world.now + timedelta(seconds=15))
    assert message.failure == "The receiver answered 503."
    for _try in range(12):
        world.traveller.shift(3600)
        world.tick()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 8)
    assert len(web.ledger) == 8
    assert set(web.ledger.keys) == {message.idempotency_key}
    assert [row.body["attempt"] for row in web.ledger.rows] == list(range(1, 9))


def test_a_page_that_fails_twice_brings_the_next_channel_at_once(world: World, mail, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook, letterbox = hook_of(world, ben, web), letterbox_of(world, ben)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=900, method=letterbox)
    web.mode = "500"
    leave(world, ben)
    world.tick()
    assert len(mail.ledger) == 0
    world.advance(seconds=5)
    world.tick()
    assert len(mail.ledger) == 1


def test_a_dead_letter_brings_the_next_channel_at_once(world: World, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook, letterbox = hook_of(world, ben, web), letterbox_of(world, ben)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook)
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=900, method=letterbox)
    web.mode = "410"
    first, _second = leave(world, ben)
    world.tick()
    first.refresh_from_db()
    assert (first.state, first.failure) == ("failed", "The receiver answered 410.")
    assert len(mail.ledger) == 1


def test_when_no_rule_is_left_an_unused_method_steps_in(world: World, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=hook_of(world, ben, web))
    web.mode = "404"
    leave(world, ben)
    world.tick()
    world.tick()
    assert [row.path for row in mail.ledger.rows] == [ben.email]  # the account's own address, named in no rule
    world.advance(minutes=10)
    assert len(mail.ledger) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30), ("99999", 60), ("Mon, 05 Jan 2026 09:00:45 GMT", 45), ("soon", 5)]
)
def test_a_receiver_s_wish_to_wait_is_heeded_within_bounds(
    world: World, web: WebReceiver, header: str, seconds: int
) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    web.mode, web.headers = "429", {"Retry-After": header}
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert message.next_attempt_at == world.now + timedelta(seconds=seconds)


def test_a_redirect_is_not_followed_and_given_up(world: World, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    web.mode, web.headers = "redirect", {"Location": web.url("/elsewhere")}
    (message,) = leave(world, ben, kind="update")
    world.tick()
    message.refresh_from_db()
    assert message.state == "failed"
    assert "redirects are not followed" in message.failure
    assert [row.path for row in web.ledger.rows] == ["/hook"]


def test_an_address_that_became_forbidden_is_given_up(world: World, web: WebReceiver, settings) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    settings.ALLOW_PRIVATE_ADDRESSES = False
    (message,) = leave(world, ben, kind="update")
    world.tick()
    message.refresh_from_db()
    assert (message.state, len(web.ledger)) == ("failed", 0)
    assert "private or loopback" in message.failure


def test_a_connection_cut_without_an_answer_is_tried_again_and_says_it_may_be_a_repeat(world: World, web) -> None:
    ben = world.person("Ben Ops")
    hook_of(world, ben, web)
    web.mode = "reset"
    (message,) = leave(world, ben)
    world.tick()
    web.mode = "ok"
    world.advance(seconds=5)
    message.refresh_from_db()
    assert (message.state, message.possibly_repeated) == ("sent", True)
    assert [row.body["possibly_repeated"] for row in web.ledger.rows] == [False, True]
    assert len(set(web.ledger.keys)) == 1


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


def test_a_fault_inside_a_channel_is_an_outcome_too(world: World, monkeypatch) -> None:
    def broken(outgoing):
        raise ZeroDivisionError

    monkeypatch.setitem(CHANNELS, "email", CHANNELS["email"]._replace(send=broken))
    (message,) = leave(world, world.person("Ben Ops"))
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.failure) == ("queued", "The sender failed: ZeroDivisionError.")


def test_greylisting_is_tried_again(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    mail.answers[ben.email] = "451 4.7.1 try later"
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.failure) == ("queued", "The mail server answered 451 4.7.1 try later")
    mail.answers.clear()
    world.advance(seconds=5)
    assert len(mail.ledger) == 1


def test_a_mailbox_that_is_not_there_is_given_up_and_the_webhook_goes_at_once(world: World, mail, web) -> None:
    ben = world.person("Ben Ops")
    NotificationRule.objects.create(person=ben, urgency="high", after_seconds=0, method=letterbox_of(world, ben))
    hook_of(world, ben, web)
    mail.answers[ben.email] = "550 5.1.1 no such user"
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert message.state == "failed"
    world.tick()
    assert len(web.ledger) == 1


def test_without_a_mail_server_a_page_does_not_pretend_to_be_sent(world: World, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    (message,) = leave(world, world.person("Ben Ops"))
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.failure) == ("failed", "No mail server is set up: MUSTER_EMAIL_URL is empty.")


def test_a_mail_server_that_is_down_is_tried_again(world: World, settings, mail: MailCatcher) -> None:
    settings.EMAIL_PORT = 1
    (message,) = leave(world, world.person("Ben Ops"))
    world.tick()
    message.refresh_from_db()
    assert message.state == "queued"
    assert not message.possibly_repeated


@pytest.mark.parametrize(
    "subject",
    [
        "Down\r\nBcc: victim@example.com\r\n\r\nhello",
        "Down\nTo: victim@example.com",
        "Down\u2028Bcc: victim@example.com",
        "pay\u202egpj.exe\u2066 now",
        "tab\tand\x00nul\x07bell\x85next",
        "支付 ist kaputt ☠",
        "=?utf-8?q?Bcc:=20x?=",
        "x" * 5000,
    ],
)
def test_no_subject_makes_a_header_of_its_own(world: World, mail: MailCatcher, subject: str) -> None:
    ben = world.person("Ben Ops")
    leave(world, ben, subject=subject)
    world.tick()
    (row,) = mail.ledger.rows
    assert row.path == ben.email
    letter = row.body
    assert letter["to"] == ben.email
    assert letter["bcc"] is None
    assert len(letter.get_all("to")) == len(letter.get_all("subject")) == 1
    assert not set(str(letter["subject"])) & set("\r\n\t\x00\x07\x85\u2028\u202e\u2066")
    head = row.raw.split(b"\r\n\r\n", 1)[0]
    assert not [line for line in head.split(b"\r\n") if line.lower().startswith((b"bcc", b"to: victim"))]


def test_mails_of_one_incident_make_one_conversation(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    leave(world, ben, topic="page/1")
    leave(world, ben, topic="page/2")
    leave(world, ben, topic="page/3", payload={"incident": "INC-2"})
    world.tick()
    one, two, three = sorted(mail.to(ben.email), key=lambda letter: letter["X-Muster-Idempotency-Key"])
    assert one["References"] == two["References"] != three["References"]
    assert len({letter["Message-ID"] for letter in (one, two, three)}) == 3
    assert one["Auto-Submitted"] == "auto-generated"


def test_a_repeat_carries_the_same_message_id(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    (message,) = leave(world, ben)
    world.tick()
    Message.objects.filter(pk=message.pk).update(
        state="sending", lease_token=uuid.uuid4(), lease_until=world.now, sent_at=None
    )
    world.tick()
    first, second = mail.to(ben.email)
    assert first["Message-ID"] == second["Message-ID"]


def test_the_mail_has_words_and_a_button(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    leave(
        world, ben, text="<b>Checkout</b>\n\nSee https://muster.example.com/p/x/",
        payload={"acknowledge_url": "https://muster.example.com/p/x/"},
    )  # fmt: skip
    world.tick()
    (letter,) = mail.to(ben.email)
    html = letter.get_body(("html",)).get_content()
    assert "&lt;b&gt;Checkout" in html
    assert '<a href="https://muster.example.com/p/x/">' in html
    assert html.count("Acknowledge") == 1


def test_a_failed_message_can_be_sent_again_by_an_administrator(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    mail.answers[ben.email] = "550 no"
    (message,) = leave(world, ben)
    world.tick()
    mail.answers.clear()
    fresh = actions.send_again(Message.objects.get(pk=message.pk), at=world.now)
    world.tick()
    assert len(mail.ledger) == 1
    fresh.refresh_from_db()
    assert fresh.state == MessageState.SENT
    with pytest.raises(Refused, match="Only a message that failed"):
        actions.send_again(fresh, at=world.now)
