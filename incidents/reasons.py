"""Why somebody is paged: kept as values, said in the language of whoever reads."""

from typing import Any

from django.utils.translation import gettext as _

from oncall import reasons
from oncall.reasons import Why


def reason(why: Why) -> str:
    """ "primary on call of Payments"; empty where there is none."""
    by = why.get("by")
    if by == "no_policy":
        return _("%(service)s has no escalation policy, so the administrators are paged") % {
            "service": why.get("service", "")
        }
    if by == "no_service":
        return _("no service is named, so the administrators are paged")
    if by == "failing":
        return _("the escalation of “%(policy)s” fails again and again: %(error)s") % {
            "policy": why.get("policy", ""),
            "error": why.get("error", ""),
        }
    if by == "asked":
        return _("%(words)s (asked for by %(who)s)") % {"words": why.get("words", ""), "who": why.get("who", "")}
    if by == "said":
        return str(why.get("words", ""))
    return reasons.reason(why)


def kept(why: Any) -> Why:
    """The reason a plan holds; plans of old hold it in words."""
    if isinstance(why, dict):
        return why
    return {"by": "said", "words": str(why)} if why else {}
