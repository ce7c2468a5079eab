"""A storm: when more pages want to reach one person by one method than anybody can read, one message carries them.

Programs (webhooks) get every message. Nothing is dropped: each page stays a row of its own, with its tries, its
state and its link, and shares the fate of the message that carries it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.models import ChannelName, Message, MessageKind, MessageState

MINUTE = timedelta(seconds=60)
MOST_CARRIED = 1000
LISTED = 10


@dataclass(frozen=True)
class Earlier:
    """A message that went out, or is on its way: when, and whether it carried others."""

    at: datetime
    is_bundle: bool


@dataclass(frozen=True)
class Hold:
    """Not before `until`."""

    until: datetime


def judged(earlier: list[Earlier], *, waiting: int, most: int, at: datetime) -> str | Hold:
    """ "go" (each by itself), "bundle" (all in one, now) or `Hold`. `most` messages a minute are no storm; 0: never."""
    is_storm = bool(most) and (len(earlier) + waiting > most or any(each.is_bundle for each in earlier))
    if not is_storm:
        return "go"
    if len(earlier) >= most or any(each.is_bundle for each in earlier):
        return Hold(max(each.at for each in earlier) + MINUTE)
    return "bundle" if waiting > 1 else "go"


def calmed(rows: list[Message], *, at: datetime) -> tuple[list[Message], dict[int, list[Message]]]:
    """Those of the locked, due `rows` that go out now, and whom each carries: by its id, rows that are locked as well.
    What has to wait is put off here."""
    mine: dict[int, list[Message]] = defaultdict(list)
    for row in rows:
        if row.kind == MessageKind.PAGE and row.method_id and row.channel != ChannelName.WEBHOOK:
            mine[row.method_id].append(row)
    if not mine or not settings.PAGES_A_MINUTE:
        return rows, {}
    earlier, waiting = _earlier(mine, at=at), _waiting(mine, at=at)
    going, carried = [row for row in rows if row.method_id not in mine], {}
    for number, group in mine.items():
        count = max(waiting.get(number, 0), len(group))
        verdict = judged(earlier[number], waiting=count, most=settings.PAGES_A_MINUTE, at=at)
        if isinstance(verdict, Hold):
            _waiting_of(number, at=at).filter(state=MessageState.QUEUED).update(next_attempt_at=verdict.until)
            continue
        if verdict == "go":
            going += group
            continue
        leader, *others = group
        locked = (
            _waiting_of(number, at=at).exclude(pk__in=[row.pk for row in group]).select_related("method", "person")
        ).select_for_update(skip_locked=True, no_key=True, of=("self",))[:MOST_CARRIED]
        going.append(leader)
        carried[leader.pk] = [*others, *locked]
    return going, carried


def _waiting_of(method: int, *, at: datetime) -> Any:
    return Message.objects.due(at).filter(method=method, kind=MessageKind.PAGE)


def _waiting(methods: dict[int, list[Message]], *, at: datetime) -> dict[int, int]:
    rows = Message.objects.due(at).filter(method__in=methods, kind=MessageKind.PAGE).order_by()
    return dict(rows.values_list("method").annotate(number=Count("pk")))


def _earlier(methods: dict[int, list[Message]], *, at: datetime) -> dict[int, list[Earlier]]:
    flying = Q(state=MessageState.SENDING, lease_until__gt=at)
    rows: Any = Message.objects.filter(Q(sent_at__gt=at - MINUTE) | flying, method__in=methods, kind=MessageKind.PAGE)
    rows = rows.filter(carried_by=None).annotate(is_bundle=Exists(Message.objects.filter(carried_by=OuterRef("pk"))))
    found: dict[int, list[Earlier]] = defaultdict(list)
    for method, sent_at, is_bundle in rows.order_by().values_list("method", "sent_at", "is_bundle"):
        found[method].append(Earlier(sent_at or at, is_bundle))
    return found


def told(leader: Message, carried: list[Message]) -> dict[str, Any]:
    """What the one message says: how many there are, the first ones with their links, and where all stand."""
    rows = [leader, *carried]
    list_url = f"{settings.PUBLIC_URL}/incidents/?show=mine"
    person = leader.person
    with translation.override((person.language if person else "") or settings.LANGUAGE_CODE):
        subject = _("%(count)s pages for you. The first: %(subject)s") % {"count": len(rows), "subject": leader.subject}
        blocks = [_("So much happens at once that one message carries %(count)s pages.") % {"count": len(rows)}]
        blocks.append(_("All of them: %(url)s") % {"url": list_url})
        for row in rows[:LISTED]:
            link = row.payload.get("acknowledge_url", "")
            blocks.append(
                f"{row.subject}\n{_('Acknowledge (no sign-in needed): %(url)s') % {'url': link}}"
                if link
                else row.subject
            )
        if len(rows) > LISTED:
            blocks.append(_("… and %(count)s more.") % {"count": len(rows) - LISTED})
    payload = {"incident_url": list_url, "count": len(rows), "pages": [row.payload for row in rows[:LISTED]]}
    return {"subject": subject[:300], "text": "\n\n".join(blocks), "payload": payload}
