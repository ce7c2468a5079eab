"""Muster's template tags, loaded everywhere (settings: builtins). docs/design.md shows each with an example."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import look, markdown, menu, moments
from core.templatetags import charts, forms, times

register = template.Library()
for part in (times, forms, charts):
    register.tags |= part.register.tags
    register.filters |= part.register.filters

Context = dict[str, Any]
PLAIN_ICON = "point"


# Icons and badges


@cache
def _symbols() -> frozenset[str]:
    names = (Path(settings.BASE_DIR) / "static" / "icons.txt").read_text().splitlines()
    return frozenset(name.strip() for name in names if name and not name.startswith("#"))


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "flame" %}`; size "sm", "lg" or "xl"; `label` only where no words stand beside it."""
    if name not in _symbols():
        if settings.DEBUG or getattr(settings, "MUSTER_STRICT_MENU", False):
            raise LookupError(f"No icon “{name}”: add its name to static/icons.txt and run bin/vendor --icons.")
        name = PLAIN_ICON
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    dressed = f"icon icon-{size}" if size else "icon"
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', dressed, spoken, static("icons.svg"), name)


def _bars(level: int) -> SafeString:
    off = ' class="off"'
    rects = "".join(
        f'<rect x="{n * 3.2:g}" y="{9 - n * 3}" width="2.4" height="{3 + n * 3}"{off if n > 4 - level else ""}/>'
        for n in range(4)
    )
    return SafeString(f'<svg class="sev-bars" viewBox="0 0 12 12" aria-hidden="true">{rects}</svg>')


@register.simple_tag
def severity_badge(severity: object, size: str = "") -> SafeString:
    """`{% severity_badge incident.severity %}`: a policy row or a word such as "SEV2"; its name in the title."""
    level = look.severity_level(severity)
    code = look.severity_code(severity) or _("No severity")
    name = getattr(severity, "name", "") or code
    dressed = f"badge sev sev-{level or 4}" + (f" badge-{size}" if size else "")
    return format_html('<span class="{}" title="{}">{}{}</span>', dressed, name, _bars(level) if level else "", code)


@register.simple_tag
def status_badge(status: object, label: str = "", size: str = "") -> SafeString:
    """`{% status_badge incident.status %}`: any state word of core/look.py, of incidents and all their neighbours."""
    shown = look.status_look(str(status))
    dressed = f"badge is-{shown.family}" + (f" badge-{size}" if size else "")
    return format_html('<span class="{}">{}{}</span>', dressed, icon(shown.icon), label or shown.label)


@register.simple_tag
def health_badge(state: object, size: str = "") -> SafeString:
    """`{% health_badge component.state %}`: operational, degraded, partial, major, maintenance."""
    shown = look.HEALTH[look.health_key(str(state))]
    dressed = f"badge is-{shown.family}" + (f" badge-{size}" if size else "")
    return format_html('<span class="{}">{}{}</span>', dressed, icon(shown.icon), shown.label)


@register.simple_tag
def badge(words: object, family: str = "slate", symbol: str = "", size: str = "") -> SafeString:
    """`{% badge _("Read only") "blue" "lock" %}`: any other word in a colour family."""
    dressed = f"badge is-{family}" + (f" badge-{size}" if size else "")
    return format_html('<span class="{}">{}{}</span>', dressed, icon(symbol) if symbol else "", words)


@register.simple_tag
def kind_icon(kind: object) -> SafeString:
    """`{% kind_icon event.kind %}`: the node of a timeline line, in its colour."""
    shown = look.kind_look(str(kind))
    return format_html('<span class="tl-node is-{}" title="{}">{}</span>', shown.family, shown.label, icon(shown.icon))


@register.simple_tag
def channel_icon(channel: object) -> SafeString:
    """`{% channel_icon message.channel %}`"""
    return icon(look.CHANNEL_ICON.get(str(channel), "send"))


# People


@register.simple_tag
def avatar(person: object, size: str = "", name: bool = False) -> SafeString:
    """`{% avatar user %}`: initials on the person's own colour; `name=True` writes the name beside them."""
    if person is None:
        return format_html('<span class="avatar avatar-none" title="{}">{}</span>', _("Nobody"), icon("user", "sm"))
    dressed = f"avatar avatar-{look.face(getattr(person, 'pk', person))}" + (f" avatar-{size}" if size else "")
    initials = getattr(person, "initials", "") or "".join(part[:1] for part in str(person).split()[:2]).upper()
    if name:
        circle = format_html('<span class="{}" aria-hidden="true">{}</span>', dressed, initials)
        return format_html('<span class="person">{}<span class="truncate">{}</span></span>', circle, person)
    return format_html(
        '<span class="{}" role="img" aria-label="{}" title="{}">{}</span>', dressed, person, person, initials
    )


@register.filter
def face(person: object) -> int:
    """`class="who-{{ person|face }}"`: the person's colour number."""
    return look.face(getattr(person, "pk", person))


@register.inclusion_tag("_avatars.html")
def avatars(people: Sequence[object], most: int = 5) -> Context:
    """`{% avatars team.members.all %}`: a stack, and how many more there are."""
    held = list(people)
    return {"shown": held[:most], "more": len(held) - most if len(held) > most else 0}


@register.inclusion_tag("_oncall_chip.html")
def oncall_chip(person: object, address: str = "") -> Context:
    """`{% oncall_chip person %}`: who answers; red and plain-spoken if nobody does."""
    return {"person": person, "address": address}


# Blocks


@register.inclusion_tag("_empty.html")
def empty_state(
    symbol: str, title: str, text: str = "", action: str = "", address: str = "", needs: object = True
) -> Context:
    """`{% empty_state "bell" _("Quiet") _("No alert has fired.") _("Add a source") url %}`"""
    return {"symbol": symbol, "title": title, "text": text, "action": action if needs else "", "address": address}


@register.inclusion_tag("_stat.html")
def stat(
    name: str, value: object, note: str = "", family: str = "", address: str = "", values: Sequence[float] = ()
) -> Context:
    """`{% stat _("Open incidents") 3 note=_("n = 42") family="red" %}`, with a sparkline from `values`."""
    return {"name": name, "value": value, "note": note, "family": family, "address": address, "values": values}


@register.inclusion_tag("_copy.html")
def copyable(text: str, title: str = "", wrap: bool = False, key: str = "") -> Context:
    """`{% copyable snippet title="alertmanager.yml" %}`: a code block with a button; `wrap` for URLs and tokens."""
    return {"text": text, "title": title, "wrap": wrap, "identity": f"copy-{key or crc32(text.encode())}"}


@register.filter
def prose(text: str) -> SafeString:
    """`<div class="prose">{{ note.text|prose }}</div>`: markdown, sanitised."""
    return SafeString(markdown.render(text or ""))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """`<a href="?{% query status='open' cursor=None %}">`: this page's query with changes; None takes a key away."""
    kept = context["request"].GET.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value not in (None, ""):
            kept[name] = str(value)
    return str(kept.urlencode())


# The shell


@register.simple_tag(takes_context=True)
def main_menu(context: template.Context) -> Context:
    """`{% main_menu as menu %}`: `sections`, `tabs` (phone) and `more` (the rest of them)."""
    request = context.get("request")
    lines = menu.entries(context.get("user"), request.path if request else "")
    return {
        "sections": menu.sections(lines),
        "tabs": [line for line in lines if line.url_name in menu.TABS],
        "more": [line for line in lines if line.url_name not in menu.TABS],
    }


@register.simple_tag
def script_words() -> str:
    """JSON of the few sentences the scripts say, for `<html data-words>`."""
    return json.dumps(
        {
            **asdict(moments.words()),
            "copied": _("Copied"),
            "copy_by_hand": _("The browser did not allow copying. The text is marked: copy it by hand."),
            "not_allowed": _("You are not allowed to do this, or you were signed out."),
            "gone": _("This is no longer here."),
            "server_trouble": _("The server could not do this. Nothing you typed is lost; try again in a moment."),
            "no_answer": _("The server did not answer. Nothing you typed is lost; try again in a moment."),
            "live": _("Live"),
            "reconnecting": _("Reconnecting…"),
        },
        ensure_ascii=False,
    )
