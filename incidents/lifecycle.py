"""The life of an incident as one table. Pure: no clock, no database."""

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """Where an incident stands."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"


OPEN = (Status.TRIAGE, Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)
ACTIVE = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)
OVER = (Status.RESOLVED, Status.CLOSED, Status.DECLINED, Status.MERGED)


class Move(StrEnum):
    """The verbs that change the status."""

    ACCEPT = "accept"
    DECLINE = "decline"
    IDENTIFY = "identify"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"


class Rule(NamedTuple):
    """From which statuses a move is allowed, and where it leads."""

    sources: tuple[Status, ...]
    to: Status


MOVES: dict[Move, Rule] = {
    Move.ACCEPT: Rule((Status.TRIAGE,), Status.INVESTIGATING),
    Move.DECLINE: Rule((Status.TRIAGE,), Status.DECLINED),
    Move.IDENTIFY: Rule((Status.TRIAGE, Status.INVESTIGATING), Status.IDENTIFIED),
    Move.MITIGATE: Rule((Status.TRIAGE, Status.INVESTIGATING, Status.IDENTIFIED), Status.MONITORING),
    Move.RESOLVE: Rule(OPEN, Status.RESOLVED),
    Move.REOPEN: Rule((Status.RESOLVED, Status.CLOSED, Status.DECLINED), Status.INVESTIGATING),
    Move.CLOSE: Rule((Status.RESOLVED,), Status.CLOSED),
}


def can_move(status: str, move: Move) -> bool:
    """Whether `move` is allowed from `status`."""
    return status in MOVES[move].sources


def moves_from(status: str) -> list[Move]:
    """The moves a person may choose from `status`, in the order of the table: these are the buttons."""
    return [move for move in MOVES if can_move(status, move)]


def leads_to(status: str, move: Move) -> Status | None:
    """The status that `move` leads to from `status`; None where it is not allowed."""
    return MOVES[move].to if can_move(status, move) else None
