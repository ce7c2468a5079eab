"""What fails is tried again, goes another way, or is given up; and it is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from config import env
from core.errors import Refused
from notifications import actions
from notifications.channels import CHANNELS
from notifications.models import Message, MessageState, NotificationRule
from tests.notifications.leaving import hook_of, leave, letterbox_of
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


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
    assert len(mail.to(ben.email)) == 1  # the account's own address, named in no rule
    world.advance(minutes=10)
    assert len(mail.to(ben.email)) == 1


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


def test_mail_can_be_kept_as_files_while_trying_things_out(world: World, settings, tmp_path: Path) -> None:
    chosen = env.mail(env={"MUSTER_EMAIL_URL": "file:", "MUSTER_DATA": str(tmp_path)})
    assert env.mail(env={"MUSTER_EMAIL_URL": f"file://{tmp_path}/letters"})["EMAIL_FILE_PATH"] == f"{tmp_path}/letters"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = chosen["EMAIL_FILE_PATH"]
    (message,) = leave(world, world.person("Ben Ops"))
    world.tick()
    message.refresh_from_db()
    assert message.state == "sent"
    (letter,) = (tmp_path / "mail").iterdir()
    assert message.subject in letter.read_text()


@pytest.mark.parametrize(
    ("address", "server", "chosen", "sender"),
    [
        ("https://muster.example.com", "smtp://mail", "", "Muster <muster@muster.example.com>"),
        ("https://muster.example.com:8443", "smtp://mail", "Ops <ops@b.example>", "Ops <ops@b.example>"),
        ("http://10.0.0.7:8000", "smtp://mail", "", "Muster <muster@localhost>"),
        ("http://localhost:8000", "smtp://mail", "", "Muster <muster@localhost>"),
        ("https://muster.example.com", "file:", "", "Muster <muster@localhost>"),
    ],
)
def test_mail_is_from_the_public_address_unless_another_sender_is_named(
    address: str, server: str, chosen: str, sender: str
) -> None:
    assert env.sender(address, env={"MUSTER_EMAIL_URL": server, "MUSTER_EMAIL_FROM": chosen}) == sender


def test_administrators_are_warned_while_mail_leaves_from_localhost(world: World, settings) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.com", "Muster <muster@localhost>"
    words = "Mail leaves from Muster &lt;muster@localhost&gt;"
    assert words in world.browser(world.admin).get("/me/contact/").content.decode()
    assert words not in world.browser(world.person("Ben Ops")).get("/me/contact/").content.decode()
    settings.DEFAULT_FROM_EMAIL = "Muster <muster@example.com>"
    assert "Mail leaves from" not in world.browser(world.admin).get("/me/contact/").content.decode()


def test_a_mail_server_that_is_down_is_tried_again(world: World, settings, mail: MailCatcher) -> None:
    settings.EMAIL_PORT = 1
    (message,) = leave(world, world.person("Ben Ops"))
    world.tick()
    message.refresh_from_db()
    assert message.state == "queued"
    assert not message.possibly_repeated


def test_a_failed_message_can_be_sent_again_by_an_administrator(world: World, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    mail.answers[ben.email] = "550 no"
    (message,) = leave(world, ben)
    world.tick()
    mail.answers.clear()
    fresh = actions.send_again(Message.objects.get(pk=message.pk), at=world.now)
    world.tick()
    assert len(mail.to(ben.email)) == 1
    fresh.refresh_from_db()
    assert fresh.state == MessageState.SENT
    with pytest.raises(Refused, match="Only a message that failed"):
        actions.send_again(fresh, at=world.now)
