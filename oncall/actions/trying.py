"""A test page to oneself, by the rules a real one would follow."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from notifications import actions as outbox
from notifications.models import Message, MessageKind

TESTS_AN_HOUR = 10


def send_test_page(person: User, *, at: datetime) -> list[Message]:
    """What a page of high urgency would send to `person`, marked as a test. Refused when it is asked for too often."""
    topic = f"test-page/{person.pk}"
    recent = Message.objects.filter(topic=topic, created_at__gt=at - timedelta(hours=1))
    if recent.values("created_at").distinct().count() >= TESTS_AN_HOUR:
        raise Refused(_("That was asked for too often. Try again in an hour."), code="too_many", status=429)
    return outbox.notify(
        person, topic=topic, kind=MessageKind.TEST, urgency="high", subject=_("Test: this is how a page reaches you"),
        text=_("You asked for this test. A page of high urgency would come by the same ways, after the same waits."),
        payload={"person": {"id": person.pk, "name": str(person), "email": person.email}},
        key=f"{topic}/{int(at.timestamp() * 1000)}", at=at,
    )  # fmt: skip
