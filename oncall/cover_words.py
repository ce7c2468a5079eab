"""The words of messages about swaps and absences, in the language and zone of whoever reads them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.middleware import zone_or_utc
from oncall import cover_links
from oncall.models import Duty, Swap, SwapAsk
from oncall.presence import Period

LISTED = 20
Said = tuple[str, str]


@contextmanager
def speaking_to(person: User) -> Iterator[None]:
    """Words and times as `person` reads them."""
    with (
        translation.override(person.language or settings.LANGUAGE_CODE),
        timezone.override(zone_or_utc(person.time_zone)),
    ):
        yield


def span(period: Period) -> str:
    """ "5 Jan 2026, 10:00 – 12 Jan 2026, 10:00 (Europe/Berlin)", in the zone now active."""
    begin, end = (timezone.localtime(moment) for moment in period)
    last = date_format(end, "H:i") if begin.date() == end.date() else date_format(end, _("j M Y, H:i"))
    zone = timezone.get_current_timezone_name()
    return f"{date_format(begin, _('j M Y, H:i'))} – {last} ({zone})"


def what(swap: Swap) -> str:
    """ "primary of Payments, 5 Jan 2026, 10:00 – 18:00 (UTC)"."""
    words = {"duty": Duty(swap.duty).label.lower(), "schedule": swap.schedule, "span": span(period_of(swap))}
    return _("%(duty)s of %(schedule)s, %(span)s") % words


def returned(swap: Swap) -> str:
    """The same of the shift that is given in return; empty without one."""
    if swap.return_starts_at is None or swap.return_ends_at is None:
        return ""
    period = (swap.return_starts_at, swap.return_ends_at)
    words = {"duty": Duty(swap.return_duty).label.lower(), "schedule": swap.schedule, "span": span(period)}
    return _("%(duty)s of %(schedule)s, %(span)s") % words


def period_of(swap: Swap) -> Period:
    return swap.starts_at, swap.ends_at


def asked(asks: Sequence[tuple[SwapAsk, Swap]], *, again: bool) -> Said:
    """To somebody who may take a shift, with a link for each."""
    swap = asks[0][1]
    values = {"person": swap.person, "n": len(asks)}
    subject = ngettext(
        "Can you take a shift of %(person)s?", "Can you take one of %(n)d shifts of %(person)s?", len(asks)
    )
    subject = subject % values
    if again:
        subject = _("Still open: %(subject)s") % {"subject": subject}
    lines = [_why(swap), ""]
    for ask, each in asks[:LISTED]:
        lines.append(what(each))
        if given := returned(each):
            lines.append(_("%(person)s takes yours in return: %(what)s") % {"person": each.person, "what": given})
        lines += [_("Take it or decline: %(url)s") % {"url": cover_links.take_url(ask, each)}, ""]
    if len(asks) > LISTED:
        lines.append(_("And %(n)d more: %(url)s") % {"n": len(asks) - LISTED, "url": all_url()})
    lines.append(_("Whoever accepts first takes it."))
    return subject, "\n".join(lines)


def accepted(swap: Swap) -> Said:
    """To whoever offered it."""
    subject = _("%(person)s takes your shift") % {"person": swap.taken_by}
    lines = [what(swap)]
    if given := returned(swap):
        lines.append(_("You take in return: %(what)s") % {"what": given})
    return subject, "\n".join([*lines, "", url_of(swap)])


def taken(swap: Swap) -> Said:
    """To everybody else who was asked."""
    subject = _("Taken: the shift of %(person)s") % {"person": swap.person}
    who = _("%(taker)s takes it. There is nothing you must do.") % {"taker": swap.taken_by}
    return subject, f"{what(swap)}\n{who}"


def declined(swap: Swap, person: User) -> Said:
    """To whoever offered it to one person."""
    subject = _("%(person)s cannot take your shift") % {"person": person}
    ask = _("You are still on call then. Offer it to somebody else:")
    return subject, f"{what(swap)}\n{ask} {url_of(swap)}"


def withdrawn(swap: Swap) -> Said:
    """To everybody who was asked and has not declined."""
    subject = _("No longer needed: the shift of %(person)s") % {"person": swap.person}
    return subject, f"{what(swap)}\n" + _("The offer was withdrawn. There is nothing you must do.")


def nobody_took(swap: Swap) -> Said:
    """To whoever offered it, when it begins or expires: loudly."""
    subject = _("Nobody took your shift: you are on call")
    more = _("Nobody accepted, so pages still go to you.")
    return subject, f"{what(swap)}\n{more}\n{url_of(swap)}"


def uncovered(swap: Swap, *, at: datetime) -> Said:
    """To whoever looks after the schedule."""
    if swap.starts_at <= at:
        subject = _("Nobody covers %(person)s, who is away now")
    else:
        subject = _("Nobody covers %(person)s yet, who will be away")
    rule = _(
        "Until somebody takes it, whoever holds the other duty is called instead; without one, the person away is."
    )
    return subject % {"person": swap.person}, f"{what(swap)}\n{rule}\n{url_of(swap)}"


def payload(event: str, swap: Swap, **more: Any) -> dict[str, Any]:
    """What a program learns of it."""
    return {
        "kind": "swap",
        "event": event,
        "swap": swap.pk,
        "schedule": swap.schedule.slug,
        "duty": swap.duty,
        "person": {"id": swap.person_id, "name": str(swap.person)},
        "starts_at": swap.starts_at.isoformat(),
        "ends_at": swap.ends_at.isoformat(),
        "url": url_of(swap),
        **more,
    }


def url_of(swap: Swap) -> str:
    """The offer's page, as an absolute address."""
    return str(settings.PUBLIC_URL) + swap.get_absolute_url()


def all_url() -> str:
    """The page of all offers, as an absolute address."""
    return str(settings.PUBLIC_URL) + reverse("oncall:swaps")


def _why(swap: Swap) -> str:
    if swap.absence_id is not None:
        return _("%(person)s is away and needs cover.") % {"person": swap.person}
    if swap.reason:
        return _("%(person)s asks: %(reason)s") % {"person": swap.person, "reason": swap.reason}
    return _("%(person)s asks for cover.") % {"person": swap.person}
