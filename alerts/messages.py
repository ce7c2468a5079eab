"""The words alerts put into an incident's story."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.grouping import Why


def title_of(first: str, more: int) -> str:
    """An incident's title: its worst alert, and how many came with it."""
    if not more:
        return first[:200]
    tail = ngettext(" (and %(count)s more alert)", " (and %(count)s more alerts)", more) % {"count": more}
    return first[: 200 - len(tail)] + tail


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
