"""The life of a postmortem and of an action item, as two tables. Pure: no clock, no database."""

from enum import StrEnum
from typing import NamedTuple

from accounts.permissions import Verb
from core.errors import Refused


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


def require_move(state: str, move: Move) -> str:
    """The state that `move` leads to, or `Refused` with a sentence that says what would be allowed."""
    return _require(state, move, MOVES[move], moves_from(state), "This postmortem")


def require_item_move(state: str, move: ItemMove) -> str:
    """The same for an action item."""
    return _require(state, move, ITEM_MOVES[move], item_moves_from(state), "This action item")


def _require(state: str, move: str, rule: Rule, allowed: "list[Move] | list[ItemMove]", subject: str) -> str:
    if state in rule.sources:
        return rule.to
    words = ", ".join(str(other).replace("_", " ") for other in allowed) or "nothing"
    raise Refused(
        f"{subject} is {state.replace('_', ' ')}, so it cannot be moved by “{move.replace('_', ' ')}”. "
        f"From here it can: {words}.",
        code="wrong_state",
    )
