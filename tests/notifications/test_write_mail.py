"""A mail as it arrives: its header, its conversation, its words and its button."""

import uuid

import pytest

from notifications.models import Message
from tests.notifications.leaving import leave
from tests.receivers import MailCatcher
from tests.world import World


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
