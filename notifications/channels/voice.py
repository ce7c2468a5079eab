"""A phone call through a Twilio-compatible API that reads the page aloud; 1 on the keypad acknowledges.

https://www.twilio.com/docs/voice/api/call-resource · https://www.twilio.com/docs/voice/twiml/gather
"""

import re
from xml.sax.saxutils import escape, quoteattr

from notifications.channels import twilio, web
from notifications.channels.outcome import Outgoing, Receipt

LONGEST = 400
RING_SECONDS = "30"
EVENTS = ["completed"]
clean, mask = twilio.clean, twilio.mask
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def lane(address: str) -> str:
    """One account makes all calls."""
    return "voice"


def missing() -> list[str]:
    return web.missing("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_VOICE_FROM")


def send(message: Outgoing) -> Receipt:
    """Start one call. Whether somebody picked up comes by the status callback."""
    web.require_set_up(missing())
    fields: dict[str, str | list[str]] = {"To": message.address, "Twiml": twiml(message), "Timeout": RING_SECONDS}
    fields |= twilio.sender("TWILIO_VOICE_FROM")
    if callback := twilio.callback_url(message):
        fields |= {"StatusCallback": callback, "StatusCallbackEvent": EVENTS}
    return twilio.post(message, "Calls", fields)


def twiml(message: Outgoing) -> str:
    """What is spoken, twice, and the key that answers."""
    words = web.words(message)
    acknowledge = web.acknowledge_url(message)
    spoken = words["code"] if message.payload.get("code") else web.cut(message.subject, LONGEST)
    if acknowledge and web.is_reachable_from_outside():
        spoken_twice = say(f"{spoken}. {words['keypad']}") * 2
        gather = f'<Gather numDigits="1" timeout="8" action={quoteattr(acknowledge + "keypad/")} method="POST">'
        return f"<Response>{gather}{spoken_twice}</Gather></Response>"
    return f'<Response>{say(spoken)}<Pause length="1"/>{say(spoken)}</Response>'


def say(text: str) -> str:
    """One spoken sentence, in the voice of its language."""
    language = "zh-CN" if _CHINESE.search(text) else "en-US"
    return f'<Say language="{language}">{escape(text)}</Say>'
