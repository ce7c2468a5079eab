"""Every provider, spoken to over a socket in its own words: what Muster sends, and what it makes of each answer."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from accounts.models import User
from notifications.models import ContactMethod, Message
from tests.notifications.leaving import leave, outcomes
from tests.receivers import WebReceiver
from tests.world import World

EXCHANGES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "exchanges").glob("*.json")}
CASES = [(name, number) for name, found in sorted(EXCHANGES.items()) for number in range(len(found["answers"]))]
HOSTILE = "<!channel> @channel *bold* [x](https://evil.example) \u202eevil & <b>\x07"
PAYLOAD = {
    "incident": "INC-1",
    "acknowledge_url": "https://muster.example.com/p/1-2.abc/",
    "incident_url": "https://muster.example.com/incidents/INC-1/",
}


@pytest.fixture
def provider(web: WebReceiver, settings: Any) -> WebReceiver:
    """Every provider at once, on the loopback."""
    here = web.url("")
    settings.PUBLIC_URL = "https://muster.example.com"
    settings.TWILIO_URL = settings.SLACK_URL = settings.TELEGRAM_URL = here
    settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN = "AC0123456789", "twilio secret"
    settings.TWILIO_SMS_FROM = settings.TWILIO_VOICE_FROM = "+15005550006"
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-1", "shh"
    settings.TELEGRAM_BOT_TOKEN = "123:secret"
    return web


def reached(world: World, name: str, provider: WebReceiver) -> tuple[User, ContactMethod]:
    found = EXCHANGES[name]
    ben = world.person("Ben Ops")
    address = found["address"].replace("{here}", provider.url(""))
    channel = found.get("channel", name)
    return ben, ContactMethod.objects.create(person=ben, channel=channel, address=address, verified_at=world.now)


def sent_fields(provider: WebReceiver) -> dict[str, Any]:
    row = provider.ledger.rows[-1]
    if row.headers["content-type"].startswith("application/x-www-form-urlencoded"):
        return {key: values[-1] for key, values in parse_qs(row.raw.decode()).items()}
    return dict(row.body)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_each_documented_answer_has_its_consequence(
    world: World, provider: WebReceiver, name: str, number: int
) -> None:
    exchange = EXCHANGES[name]
    answer = exchange["answers"][number]
    ben, _method = reached(world, name, provider)
    provider.mode, provider.headers = str(answer["status"]), answer.get("headers", {})
    provider.body = answer["text"].encode() if "text" in answer else json.dumps(answer["body"]).encode()
    (message,) = leave(world, ben, payload=PAYLOAD)
    world.tick()
    message.refresh_from_db()
    assert outcomes(message) == [answer["becomes"]]
    assert provider.ledger.rows[0].path == exchange["path"]
    fields = sent_fields(provider)
    assert {key: fields.get(key) for key in exchange["request"]} == exchange["request"]
    assert answer.get("says", "") in message.failure
    assert message.provider_id == answer.get("provider_id", "")
    if "wait" in answer:
        assert message.next_attempt_at == world.now + timedelta(seconds=answer["wait"])
    assert "secret" not in message.failure


@pytest.mark.parametrize("name", sorted(EXCHANGES))
def test_a_provider_that_hangs_up_is_tried_again_and_may_be_a_repeat(world: World, provider, name: str) -> None:
    ben, _method = reached(world, name, provider)
    provider.mode = "reset"
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.possibly_repeated) == ("queued", True)


@pytest.mark.parametrize("name", sorted(EXCHANGES))
def test_hostile_words_arrive_harmless(world: World, provider: WebReceiver, name: str) -> None:
    ben, _method = reached(world, name, provider)
    leave(world, ben, subject=HOSTILE, text=HOSTILE, payload=PAYLOAD)
    world.tick()
    raw = provider.ledger.rows[-1].raw.decode()
    assert "\u202e" not in raw
    assert "\x07" not in raw
    fields = sent_fields(provider)
    if name.startswith("slack"):
        assert "<!channel>" not in fields["text"]
        assert "<!channel>" not in fields["blocks"][1]["text"]["text"]
    if name == "mattermost":
        assert "@channel" not in fields["text"]
        assert "[x](" not in fields["text"]
    if name == "voice":
        assert "<b>" not in fields["Twiml"]


@pytest.mark.parametrize("name", sorted(EXCHANGES))
def test_the_acknowledge_link_travels_along(world: World, provider: WebReceiver, name: str) -> None:
    ben, _method = reached(world, name, provider)
    leave(world, ben, payload=PAYLOAD)
    world.tick()
    raw = json.dumps(sent_fields(provider))
    assert "1-2.abc" in raw
    assert "Checkout is down" in raw


def test_a_phone_call_is_answered_by_its_keypad_and_reports_back(world: World, provider: WebReceiver) -> None:
    ben, _method = reached(world, "voice", provider)
    (message,) = leave(world, ben, payload=PAYLOAD)
    world.tick()
    fields = sent_fields(provider)
    assert 'action="https://muster.example.com/p/1-2.abc/keypad/"' in fields["Twiml"]
    assert "Press 1 to acknowledge." in fields["Twiml"]
    assert fields["StatusCallback"] == f"https://muster.example.com/hooks/twilio/{message.pk}/"


@pytest.mark.parametrize(
    ("channel", "given", "kept"),
    [
        ("sms", " +49 (151) 234-567.89 ", "+4915123456789"),
        ("voice", "0049 151 23456789", "+4915123456789"),
        ("telegram", " -1001234567890 ", "-1001234567890"),
        ("slack", "u012abcdef", "U012ABCDEF"),
    ],
)
def test_addresses_are_kept_tidy(world: World, provider: WebReceiver, channel: str, given: str, kept: str) -> None:
    ben = world.person("Ben Ops")
    answer = world.browser(ben).post("/me/contact/", {"channel": channel, "address": given})
    assert answer.status_code == 302
    assert ContactMethod.objects.get(channel=channel).address == kept


@pytest.mark.parametrize(
    ("channel", "given", "sentence"),
    [
        ("sms", "0151 23456789", "begins with +"),
        ("voice", "+49 call me", "begins with +"),
        ("sms", "+٤٩١٥١٢٣٤٥٦٧٨٩", "begins with +"),
        ("telegram", "@ben", "number of your chat"),
    ],
)
def test_wrong_numbers_are_told_at_the_field(world: World, provider, channel: str, given: str, sentence: str) -> None:
    answer = world.browser(world.person("Ben Ops")).post("/me/contact/", {"channel": channel, "address": given})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_channel_without_its_settings_is_not_offered_and_says_what_is_missing(world: World) -> None:
    ben = world.person("Ben Ops")
    shown = world.browser(ben).get("/me/contact/").text
    assert '<option value="sms"' not in shown
    assert "MUSTER_TWILIO_ACCOUNT" in shown
    assert '<option value="ntfy"' in shown
    told = world.program().post(f"/users/{ben.pk}/contact-methods/", {"channel": "sms", "address": "+4915123456789"})
    assert told.status_code == 400
    assert "MUSTER_TWILIO_ACCOUNT" in told.text


def test_numbers_are_masked_for_others(world: World, provider: WebReceiver) -> None:
    ben, method = reached(world, "sms", provider)
    cleo = world.person("Cleo Dev")
    seen = world.program(cleo).get(f"/users/{ben.pk}/contact-methods/{method.pk}/").json()["address"]
    assert seen == "+49…89"
    assert world.program(ben).get(f"/users/{ben.pk}/contact-methods/{method.pk}/").json()["address"] == method.address


def test_settings_taken_away_later_are_given_up_and_the_next_method_goes(world: World, provider, settings) -> None:
    ben, _method = reached(world, "telegram", provider)
    settings.TELEGRAM_BOT_TOKEN = ""
    (message,) = leave(world, ben)
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.failure) == (
        "failed", "This channel is not set up: MUSTER_TELEGRAM_BOT_TOKEN is empty.",
    )  # fmt: skip
    assert Message.objects.filter(person=ben, channel="email").count() == 1
