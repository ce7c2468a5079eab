"""The words alerts put into an incident's story, and into notices to those who look after their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts import failures
from alerts.grouping import Why
from alerts.models import AlertSource

SENTENCES = 5  # of a notice


@dataclass(frozen=True, slots=True)
class Loss:
    """A payload that was accepted and is not wholly read: a sentence for each thing that is wrong with it, and how many
    of its alerts were taken in all the same."""

    payload: int
    sentences: Sequence[str]
    taken_in: int = 0


class Notice(NamedTuple):
    """A subject and a text."""

    subject: str
    text: str


def loss(source: AlertSource, losses: Sequence[Loss]) -> Notice:
    """To whoever looks after the source: what was accepted from it and could not be read."""
    first = losses[0]
    values = {"source": source.name, "lost": len(first.sentences), "read": first.taken_in}
    if first.taken_in:
        what = _(
            "%(source)s sent a payload that Muster accepted and could read only in part: alerts taken in: %(read)s, "
            "not readable: %(lost)s."
        )
    else:
        what = _("%(source)s sent a payload that Muster accepted and then could not read.")
    lines = [what % values, "", *(f"- {failures.told(said)}" for said in first.sentences[:SENTENCES])]
    if len(first.sentences) > SENTENCES:
        lines.append(_("- and %(count)s more") % {"count": len(first.sentences) - SENTENCES})
    lines += ["", str(settings.PUBLIC_URL) + reverse("alerts:payload", args=[first.payload])]
    if len(losses) > 1:
        lines += ["", _("Other payloads that came with it: %(count)s") % {"count": len(losses) - 1}]
    lines += [
        "",
        _(
            "Its sender believes it to be delivered and does not send it again; nobody is paged for what could not be "
            "read. It is kept, and can be read again once the cause is mended."
        ),
        _("Whatever else cannot be read within the next hour stands on the page of the source without a notice:"),
        _page(source),
    ]
    return Notice(_("Alerts from %(source)s could not be read") % values, "\n".join(lines))


def loss_payload(source: AlertSource, losses: Sequence[Loss]) -> dict[str, Any]:
    """What a program learns of it."""
    return {
        "kind": "alert_source",
        "event": "unreadable",
        "source": source.pk,
        "name": source.name,
        "payloads": [one.payload for one in losses[:100]],
        "sentences": list(losses[0].sentences[:SENTENCES]),
        "url": _page(source),
    }


def _page(source: AlertSource) -> str:
    return str(settings.PUBLIC_URL) + reverse("alerts:source", args=[source.pk])


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
