"""What comes back: receipts, a key pressed on the phone, a button pressed in Slack. Each is signed."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from incidents import actions as incidents
from incidents import links, paging
from incidents.models import Incident, Page
from notifications.channels import slack, twilio
from notifications.models import ContactMethod, Message
from tests.notifications.leaving import leave
from tests.receivers import WebReceiver
from tests.world import World

HERE = "https://muster.example.com"


@pytest.fixture(autouse=True)
def providers(web: WebReceiver, settings: Any) -> WebReceiver:
    settings.PUBLIC_URL = HERE
    settings.TWILIO_URL = settings.SLACK_URL = web.url("")
    settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN = "AC1", "twilio secret"
    settings.TWILIO_SMS_FROM = settings.TWILIO_VOICE_FROM = "+15005550006"
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-1", "shh"
    web.body = b'{"sid": "SM1", "ok": true, "channel": "D1", "ts": "1.2"}'
    return web


def from_twilio(path: str, fields: dict[str, str], *, signed: str | None = None) -> Any:
    proof = signed if signed is not None else twilio.signature(HERE + path, {k: [v] for k, v in fields.items()})
    return Client().post(path, fields, headers={"x-twilio-signature": proof})


def from_slack(world: World, member: str, token: str, *, age: int = 0, secret: str = "shh") -> Any:
    payload = {"user": {"id": member}, "actions": [{"action_id": slack.BUTTON, "value": token}]}
    body = urlencode({"payload": json.dumps(payload)})
    stamp = str(int(world.now.timestamp()) - age)
    proof = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": proof}
    return Client().post("/hooks/slack/", body, content_type="application/x-www-form-urlencoded", headers=headers)


def texted(world: World) -> Message:
    ben = world.person("Ben Ops")
    ContactMethod.objects.create(person=ben, channel="sms", address="+4915123456789", verified_at=world.now)
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("sent", "SM1")
    return message


def paged(world: World, channel: str, address: str) -> tuple[Incident, Page]:
    ben = world.person("Ben Ops")
    ContactMethod.objects.create(person=ben, channel=channel, address=address, verified_at=world.now)
    incident = incidents.declare(
        title="Checkout is down", severity=world.severity("SEV1"), service=None, actor=world.admin, at=world.now
    )
    return incident, paging.page(incident, ben, reason="asked", at=world.now)


def test_twilio_s_own_example_of_a_signature(settings: Any) -> None:
    settings.TWILIO_TOKEN = "12345"
    fields = {
        "CallSid": ["CA1234567890ABCDE"], "Caller": ["+14158675310"], "Digits": ["1234"],
        "From": ["+14158675310"], "To": ["+18005551212"],
    }  # fmt: skip
    assert twilio.signature("https://mycompany.com/myapp.php?foo=1&bar=2", fields) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


def test_slack_s_own_example_of_a_signature(settings: Any) -> None:
    settings.SLACK_SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    given = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    at = datetime.fromtimestamp(1531420618, UTC)
    assert slack.is_genuine(body, stamp="1531420618", given=given, at=at)
    assert not slack.is_genuine(body + b"x", stamp="1531420618", given=given, at=at)


def test_a_delivered_text_is_marked_delivered(world: World) -> None:
    message = texted(world)
    path = f"/hooks/twilio/{message.pk}/"
    assert from_twilio(path, {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 204
    message.refresh_from_db()
    assert message.state == "sent"
    assert from_twilio(path, {"MessageSid": "SM1", "MessageStatus": "delivered"}).status_code == 204
    message.refresh_from_db()
    assert (message.state, message.delivered_at) == ("delivered", world.now)


def test_an_undelivered_text_fails_and_the_next_method_goes_at_once(world: World) -> None:
    message = texted(world)
    fields = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    from_twilio(f"/hooks/twilio/{message.pk}/", fields)
    message.refresh_from_db()
    assert (message.state, message.failure) == ("failed", "Twilio answered 30003: undelivered")
    assert Message.objects.filter(topic=message.topic, channel="email").count() == 1


def test_reports_that_are_forged_or_about_another_message_change_nothing(world: World) -> None:
    message = texted(world)
    path = f"/hooks/twilio/{message.pk}/"
    fields = {"MessageSid": "SM1", "MessageStatus": "failed"}
    assert from_twilio(path, fields, signed="nonsense").status_code == 403
    assert from_twilio(path, fields, signed="").status_code == 403
    assert from_twilio(path, {**fields, "MessageSid": "SM2"}).status_code == 204
    assert from_twilio("/hooks/twilio/999999999999999999999/", fields).status_code == 204
    assert Client().get(path).status_code == 405
    message.refresh_from_db()
    assert message.state == "sent"


def test_one_on_the_keypad_acknowledges_as_who_was_called(world: World) -> None:
    incident, row = paged(world, "voice", "+4915123456789")
    path = f"/p/{links.token_for(row, at=world.now)}/keypad/"
    assert "Nothing was acknowledged" in from_twilio(path, {"Digits": "5"}).content.decode()
    assert from_twilio(path, {"Digits": "1"}, signed="bad").status_code == 403
    incident.refresh_from_db()
    assert incident.acknowledged_at is None
    spoken = from_twilio(path, {"Digits": "1"}).content.decode()
    assert spoken == f'<Response><Say language="en-US">You have acknowledged {incident.reference}.</Say></Response>'
    incident.refresh_from_db()
    assert incident.acknowledged_at == world.now
    assert "over" in from_twilio("/p/bent/keypad/", {"Digits": "1"}).content.decode()


def test_the_button_in_slack_acknowledges_as_who_was_paged(world: World, web: WebReceiver) -> None:
    incident, _row = paged(world, "slack", "U012ABCDEF")
    world.tick()
    sent = web.ledger.rows[-1].body
    button = next(block for block in sent["blocks"] if block["type"] == "actions")["elements"][0]
    assert from_slack(world, "U012ABCDEF", button["value"]).status_code == 200
    incident.refresh_from_db()
    assert incident.acknowledged_at == world.now
    world.tick()
    assert f"You have acknowledged {incident.reference}." in web.ledger.rows[-1].body["text"]


def test_nobody_else_presses_that_button(world: World) -> None:
    incident, row = paged(world, "slack", "U012ABCDEF")
    token = links.token_for(row, at=world.now)
    cleo = world.person("Cleo Dev")
    ContactMethod.objects.create(person=cleo, channel="slack", address="U0CLEO999", verified_at=world.now)
    assert from_slack(world, "U012ABCDEF", token, secret="wrong").status_code == 403
    assert from_slack(world, "U012ABCDEF", token, age=400).status_code == 403
    assert from_slack(world, "U0NOBODY1", token).status_code == 200
    assert from_slack(world, "U0CLEO999", token).status_code == 200
    assert from_slack(world, "U012ABCDEF", "bent").status_code == 200
    assert Client().post("/hooks/slack/", {"payload": "{"}).status_code == 403
    incident.refresh_from_db()
    assert incident.acknowledged_at is None
    row.person.is_active = False
    row.person.save()
    assert from_slack(world, "U012ABCDEF", token).status_code == 200
    incident.refresh_from_db()
    assert incident.acknowledged_at is None
