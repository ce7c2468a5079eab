"""What a channel is given, what it answers, and the two failures it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One try at one message: values only, so that a channel needs no database.

    `idempotency_key` is the same at every try. `possibly_repeated`: an earlier try may have arrived. `owner` and
    `versions` name the secrets that sign a webhook. `language` is its reader's. `tried_at` is the moment of this try.
    """

    id: int
    idempotency_key: str
    topic: str
    kind: str
    address: str
    subject: str
    text: str
    payload: Mapping[str, Any]
    possibly_repeated: bool
    number: int
    tried_at: datetime
    channel: str = ""
    language: str = ""
    owner: str = ""
    versions: list[int] = field(default_factory=lambda: [1])


@dataclass(frozen=True, slots=True)
class Receipt:
    """It was taken. `provider_id`: the receiver's own name for it, if it gave one."""

    provider_id: str = ""


class TryAgain(Exception):
    """It did not work now and may work later: in `after` seconds where the receiver said so. `may_have_arrived`: no
    answer came, so the next try may be the second that arrives. `of_lane`: the receiver itself is in trouble, so others
    of its lane would fare no better."""

    def __init__(
        self, reason: str, *, after: float | None = None, may_have_arrived: bool = False, of_lane: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.may_have_arrived = may_have_arrived
        self.of_lane = of_lane


class GiveUp(Exception):
    """It will never work this way. The reason is a sentence fit to show."""
