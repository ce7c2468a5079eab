"""How long the outbox remembers."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from notifications.models import Message, MessageKind, MessageState

KEEP = timedelta(days=180)
AT_ONCE = 1000
FINAL = (MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED, MessageState.WITHDRAWN)
UNTOLD = Q(state=MessageState.FAILED, kind=MessageKind.PAGE, failure_told_at=None)


def forget(*, but: QuerySet[Any], at: datetime) -> int:
    """Throw away messages that are over for 180 days, with their tries; how many. Those of the topics `but` stay, and
    so do pages whose failure nobody has told yet."""
    before, gone = at - KEEP, 0
    old = Message.objects.filter(Q(sent_at=None) | Q(sent_at__lt=before), state__in=FINAL, created_at__lt=before)
    old = old.exclude(UNTOLD).exclude(topic__in=but).order_by("id")
    while keys := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        gone += Message.objects.filter(pk__in=keys).delete()[1].get("notifications.Message", 0)
    return gone
