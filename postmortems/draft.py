"""The first draft of a postmortem, written from the record. Judges values only: no database, no clock.

It states what was recorded and asks about what was not; it names no causes and blames nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postmortems.facts import Record

LONGEST_LINE = 300
MOST_LINES = 200


@dataclass(frozen=True)
class Draft:
    """The sections of a postmortem, as markdown."""

    summary: str
    impact: str
    timeline: str
    detection: str
    response: str
    went_well: str
    could_be_better: str
    lucky: str
    lessons: str = ""


def compose(record: Record) -> Draft:
    """The draft: everything the record can say, and a question wherever only people can."""
    met, missed = _promises(record)
    well, worse = [*met, *_good(record)], [*missed, *_rough(record)]
    return Draft(
        summary=_summary(record),
        impact=_impact(record),
        timeline=_timeline(record),
        detection=_detection(record),
        response=_response(record),
        went_well=_list(well, _("What else helped?") if well else _("The record is silent. What helped?")),
        could_be_better=_list(worse, _("What else slowed us down?") if worse else _("What slowed us down?")),
        lucky=_list(_luck(record), _("What would have made this worse, and did not happen?")),
    )


def filled(draft: Draft) -> float:
    """The share of sections with something in them."""
    sections = list(vars(draft).values())
    return sum(bool(section.strip()) for section in sections) / len(sections)


def span(length: timedelta) -> str:
    """ "45 s", "12 min", "1 h 12 min", "2 d 3 h"."""
    size = max(0, round(length.total_seconds()))
    days, hours, minutes = size // 86400, size // 3600 % 24, size // 60 % 60
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(seconds)s s") % {"seconds": size}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _list(lines: Iterable[str], question: str) -> str:
    return "\n".join(f"- {line}" for line in [*lines, f"*{question}*"])


def _summary(record: Record) -> str:
    values = {
        "begun": _moment(record.begun_at),
        "title": record.title,
        "service": record.service,
        "severity": record.severity,
        "mended": span(record.mended_at - record.begun_at),
        "whole": span(record.resolved_at - record.begun_at),
    }
    if record.service:
        said = _("On %(begun)s, %(service)s was hit: %(title)s (%(severity)s).") % values
    else:
        said = _("On %(begun)s: %(title)s (%(severity)s).") % values
    over = _("Users were harmed for %(mended)s; it was resolved after %(whole)s.") % values
    return "\n\n".join(part for part in (f"{said} {over}", record.summary.strip()) if part)


def _impact(record: Record) -> str:
    lines = [
        _("Impact began: %(at)s") % {"at": _moment(record.begun_at)}
        + ("" if record.impact_started_at else _(" (assumed: the moment it was noticed)")),
        _("Impact ended: %(at)s, after %(span)s")
        % {"at": _moment(record.mended_at), "span": span(record.mended_at - record.begun_at)},
        _("Severity: %(severity)s") % {"severity": record.severity},
    ]
    if record.service:
        lines.append(_("Service: %(service)s") % {"service": record.service})
    if record.first_public_update_at is not None:
        after = span(record.first_public_update_at - record.begun_at)
        lines.append(_("Customers were told on the status page after %(span)s") % {"span": after})
    else:
        lines.append(_("Customers were not told on the status page"))
    return _list(lines, _("How many users, requests or orders were hit? What did they see?"))


def _timeline(record: Record) -> str:
    shown = [line for line in record.happenings if line.kind not in {"role_left", "admitted", "visibility"}]
    lines = []
    day = None
    for line in shown[:MOST_LINES]:
        if line.at.date() != day:
            day = line.at.date()
            lines.append(f"\n**{day:%Y-%m-%d}** (UTC)\n")
        words = " ".join(line.text.split())
        words = words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…"
        lines.append(f"- {line.at:%H:%M} {line.who} {line.words}" + (f": {words}" if words else ""))
    if len(shown) > MOST_LINES:
        lines.append("- " + _("… and %(count)s more lines in the war room") % {"count": len(shown) - MOST_LINES})
    return "\n".join(lines).strip()


def _detection(record: Record) -> str:
    first = next((line for line in record.happenings if line.kind == "alert_fired"), None)
    if first is not None and record.by_alert:
        how = _("A monitoring alert found it: %(alert)s.") % {
            "alert": " ".join(first.text.split())[:200] or first.words
        }
    elif first is not None:
        how = _("A person declared it; an alert fired as well.")
    else:
        who = next((line.who for line in record.happenings if line.kind == "declared"), "")
        how = _("No alert found it: %(who)s declared it by hand.") % {"who": who or _("somebody")}
    lines = [how]
    noticed = record.detected_at or record.declared_at
    if record.impact_started_at is not None:
        lines.append(
            _("From the beginning to noticing: %(span)s.") % {"span": span(noticed - record.impact_started_at)}
        )
    else:
        lines.append(_("When the impact began was not recorded, so the time to notice is not known."))
    if record.acknowledged_at is not None:
        lines.append(
            _("From noticing to the first person's answer: %(span)s.")
            % {"span": span(record.acknowledged_at - noticed)}
        )
    return _list(lines, _("Could it have been noticed earlier, or by us instead of by customers?"))


def _response(record: Record) -> str:
    lines = []
    for part in record.parts:
        until = _("to the end") if part.until is None else _("until %(time)s") % {"time": f"{part.until:%H:%M}"}
        lines.append(f"{part.role}: {part.person}, {part.since:%H:%M} {until}")
    if not record.parts:
        lines.append(_("Nobody took a role."))
    if record.asked:
        answered = sum(page.answered_at is not None for page in record.asked)
        lines.append(
            ngettext("%(count)s page went out", "%(count)s pages went out", len(record.asked))
            % {"count": len(record.asked)}
            + ngettext(", %(answered)s was answered.", ", %(answered)s were answered.", answered)
            % {"answered": answered}
        )
        deepest = max(page.step for page in record.asked)
        if deepest:
            lines.append(_("It escalated to step %(step)s.") % {"step": deepest + 1})
    for label, at in (
        (_("Cause known after"), record.identified_at),
        (_("Harm ended after"), record.mitigated_at),
        (_("Resolved after"), record.resolved_at),
    ):
        if at is not None:
            lines.append(f"{label} {span(at - record.declared_at)}")
    return _list(lines, _("Which steps worked, and which were tried in vain?"))


def _promises(record: Record) -> tuple[list[str], list[str]]:
    """What the severity promised: kept, and missed."""
    met: list[str] = []
    missed: list[str] = []
    for label, minutes, since, at in (
        (_("Acknowledged"), record.promises.acknowledge, record.declared_at, record.acknowledged_at),
        (_("Commander named"), record.promises.commander, record.declared_at, record.commander_named_at),
        (_("Service restored"), record.promises.restore, record.begun_at, record.mended_at),
        (_("First public update"), record.promises.public_update, record.declared_at, record.first_public_update_at),
    ):
        if minutes is None:
            continue
        promised = span(timedelta(minutes=minutes))
        if at is None:
            missed.append(
                _("%(what)s: never recorded (promised within %(promised)s)") % {"what": label, "promised": promised}
            )
            continue
        took = at - since
        line = _("%(what)s after %(took)s (promised within %(promised)s)") % {
            "what": label,
            "took": span(took),
            "promised": promised,
        }
        (met if took <= timedelta(minutes=minutes) else missed).append(line)
    return met, missed


def _good(record: Record) -> list[str]:
    held = {part.role for part in record.parts}
    found = []
    if record.roles_required and set(record.roles_required) <= held:
        found.append(_("Every role that this severity asks for was taken."))
    if record.by_alert:
        found.append(_("Monitoring noticed it before anybody had to report it."))
    notes = sum(line.kind == "note" for line in record.happenings)
    if notes >= 3:
        found.append(_("Facts were written down as they happened: %(count)s notes.") % {"count": notes})
    return found


def _rough(record: Record) -> list[str]:
    held = {part.role for part in record.parts}
    found = []
    empty = [role for role in record.roles_required if role not in held]
    if empty:
        found.append(_("Nobody held: %(roles)s.") % {"roles": ", ".join(empty)})
    silent = [page for page in record.asked if page.answered_at is None]
    if silent:
        found.append(
            ngettext("%(count)s page was not answered.", "%(count)s pages were not answered.", len(silent))
            % {"count": len(silent)}
        )
    if not record.by_alert:
        found.append(_("No alert found it."))
    if any(line.kind == "reopened" for line in record.happenings):
        found.append(_("It was resolved too early and had to be reopened."))
    gap = _longest_silence(record)
    if gap is not None and gap > timedelta(minutes=30):
        found.append(_("For %(span)s nothing was written down.") % {"span": span(gap)})
    return found


def _longest_silence(record: Record) -> timedelta | None:
    moments = [line.at for line in record.happenings if record.declared_at <= line.at <= record.mended_at]
    moments = sorted([record.declared_at, *moments, record.mended_at])
    return max((later - earlier for earlier, later in pairwise(moments)), default=None)


def _luck(record: Record) -> list[str]:
    begun = record.begun_at
    in_hours = begun.weekday() < 5 and 8 <= begun.hour < 18
    found = []
    if in_hours:
        found.append(_("It began within working hours, %(at)s.") % {"at": _moment(begun)})
    if record.asked and all(page.step == 0 for page in record.asked) and any(page.answered_at for page in record.asked):
        found.append(_("The first person paged was there."))
    return found
