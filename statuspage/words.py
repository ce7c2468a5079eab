"""What states are called, on the page and in the formats of others. Pure but for the language now active."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage.rollup import DEGRADED, MAINTENANCE, MAJOR, NO_DATA, OPERATIONAL, PARTIAL, Day

RESOLVED = "resolved"
STATUSES = ("investigating", "identified", "monitoring", RESOLVED)

# Statuspage's public API v2 (wire formats, 2.1): component status, page indicator, page description.
V2_STATUS = {
    OPERATIONAL: "operational",
    DEGRADED: "degraded_performance",
    PARTIAL: "partial_outage",
    MAJOR: "major_outage",
    MAINTENANCE: "under_maintenance",
}
V2_INDICATOR = {OPERATIONAL: "none", DEGRADED: "minor", PARTIAL: "major", MAJOR: "critical", MAINTENANCE: "maintenance"}
V2_DESCRIPTION = {
    OPERATIONAL: "All Systems Operational",
    DEGRADED: "Partially Degraded Service",
    PARTIAL: "Partial System Outage",
    MAJOR: "Major Service Outage",
    MAINTENANCE: "Service Under Maintenance",
}
STATE_OF_IMPACT = {"critical": MAJOR, "major": PARTIAL, "minor": DEGRADED}


def headline(state: str, *, has_components: bool = True) -> str:
    """The one sentence at the top of the page. Without components it cannot say what is out."""
    if not has_components and state in {DEGRADED, PARTIAL, MAJOR}:
        return _("There is an open incident")
    return {
        OPERATIONAL: _("All systems operational"),
        DEGRADED: _("Some systems are degraded"),
        PARTIAL: _("Some systems are out"),
        MAJOR: _("Major outage"),
        MAINTENANCE: _("Maintenance is going on"),
    }[state]


def state_words(state: str) -> str:
    """A component's state as readers see it."""
    return {
        OPERATIONAL: _("Operational"),
        DEGRADED: _("Degraded"),
        PARTIAL: _("Partial outage"),
        MAJOR: _("Major outage"),
        MAINTENANCE: _("Maintenance"),
        NO_DATA: _("No record"),
    }[state]


def status_words(status: str) -> str:
    """An incident's state as readers see it."""
    return {
        "investigating": _("Investigating"),
        "identified": _("Identified"),
        "monitoring": _("Monitoring"),
        RESOLVED: _("Resolved"),
    }.get(status, status.capitalize())


def span(seconds: float) -> str:
    """ "45 s", "12 min", "1 h 12 min": how long something lasted."""
    size = round(timedelta(seconds=seconds).total_seconds())
    hours, minutes = size // 3600, size // 60 % 60
    if size < 60:
        return _("%(seconds)s s") % {"seconds": size}
    if not hours:
        return _("%(minutes)s min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


def day_words(day: Day, date_words: str) -> str:
    """What the bar of one day says: "3 Nov: 12 min of major outage"."""
    if day.state == NO_DATA:
        return _("%(day)s: no record") % {"day": date_words}
    if not day.troubles:
        return _("%(day)s: operational") % {"day": date_words}
    parts = [
        _("%(span)s of %(state)s") % {"span": span(seconds), "state": state_words(state).lower()}
        for state, seconds in day.troubles
    ]
    return _("%(day)s: %(troubles)s") % {"day": date_words, "troubles": ", ".join(parts)}


def moment_words(moment: datetime) -> str:
    """A moment as the page shows it, in the language and the zone now active: "3 Nov, 14:07 UTC"."""
    return date_format(timezone.localtime(moment), _("j M, H:i T"))


def uptime_words(percent: str) -> str:
    """The figure below the bars, with the time it is of: a phone shows fewer bars than that."""
    return _("%(percent)s %% uptime in 90 days") % {"percent": percent} if percent else _("No record yet")


def bars_words(percent: str, troubled: int) -> str:
    """What a screen reader hears of the bars: the figure, and how many days were not all well."""
    if not percent:
        return ngettext(
            "No record yet; %(days)s day with trouble", "No record yet; %(days)s days with trouble", troubled
        ) % {"days": troubled}
    return _("%(percent)s %% uptime in the last 90 days; %(days)s days with trouble") % {
        "percent": percent,
        "days": troubled,
    }


def resolved_by_itself() -> str:
    """What is said where an incident ended without words for the public."""
    return _("This incident has been resolved.")


def begun_again() -> str:
    """What is said where an incident begins again without words for the public."""
    return _("The problem has come back. We are investigating.")
