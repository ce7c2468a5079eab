"""Who hears of a swap: those asked, whoever offered it, and whoever looks after the schedule."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from notifications.actions import notify
from notifications.models import MessageKind
from oncall import cover_words, queries
from oncall.cover_words import Said
from oncall.models import Swap, SwapAsk
from oncall.presence import SOON

CALM = "notice"  # an urgency that nobody has rules for: every verified method, at once
LOUD = "high"  # by the rules that wake people


def topic(swap: Swap) -> str:
    """What messages about one swap are filed under."""
    return f"swap/{swap.pk}"


def ask(swaps: Sequence[Swap], *, at: datetime) -> None:
    """Ask everybody who may take one of them, each in one message."""
    asked: dict[User, list[tuple[SwapAsk, Swap]]] = {}
    for swap in swaps:
        for person in queries.might_take(swap):
            row, made = SwapAsk.objects.get_or_create(swap=swap, person=person, defaults={"asked_at": at})
            if made:
                asked.setdefault(person, []).append((row, swap))
    for person, asks in asked.items():
        _send_asks(person, asks, f"ask/{asks[0][0].pk}", again=False, at=at)


def ask_again(swap: Swap, *, fired: datetime, at: datetime) -> None:
    """Remind whoever was asked and has not declined; and ask those who might take it by now."""
    known = {row.person_id: row for row in SwapAsk.objects.filter(swap=swap).select_related("person")}
    for person in queries.might_take(swap):
        row = known.get(person.pk) or SwapAsk.objects.create(swap=swap, person=person, asked_at=at)
        if row.declined_at is None:
            key = f"ask/{row.pk}/again/{int(fired.timestamp())}"
            _send_asks(person, [(row, swap)], key, again=True, at=at)


def tell_accepted(swap: Swap, *, at: datetime) -> None:
    """Whoever offered it, and everybody else who was asked."""
    with cover_words.speaking_to(swap.person):
        _send(swap, swap.person, "accepted", cover_words.accepted(swap), urgency=CALM, at=at)
    for row in swap.asks.filter(declined_at=None).exclude(person=swap.taken_by).select_related("person"):
        with cover_words.speaking_to(row.person):
            _send(swap, row.person, "taken", cover_words.taken(swap), urgency=CALM, at=at)


def tell_declined(swap: Swap, person: User, *, at: datetime) -> None:
    """Whoever offered it to one person."""
    with cover_words.speaking_to(swap.person):
        _send(swap, swap.person, "declined", cover_words.declined(swap, person), urgency=CALM, at=at)


def tell_withdrawn(swap: Swap, *, at: datetime) -> None:
    """Everybody who was asked and has not declined."""
    for row in swap.asks.filter(declined_at=None).select_related("person"):
        with cover_words.speaking_to(row.person):
            _send(swap, row.person, "withdrawn", cover_words.withdrawn(swap), urgency=CALM, at=at)


def tell_nobody_took(swap: Swap, *, at: datetime) -> None:
    """Whoever offered it, by the rules that wake them: they are on call."""
    with cover_words.speaking_to(swap.person):
        _send(swap, swap.person, "nobody-took", cover_words.nobody_took(swap), urgency=LOUD, at=at)


def tell_uncovered(swap: Swap, *, fired: datetime, at: datetime) -> None:
    """Whoever looks after the schedule, from three days before; loudly once it begins."""
    if swap.starts_at - at > SOON:
        return
    urgency = LOUD if swap.starts_at <= at else CALM
    for person in queries.chiefs_of(swap.schedule, but={swap.person_id}):
        with cover_words.speaking_to(person):
            said = cover_words.uncovered(swap, at=at)
            _send(swap, person, f"uncovered/{int(fired.timestamp())}", said, urgency=urgency, at=at)


def _send_asks(person: User, asks: list[tuple[SwapAsk, Swap]], key: str, *, again: bool, at: datetime) -> None:
    swap = asks[0][1]
    with cover_words.speaking_to(person):
        subject, text = cover_words.asked(asks, again=again)
    filed = topic(swap) if len(asks) == 1 else f"absence/{swap.absence_id}"
    notify(
        person, topic=filed, kind=MessageKind.NOTICE, urgency=CALM, subject=subject, text=text,
        payload=cover_words.payload("asked", swap, swaps=[each.pk for _row, each in asks]), key=key, at=at,
    )  # fmt: skip


def _send(swap: Swap, person: User, event: str, said: Said, *, urgency: str, at: datetime) -> None:
    notify(
        person, topic=topic(swap), kind=MessageKind.NOTICE, urgency=urgency, subject=said[0], text=said[1],
        payload=cover_words.payload(event.partition("/")[0], swap), key=f"swap/{swap.pk}/{person.pk}/{event}", at=at,
    )  # fmt: skip
