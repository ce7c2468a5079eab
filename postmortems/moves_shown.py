"""What the moves of postmortems and action items are called on buttons, and the refusal of one. Pure."""

from collections.abc import Sequence
from typing import NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from core.look import status_words
from postmortems.workflow import ItemMove, Move

LABELS: dict[Move, str | Promise] = {
    Move.SUBMIT: gettext_lazy("Ask for review"),
    Move.APPROVE: gettext_lazy("Approve"),
    Move.PUBLISH: gettext_lazy("Publish"),
    Move.SEND_BACK: gettext_lazy("Back to draft"),
    Move.WAIVE: gettext_lazy("Waive"),
    Move.REOPEN: gettext_lazy("Reopen"),
}
ITEM_LABELS: dict[ItemMove, str | Promise] = {
    ItemMove.START: gettext_lazy("Start"),
    ItemMove.DONE: gettext_lazy("Done"),
    ItemMove.WONT_DO: gettext_lazy("Drop it"),
    ItemMove.REOPEN: gettext_lazy("Reopen"),
}


def refuse(state: str, move: Move, allowed: Sequence[Move]) -> NoReturn:
    """`Refused`, with what would be allowed, in the words of the buttons."""
    _refuse(state, LABELS[move], [LABELS[other] for other in allowed])


def refuse_item(state: str, move: ItemMove, allowed: Sequence[ItemMove]) -> NoReturn:
    """The same for an action item."""
    _refuse(state, ITEM_LABELS[move], [ITEM_LABELS[other] for other in allowed])


def _refuse(state: str, label: str | Promise, allowed: Sequence[str | Promise]) -> NoReturn:
    words = {
        "state": status_words(state),
        "move": label,
        "allowed": ", ".join(f"“{other}”" for other in allowed) or _("nothing"),
    }
    raise Refused(
        _("It is %(state)s, so it cannot be moved by “%(move)s”. From here it can: %(allowed)s.") % words,
        code="wrong_state",
    )
