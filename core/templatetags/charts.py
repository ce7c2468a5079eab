"""Charts as server-rendered SVG with a table beside them. Part of core.templatetags.muster."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import charts as geometry

register = template.Library()
Context = dict[str, Any]


@register.inclusion_tag("_chart_bars.html")
def bar_chart(
    values: Sequence[tuple[str, float]], title: str, unit: str = "", families: Sequence[str] = (), height: int = 200
) -> Context:
    """`{% bar_chart values title=_("Incidents a week") %}` with values = [(label, number), …]."""
    drawn = geometry.bars(values, families=families, height=height)
    return {
        "chart": drawn,
        "title": title,
        "unit": unit,
        "values": values,
        "is_empty": not any(value for _label, value in values),
    }


@register.inclusion_tag("_chart_line.html")
def sparkline(values: Sequence[float], label: str = "", family: str = "accent") -> Context:
    """`{% sparkline values label=_("Pages, last 12 weeks") %}`: decoration beside a number, never the number itself."""
    return {"line": geometry.line(list(values)), "label": label, "family": family}


@register.simple_tag
def percent_bar(part: float, whole: float = 100, label: str = "", family: str = "accent") -> SafeString:
    """`{% percent_bar done total label=_("Done") family="green" %}`: a bar without words; `label` is spoken."""
    width = geometry.share(float(part or 0), float(whole or 0))
    return format_html(
        '<svg class="bar is-{}" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{} {}%">'
        '<rect width="{}" height="8"></rect></svg>',
        family, label, geometry.number(round(width)), width,
    )  # fmt: skip


@register.inclusion_tag("_meter.html")
def meter(name: str, part: float, whole: float = 100, words: str = "", family: str = "accent") -> Context:
    """`{% meter _("Error budget") spent total words="12 of 43 min" family="amber" %}`: name, words and the bar."""
    return {"name": name, "part": part, "whole": whole, "words": words, "family": family}


@register.inclusion_tag("_lanes.html")
def lanes(
    rows: Sequence[tuple[str, Sequence[geometry.Shift]]], opens: datetime, closes: datetime, now: datetime
) -> Context:
    """`{% lanes rows opens closes now %}`: shifts on a ruler of days; rows = [(name, [core.charts.Shift, …]), …]."""
    at, _width = geometry.place(now, now, opens, closes)
    marks = geometry.days(opens, closes, now)
    return {"rows": rows, "marks": marks, "now_at": at if opens <= now < closes else None}
