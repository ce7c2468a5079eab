"""How the moves look: the buttons of the room are drawn from the table of the lifecycle. Pure."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.lifecycle import OPEN, Move, moves_from

ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True)
class Button:
    """One move as a button: the verb it posts, its words, icon and key, and what is asked before (empty: nothing)."""

    verb: str
    label: str | Promise
    icon: str
    key: str
    look: str = ""
    asks: str | Promise = ""
    dialog: str = ""


BUTTONS: dict[str, Button] = {
    ACKNOWLEDGE: Button(ACKNOWLEDGE, _("Acknowledge"), "user-check", "a"),
    Move.ACCEPT: Button(Move.ACCEPT, _("Accept"), "check", "y"),
    Move.DECLINE: Button(Move.DECLINE, _("Decline"), "ban", "x", dialog="decline"),
    Move.IDENTIFY: Button(Move.IDENTIFY, _("Cause found"), "target", "i"),
    Move.MITIGATE: Button(Move.MITIGATE, _("Mitigated"), "activity", "m"),
    Move.RESOLVE: Button(
        Move.RESOLVE, _("Resolve"), "circle-check", "r", asks=_("Is it over? This resolves the incident for everyone.")
    ),
    Move.REOPEN: Button(Move.REOPEN, _("Reopen"), "rotate", "o", asks=_("Is it happening again?")),
    Move.CLOSE: Button(Move.CLOSE, _("Close"), "archive", "z", asks=_("Is everything done? This closes the room.")),
}


def buttons(status: str, *, is_acknowledged: bool) -> list[Button]:
    """What can be done from here, the likeliest next thing first."""
    found = [BUTTONS[move] for move in moves_from(status)]
    if status in OPEN and not is_acknowledged:
        found.insert(0, BUTTONS[ACKNOWLEDGE])
    if status == "resolved":
        found.reverse()
    return found
