"""What stories of the outbox begin with."""

from typing import Any

from accounts.models import User
from notifications import actions
from notifications.models import Attempt, ContactMethod, Message
from tests.receivers import WebReceiver
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
