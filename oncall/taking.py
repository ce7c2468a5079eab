"""What a link to an offer finds, and the answer it gives. The link is the proof: whoever holds it is the one asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Refused
from oncall import actions, cover_links, cover_words
from oncall.models import Swap, SwapAsk, SwapState


class Standing(StrEnum):
    """How it stands with a link."""

    OPEN = "open"  # the two buttons
    MINE = "mine"  # the one asked has taken it
    DECLINED = "declined"  # the one asked has declined
    TAKEN = "taken"  # somebody else was first
    OVER = "over"  # withdrawn, or nobody took it in time
    CLOSED = "closed"  # no active account any more
    UNKNOWN = "unknown"  # not a link of ours


STATUS: dict[Standing, int] = {
    Standing.OPEN: 200,
    Standing.MINE: 200,
    Standing.DECLINED: 200,
    Standing.TAKEN: 200,
    Standing.OVER: 410,
    Standing.CLOSED: 410,
    Standing.UNKNOWN: 404,
}


@dataclass(frozen=True)
class Found:
    """What stands behind a link. `refused`: why the answer was not taken."""

    standing: Standing
    ask: SwapAsk | None = None
    swap: Swap | None = None
    refused: str = ""


def find(token: str, *, at: datetime, refused: str = "") -> Found:
    """How it stands with the link `token` at `at`. Changes nothing."""
    link = cover_links.read(token)
    rows = SwapAsk.objects.select_related(
        "person", "swap__schedule", "swap__person", "swap__taken_by", "swap__offered_to"
    )
    ask = rows.filter(pk=link.ask).first() if link else None
    if link is None or ask is None:
        return Found(Standing.UNKNOWN)
    if not ask.person.is_active:
        return Found(Standing.CLOSED)
    return Found(_standing(ask, at, link.expires_at), ask, ask.swap, refused)


def _standing(ask: SwapAsk, at: datetime, expires_at: datetime) -> Standing:
    swap = ask.swap
    if swap.state == SwapState.ACCEPTED:
        return Standing.MINE if swap.taken_by_id == ask.person_id else Standing.TAKEN
    if swap.state == SwapState.DECLINED:
        return Standing.DECLINED
    if not swap.is_open or swap.expires_at <= at or expires_at <= at:
        return Standing.OVER
    return Standing.OPEN if ask.declined_at is None else Standing.DECLINED


def press(token: str, answer: str, *, at: datetime) -> tuple[Found, int]:
    """Accept or decline: what stands then, and the HTTP status to answer with. Pressing twice is peace; who declined an
    offer to everybody may still take it."""
    found = find(token, at=at)
    may = found.standing is Standing.OPEN or (
        found.standing is Standing.DECLINED and answer == "accept" and found.swap is not None and found.swap.is_open
    )
    if not may or found.ask is None or found.swap is None:
        return found, 409 if found.standing is Standing.TAKEN else STATUS[found.standing]
    try:
        with cover_words.speaking_to(found.ask.person):
            if answer == "accept":
                actions.accept_swap(found.swap, actor=found.ask.person, at=at)
            else:
                actions.decline_swap(found.swap, actor=found.ask.person, at=at)
    except Refused as refused:
        return find(token, at=at, refused=refused.sentence), refused.status
    return find(token, at=at), 200
