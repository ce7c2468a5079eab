"""SMS through a Twilio-compatible API. https://www.twilio.com/docs/messaging/api/message-resource"""

from notifications.channels import twilio, web
from notifications.channels.outcome import Outgoing, Receipt

LONGEST = 480  # three parts of plain letters: a page is read at a glance, and every part is paid for
clean, mask = twilio.clean, twilio.mask


def lane(address: str) -> str:
    """One account sends them all."""
    return "sms"


def missing() -> list[str]:
    return web.missing("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_SMS_FROM")


def send(message: Outgoing) -> Receipt:
    """One text: the subject and the link. How it went on from there comes by the status callback."""
    web.require_set_up(missing())
    fields: dict[str, str | list[str]] = {"To": message.address, "Body": body(message)}
    fields |= twilio.sender("TWILIO_SMS_FROM")
    if callback := twilio.callback_url(message):
        fields["StatusCallback"] = callback
    return twilio.post(message, "Messages", fields)


def body(message: Outgoing) -> str:
    """Short, for a small screen: what it is, then the link; a code and other texts as they are."""
    link = web.acknowledge_url(message) or web.room_url(message)
    if not link:
        return web.cut(message.text or message.subject, LONGEST)
    words = web.words(message)
    verb = words["acknowledge"] if web.acknowledge_url(message) else words["open"]
    tail = f"\n{verb}: {link}"
    if message.possibly_repeated:
        tail = f"\n{words['repeat']}{tail}"
    return web.cut(message.subject, max(60, LONGEST - len(tail))) + tail
