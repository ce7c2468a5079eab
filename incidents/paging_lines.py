"""Who was paged, who could not be reached, and how the plan went on: lines of the story, said from their facts."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from incidents import reasons
from notifications import failures
from notifications.models import ChannelName
from oncall.reasons import target_name


def paged(data: dict[str, Any]) -> str:
    """ "paged Ben Ortiz: primary on call of Payments (step 1 of “Payments”)"."""
    why = reasons.reason(data.get("why") or {}) or data.get("reason", "")
    line = _("paged %(person)s: %(reason)s") % {"person": data.get("name", ""), "reason": why}
    if data.get("step") is None or data.get("is_fallback"):
        return line
    words = {"number": data["step"] + 1, "policy": data.get("policy", "")}
    return line + _(" (step %(number)s of “%(policy)s”)") % words


def page_failed(data: dict[str, Any]) -> str:
    """That somebody could not be reached, and why."""
    person, channel = data.get("name", ""), data.get("channel", "")
    if data.get("fault"):
        return _("could not page %(person)s: a fault inside Muster, see its log") % {"person": person}
    words = {
        "person": person,
        "channel": str(ChannelName(channel).label).lower() if channel in ChannelName.values else channel,
        "why": failures.told(data.get("failure", "")) or _("no reason is known"),
    }
    return _("could not reach %(person)s by %(channel)s: %(why)s") % words


def escalated(data: dict[str, Any]) -> str:
    """How the plan went on; empty for a line from before its facts were kept."""
    if data.get("asked"):
        return _("asked for the next people now")
    if data.get("held"):
        return held(data)
    if data.get("unreachable"):
        return _("can reach nobody of step %(number)s, so the next step goes at once") % {"number": data["step"] + 1}
    if "is_fallback" not in data:
        return ""
    if data["is_fallback"]:
        return _("found nobody for the final fallback: no administrator has an active account")
    words = {
        "number": data["step"] + 1,
        "policy": data.get("policy", ""),
        "targets": ", ".join(target_name(target) for target in data.get("targets", ())) or _("no target"),
    }
    return (
        _("found nobody on call at step %(number)s of “%(policy)s” (%(targets)s); the next step goes at once") % words
    )


def held(data: dict[str, Any]) -> str:
    """That a page waits for working hours: {"until": ISO moment, "severity", "first"}. In the reader's zone."""
    words = {"severity": data.get("severity", ""), "when": day_and_time(datetime.fromisoformat(data["until"]))}
    if data.get("first"):
        return _("%(severity)s pages in working hours only: the first page goes %(when)s") % words
    return _("%(severity)s pages in working hours only: the next page goes %(when)s") % words


def day_and_time(moment: datetime) -> str:
    """ "Monday 09:00" in the reader's zone and language."""
    return date_format(timezone.localtime(moment), "l H:i")


def escalation_ended(data: dict[str, Any]) -> str:
    """That the plan is used up. Without a policy it is the administrators who were paged."""
    policy = data.get("policy") or _("No policy")
    if data.get("goes_on"):
        return _(
            "has paged everyone in “%(policy)s”, and nobody has acknowledged; the last ones are paged again until "
            "somebody does"
        ) % {"policy": policy}
    return _("has paged everyone in “%(policy)s”, and nobody has acknowledged") % {"policy": policy}
