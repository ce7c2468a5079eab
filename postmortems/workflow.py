"""The life of a postmortem and of an action item, as two tables. Pure: no clock, no database."""

from enum import StrEnum
from typing import NamedTuple

from accounts.permissions import Verb


class Move(StrEnum):
    """The verbs that change a postmortem's state."""

    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    PUBLISH = "publish"
    WAIVE = "waive"
    REOPEN = "reopen"


class Rule(NamedTuple):
    """From which states a move is allowed, where it leads, and which permission it takes."""

    sources: tuple[str, ...]
    to: str
    verb: Verb = Verb.RESPOND


MOVES: dict[Move, Rule] = {
    Move.SUBMIT: Rule(("draft",), "in_review"),
    Move.APPROVE: Rule(("in_review",), "approved"),
    Move.PUBLISH: Rule(("approved",), "published"),
    Move.SEND_BACK: Rule(("in_review", "approved"), "draft"),
    Move.WAIVE: Rule(("draft", "in_review", "approved"), "waived", Verb.MANAGE),
    Move.REOPEN: Rule(("published", "waived"), "draft", Verb.MANAGE),
}
EDITABLE = ("draft", "in_review")
FINAL = ("published", "waived")


class ItemMove(StrEnum):
    """The verbs that change an action item's state."""

    START = "start"
    DONE = "done"
    WONT_DO = "wont_do"
    REOPEN = "reopen"


ITEM_MOVES: dict[ItemMove, Rule] = {
    ItemMove.START: Rule(("open",), "in_progress"),
    ItemMove.DONE: Rule(("open", "in_progress"), "done"),
    ItemMove.WONT_DO: Rule(("open", "in_progress"), "wont_do"),
    ItemMove.REOPEN: Rule(("done", "wont_do"), "open"),
}


def moves_from(state: str) -> list[Move]:
    """The moves a postmortem may make now, in the order of the table: these are the buttons."""
    return [move for move, rule in MOVES.items() if state in rule.sources]


def item_moves_from(state: str) -> list[ItemMove]:
    """The moves an action item may make now."""
    return [move for move, rule in ITEM_MOVES.items() if state in rule.sources]


def leads_to(state: str, move: Move) -> str | None:
    """The state that `move` leads to from `state`; None where it is not allowed."""
    return MOVES[move].to if state in MOVES[move].sources else None


def item_leads_to(state: str, move: ItemMove) -> str | None:
    """The same for an action item."""
    return ITEM_MOVES[move].to if state in ITEM_MOVES[move].sources else None
