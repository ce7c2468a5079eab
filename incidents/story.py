"""The story told: every line as a sentence, and the groups a reader may narrow it to. Judges values only."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import alert_lines, paging_lines
from incidents.models import Incident, Kind, Role, TimelineEvent, Update

GROUPS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "notes": (gettext_lazy("Notes"), (Kind.NOTE,)),
    "updates": (gettext_lazy("Updates"), (Kind.UPDATE,)),
    "status": (
        gettext_lazy("Status"),
        (
            Kind.DECLARED,
            Kind.ACCEPTED,
            Kind.DECLINED,
            Kind.IDENTIFIED,
            Kind.MITIGATED,
            Kind.RESOLVED,
            Kind.REOPENED,
            Kind.CLOSED,
            Kind.SEVERITY,
            Kind.RENAMED,
            Kind.DESCRIBED,
            Kind.SERVICE,
            Kind.TIMES,
            Kind.VISIBILITY,
        ),
    ),
    "people": (gettext_lazy("People"), (Kind.ROLE_TAKEN, Kind.ROLE_LEFT, Kind.ADMITTED)),
    "paging": (
        gettext_lazy("Paging"),
        (Kind.ACKNOWLEDGED, Kind.PAGED, Kind.PAGE_FAILED, Kind.ESCALATED, Kind.ESCALATION_ENDED),
    ),
    "alerts": (gettext_lazy("Alerts"), (Kind.ALERT_FIRED, Kind.ALERT_RESOLVED)),
}
_GROUP_OF = {str(kind): name for name, (_label, kinds) in GROUPS.items() for kind in kinds}
KEY_KINDS = {Kind.DECLARED, Kind.MITIGATED, Kind.RESOLVED, Kind.REOPENED}
WITH_BODY = {Kind.NOTE, Kind.UPDATE, Kind.DESCRIBED, Kind.DECLINED}  # their text is people's markdown


@dataclass(frozen=True)
class Line:
    """One line as it is shown: `actor` did `words`; `body` is markdown below it, `remark` a quiet word beside it."""

    event: TimelineEvent
    actor: object
    words: str
    body: str = ""
    remark: str = ""

    @property
    def seq(self) -> int:
        return self.event.seq

    @property
    def group(self) -> str:
        return group_of(self.event.kind)

    @property
    def is_key(self) -> bool:
        return self.event.kind in KEY_KINDS

    @property
    def is_late(self) -> bool:
        """Written down noticeably later than it happened."""
        return (self.event.recorded_at - self.event.happened_at).total_seconds() >= 60


def group_of(kind: str) -> str:
    """The group a kind of line belongs to."""
    return _GROUP_OF.get(kind, "status")


def kinds_of(group: str) -> tuple[str, ...]:
    """The kinds of one group; empty for a group that is not there."""
    return GROUPS[group][1] if group in GROUPS else ()


def tell(event: TimelineEvent) -> Line:
    """The line as a sentence in the reader's language."""
    actor = event.actor or event.actor_name or "Muster"
    data: dict[str, Any] = event.data
    body = event.text if event.kind in WITH_BODY else ""
    teller = _TELLERS.get(event.kind)
    words = (teller(data, event) if teller else "") or event.text or str(event.get_kind_display())
    remark = _("times of skipped steps are assumed") if data.get("assumed") else ""
    return Line(event, actor, words, body, remark)


def _declared(data: dict[str, Any], event: TimelineEvent) -> str:
    values = {"severity": data.get("severity", ""), "service": data.get("service", "")}
    if values["service"]:
        return _("declared this as %(severity)s on %(service)s") % values
    return _("declared this as %(severity)s") % values


def _severity(data: dict[str, Any], event: TimelineEvent) -> str:
    values = {**_both(data), "reported": data.get("reported", ""), "alert": data.get("alert", "")}
    if values["reported"]:
        sentence = (
            _("left the severity at %(from)s, chosen by a person: an alert grew worse (%(reported)s), %(alert)s")
            if data.get("how") == "grew"
            else _("left the severity at %(from)s, chosen by a person: a worse alert joined (%(reported)s), %(alert)s")
        )
    elif not data.get("worse"):
        sentence = _("lowered the severity from %(from)s to %(to)s")
    elif data.get("how") == "grew":
        sentence = _("raised the severity from %(from)s to %(to)s, because an alert grew worse: %(alert)s")
    elif values["alert"]:
        sentence = _("raised the severity from %(from)s to %(to)s, because a worse alert joined: %(alert)s")
    else:
        sentence = _("raised the severity from %(from)s to %(to)s")
    return sentence % values


def _service(data: dict[str, Any], event: TimelineEvent) -> str:
    if not data.get("to"):
        return _("took the service away; it was %(from)s") % _both(data)
    if not data.get("from"):
        return _("named the service: %(to)s") % _both(data)
    return _("moved this from %(from)s to %(to)s") % _both(data)


def _role_taken(data: dict[str, Any], event: TimelineEvent) -> str:
    values = {"label": _role(data), "name": data.get("name", ""), "before": data.get("before", "")}
    if data.get("person") == event.actor_id:
        sentence = _("took the role %(label)s from %(before)s") if values["before"] else _("took the role %(label)s")
    elif values["before"]:
        sentence = _("made %(name)s %(label)s after %(before)s")
    else:
        sentence = _("made %(name)s %(label)s")
    return sentence % values


def _role(data: dict[str, Any]) -> str:
    role = data.get("role", "")
    return str(Role(role).label) if role in Role.values else str(data.get("label", role))


def _role_left(data: dict[str, Any], event: TimelineEvent) -> str:
    values = {"label": _role(data), "name": data.get("name", "")}
    if data.get("person") == event.actor_id:
        return _("left the role %(label)s") % values
    return _("relieved %(name)s of the role %(label)s") % values


def _update(data: dict[str, Any], event: TimelineEvent) -> str:
    return _("told the public") if data.get("audience") == Update.Audience.PUBLIC else _("told everyone inside")


def _visibility(data: dict[str, Any], event: TimelineEvent) -> str:
    return _("made this private") if data.get("private") else _("opened this to everyone")


def _admitted(data: dict[str, Any], event: TimelineEvent) -> str:
    sentence = (
        _("admitted %(name)s") if data.get("admitted", True) else _("took %(name)s off the list of those admitted")
    )
    return sentence % {"name": data.get("name", "")}


def _declined(data: dict[str, Any], event: TimelineEvent) -> str:
    return _("declined this as noise")


def _both(data: dict[str, Any]) -> dict[str, str]:
    return {"from": str(data.get("from", "")), "to": str(data.get("to", ""))}


_TELLERS: dict[str, Any] = {
    Kind.DECLARED: _declared,
    Kind.ACCEPTED: lambda data, event: _("accepted this: it is real"),
    Kind.DECLINED: _declined,
    Kind.ACKNOWLEDGED: lambda data, event: _("acknowledged this and is on it"),
    Kind.IDENTIFIED: lambda data, event: _("said the cause is found"),
    Kind.MITIGATED: lambda data, event: _("said the harm has stopped"),
    Kind.RESOLVED: lambda data, event: _("resolved this"),
    Kind.REOPENED: lambda data, event: _("opened this again"),
    Kind.CLOSED: lambda data, event: _("closed this"),
    Kind.SEVERITY: _severity,
    Kind.RENAMED: lambda data, event: _("renamed this; it was “%(from)s”") % _both(data),
    Kind.DESCRIBED: lambda data, event: _("wrote the summary") if event.text else _("took the summary away"),
    Kind.SERVICE: _service,
    Kind.TIMES: lambda data, event: _("corrected the times"),
    Kind.ROLE_TAKEN: _role_taken,
    Kind.ROLE_LEFT: _role_left,
    Kind.NOTE: lambda data, event: _("noted"),
    Kind.UPDATE: _update,
    Kind.VISIBILITY: _visibility,
    Kind.ADMITTED: _admitted,
    # Lines from before their facts were kept have none of these; they stand as they were written.
    Kind.PAGED: lambda data, event: paging_lines.paged(data) if "why" in data else "",
    Kind.PAGE_FAILED: lambda data, event: paging_lines.page_failed(data) if data.keys() & {"failure", "fault"} else "",
    Kind.ESCALATED: lambda data, event: paging_lines.escalated(data),
    Kind.ESCALATION_ENDED: lambda data, event: paging_lines.escalation_ended(data),
    Kind.ALERT_FIRED: lambda data, event: alert_lines.fired(data) if "titles" in data else "",
    Kind.ALERT_RESOLVED: lambda data, event: alert_lines.resolved(data) if "titles" in data else "",
}


def next_update_due(incident: Incident, updates: list[Update]) -> Update | None:
    """The newest update whose promise of a next one is still open; None when the incident is over."""
    return next((one for one in updates if one.next_update_at), None) if incident.is_open else None
