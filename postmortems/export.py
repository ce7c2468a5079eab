"""A postmortem as one markdown document."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from postmortems.models import SECTIONS, ActionItem, ContributingFactor, Postmortem, section_label


def as_markdown(postmortem: Postmortem, *, factors: Iterable[ContributingFactor], items: Iterable[ActionItem]) -> str:
    """The whole lesson, to keep elsewhere. Empty sections are left out."""
    incident = postmortem.incident
    parts = [
        f"# {_one_line(incident.title)}",
        "\n".join(
            f"- {label}: {value}"
            for label, value in (
                (_("Incident"), incident.reference),
                (_("Severity"), f"{incident.severity.code} {incident.severity.name}"),
                (_("Service"), incident.service.name if incident.service else ""),
                (_("State"), postmortem.get_state_display()),
                (_("Author"), str(postmortem.author or "")),
                (_("Resolved"), f"{incident.resolved_at:%Y-%m-%d %H:%M} UTC" if incident.resolved_at else ""),
            )
            if value
        ),
    ]
    if postmortem.state == Postmortem.State.WAIVED:
        parts.append(_("Waived: %(reason)s") % {"reason": postmortem.waived_reason})
    for name in SECTIONS:
        text = getattr(postmortem, name).strip()
        if text:
            parts.append(f"## {section_label(name)}\n\n{text}")
        if name == "response":
            listed = "\n".join(f"- {_one_line(factor.text)}" for factor in factors)
            if listed:
                parts.append(f"## {_('Contributing factors')}\n\n{listed}")
    promised = "\n".join(_item(item) for item in items)
    if promised:
        parts.append(f"## {_('Action items')}\n\n{promised}")
    return "\n\n".join(parts) + "\n"


def _item(item: ActionItem) -> str:
    mark = "x" if item.state == ActionItem.State.DONE else " "
    line = f"- [{mark}] {_one_line(item.title)} ({item.owner}, {item.due_on.isoformat()}, {item.get_state_display()})"
    said = item.evidence or item.reason
    return f"{line}: {_one_line(said)}" if said else line


def _one_line(text: str) -> str:
    return " ".join(text.split())
