"""What machines reported, as lines of the story. Pure but for the language now active."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NAMED = 3
LONGEST = 180


def facts_of(titles: Sequence[str]) -> dict[str, Any]:
    """What a line keeps of its alerts: {"count", "titles": the first few, each once, "more": the number left out}."""
    named = list(dict.fromkeys(title[:LONGEST] for title in titles))
    more = len(titles) - NAMED if len(named) > NAMED else 0
    return {"count": len(titles), "titles": named[:NAMED], "more": more}


def fired(data: dict[str, Any]) -> str:
    """One line for the alerts of a batch that fired for one incident; `data`: facts_of, "why" and "source_name"."""
    count, why = int(data.get("count", 1)), data.get("why")
    values = {"source": data.get("source_name", ""), "count": count, "names": _names(data)}
    if why == "storm":
        return (
            ngettext(
                "%(source)s is storming: %(count)s new alert joins this incident instead of opening its own: %(names)s",
                "%(source)s is storming: %(count)s new alerts join this incident instead of opening their own: "
                "%(names)s",
                count,
            )
            % values
        )
    if why == "came_back":
        return _("Fired again soon after it ended, so this incident is open again: %(names)s") % values
    if why == "still_firing":
        return _("Still firing although its last incident was resolved: %(names)s") % values
    return (_("Fired: %(names)s") if count == 1 else _("%(count)s alerts fired: %(names)s")) % values


def resolved(data: dict[str, Any]) -> str:
    """One line for all alerts of a batch that were resolved in one incident; `data`: facts_of and "last"."""
    count = int(data.get("count", 1))
    line = _("Resolved: %(names)s") if count == 1 else _("%(count)s alerts resolved: %(names)s")
    line = line % {"count": count, "names": _names(data)}
    return _("%(line)s. No alert of this incident is firing any more.") % {"line": line} if data.get("last") else line


def _names(data: dict[str, Any]) -> str:
    shown, more = " · ".join(data.get("titles", ())), data.get("more")
    return _("%(names)s and %(count)s more") % {"names": shown, "count": more} if more else shown
