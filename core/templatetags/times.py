"""Tags that show moments and spans. Part of core.templatetags.muster."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import moments

register = template.Library()


def _text(moment: datetime, now: datetime, style: str) -> str:
    if style == "moment":
        return moments.short(moment, now)
    if style == "clock":
        return date_format(timezone.localtime(moment), "H:i")
    if style == "exact":
        return moments.exact(moment)
    return moments.relative(moment, now)


@register.simple_tag
def when(moment: datetime | None, style: str = "relative", focus: bool = False) -> SafeString:
    """`{% when event.happened_at %}`: a <time> in the reader's zone with the exact moment in its title.

    style: "relative" (4 min ago), "moment" (21 Nov, 14:03), "clock" (14:03), "exact" (to the second with the zone).
    focus=True makes it reachable by Tab, for single times outside lists.
    """
    if not moment:  # a template finds "" where a row is missing
        return SafeString('<span class="faint">–</span>')
    now = timezone.now()
    return format_html(
        '<time datetime="{}" title="{}" data-when="{}"{}>{}</time>',
        moment.isoformat(timespec="seconds"),
        moments.exact(moment),
        style,
        SafeString(' tabindex="0"') if focus else "",
        _text(moment, now, style),
    )


@register.simple_tag
def when_day(day: date | None) -> SafeString:
    """`{% when_day item.due_on %}`: a date without a time, "24 Nov"; the year where it is not this one."""
    if day is None:
        return SafeString('<span class="faint">–</span>')
    this_year = day.year == timezone.localdate().year
    text = date_format(day, _("j M") if this_year else _("j M Y"))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', day.isoformat(), date_format(day, "DATE_FORMAT"), text
    )


@register.simple_tag
def clock_since(moment: datetime | None, until: datetime | None = None, css: str = "") -> SafeString:
    """`{% clock_since incident.declared_at incident.resolved_at %}`: counts up; stands still at `until`."""
    if moment is None:
        return SafeString('<span class="faint">–</span>')
    text = moments.clock((until or timezone.now()) - moment)
    stopped = SafeString(' data-clock-stop="yes"') if until else ""
    return format_html(
        '<span class="clock {}" data-clock-since="{}"{} title="{}">{}</span>',
        css, moment.isoformat(), stopped, moments.exact(moment), text,
    )  # fmt: skip


@register.simple_tag
def clock_until(moment: datetime | None, soon: int = 300, css: str = "") -> SafeString:
    """`{% clock_until incident.next_update_at %}`: counts down, amber for the last `soon` seconds, red when late."""
    if moment is None:
        return SafeString('<span class="faint">–</span>')
    left = moment - timezone.now()
    late = left < timedelta(0)
    text = moments.clock(left)
    state = "is-late" if late else "is-soon" if left.total_seconds() < soon else ""
    return format_html(
        '<span class="clock {} {}" data-clock-until="{}" data-soon="{}" title="{}">{}</span>',
        css, state, moment.isoformat(), soon, moments.exact(moment), moments.words().late % text if late else text,
    )  # fmt: skip


@register.filter
def duration(span: timedelta | float | None) -> str:
    """`{{ incident.time_to_mitigate|duration }}` (a timedelta or seconds): "1 h 12 min"."""
    return moments.duration(span)
