"""The words alerts put into an incident's story."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.grouping import Why

NAMED = 3
LONGEST = 180


def title_of(first: str, more: int) -> str:
    """An incident's title: its worst alert, and how many came with it."""
    if not more:
        return first[:200]
    tail = ngettext(" (and %(count)s more alert)", " (and %(count)s more alerts)", more) % {"count": more}
    return first[: 200 - len(tail)] + tail


def fired_line(titles: Sequence[str], why: Why, source: str) -> str:
    """One line for all alerts of a batch that fired for one incident."""
    names = _names(titles)
    count = len(titles)
    if why is Why.STORM:
        return ngettext(
            "%(source)s is storming: %(count)s new alert joins this incident instead of opening its own: %(names)s",
            "%(source)s is storming: %(count)s new alerts join this incident instead of opening their own: %(names)s",
            count,
        ) % {"source": source, "count": count, "names": names}
    if why is Why.CAME_BACK:
        return _("Fired again soon after it ended, so this incident is open again: %(names)s") % {"names": names}
    if why is Why.STILL_FIRING:
        return _("Still firing although its last incident was resolved: %(names)s") % {"names": names}
    if count == 1:
        return _("Fired: %(names)s") % {"names": names}
    return _("%(count)s alerts fired: %(names)s") % {"count": count, "names": names}


def resolved_line(titles: Sequence[str], *, is_last: bool) -> str:
    """One line for all alerts of a batch that were resolved in one incident."""
    names, count = _names(titles), len(titles)
    line = _("Resolved: %(names)s") if count == 1 else _("%(count)s alerts resolved: %(names)s")
    line = line % {"count": count, "names": names}
    return _("%(line)s. No alert of this incident is firing any more.") % {"line": line} if is_last else line


def _names(titles: Sequence[str]) -> str:
    named = list(dict.fromkeys(title[:LONGEST] for title in titles))
    shown = " · ".join(named[:NAMED])
    more = len(titles) - min(len(named), NAMED) if len(named) > NAMED else 0
    return _("%(names)s and %(count)s more") % {"names": shown, "count": more} if more else shown


def why_words(why: str) -> str:
    """How an episode met its incident, or why it met none, as a sentence."""
    words = {
        Why.SAME_ALERT: _("The incident of this alert was still open."),
        Why.CAME_BACK: _("Its incident had ended by itself minutes before, so it was opened again."),
        Why.SAME_GROUP: _("Its tool put it into a group whose incident was open."),
        Why.STORM: _("Its source was storming, so it joined the newest incident of the service."),
        Why.NEW: _("Nothing open fitted, so an incident was declared."),
        Why.STILL_FIRING: _("It went on firing after its incident had been resolved by a person."),
        Why.TEST: _("A test that pages nobody."),
    }
    found = next((said for reason, said in words.items() if reason == why), "")
    return found or _("It was over before Muster heard of it.")
