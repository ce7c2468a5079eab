"""What a provider says of a message later: it arrived, or it did not."""

import logging
from datetime import datetime

from django.db import transaction

from notifications.actions.outbox import move_on
from notifications.models import Message, MessageState

log = logging.getLogger(__name__)
ON_ITS_WAY = (MessageState.SENDING, MessageState.SENT)


@transaction.atomic
def delivered(number: int, *, provider_id: str, at: datetime) -> Message | None:
    """The provider says that its message arrived. None where it is no message of ours, or not that one."""
    fresh = _lock(number, provider_id)
    if fresh is None or fresh.state not in ON_ITS_WAY:
        return fresh
    fresh.state, fresh.delivered_at, fresh.provider_id = MessageState.DELIVERED, at, provider_id
    fresh.sent_at = fresh.sent_at or at
    fresh.lease_token = fresh.lease_until = None
    fresh.save()
    return fresh


@transaction.atomic
def undelivered(number: int, *, provider_id: str, reason: str, at: datetime) -> Message | None:
    """The provider took it and could not deliver it: it counts as failed; the person's next channel goes at once."""
    fresh = _lock(number, provider_id)
    if fresh is None or fresh.state != MessageState.SENT:
        return fresh
    fresh.state, fresh.failure = MessageState.FAILED, reason
    fresh.save(update_fields=["state", "failure"])
    log.error("A message was not delivered", extra={"message_id": fresh.pk, "channel": fresh.channel, "reason": reason})
    move_on(fresh, at=at)
    return fresh


def _lock(number: int, provider_id: str) -> Message | None:
    found = Message.objects.select_for_update(no_key=True).filter(pk=number).first()
    if found is None or not provider_id or found.provider_id not in {"", provider_id}:
        return None
    return found
