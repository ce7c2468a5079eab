"""Why somebody is called, and what a step of a plan calls: kept as values, said in the language of whoever reads."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from oncall.models import Duty

# {"by": "duty", "duty", "schedule"} (with "instead_of": a name, or "away": true), {"by": "team", "team"},
# {"by": "policy"} or {"by": "fallback", "policy"}
Why = dict[str, Any]


def reason(why: Why) -> str:
    """ "primary on call of Payments"; empty for what is no reason of this room."""
    by = why.get("by")
    if by == "duty":
        words = {"duty": _duty(why.get("duty", "")).lower(), "schedule": why.get("schedule", "")}
        if why.get("instead_of"):
            words["absent"] = why["instead_of"]
            return _("%(duty)s on call of %(schedule)s, instead of %(absent)s, who is away") % words
        if why.get("away"):
            return _("%(duty)s on call of %(schedule)s; away, but nobody covers") % words
        return _("%(duty)s on call of %(schedule)s") % words
    if by == "team":
        return _("everyone in %(team)s") % {"team": why.get("team", "")}
    if by == "policy":
        return _("named in the policy")
    if by == "fallback" and why.get("again"):
        return _("nobody has acknowledged, and everyone in %(policy)s was paged") % {"policy": why.get("policy", "")}
    if by == "fallback":
        return _("final fallback of %(policy)s") % {"policy": why.get("policy", "")}
    return ""


def target_name(target: Mapping[str, Any]) -> str:
    """What a target of a plan is called: "Primary of Payments". Plans of old hold the name alone."""
    of = target.get("of")
    if of and target.get("kind") == "schedule":
        return _("%(duty)s of %(schedule)s") % {"duty": _duty(target.get("duty", "")), "schedule": of}
    if of and target.get("kind") == "team":
        return _("everyone in %(team)s") % {"team": of}
    return str(target.get("name", ""))


def _duty(word: str) -> str:
    return str(Duty(word).label) if word in Duty.values else word
