"""What a machine says of the condition that pages: kept with its line of the story, told in pages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

DESCRIPTION, LABELS, LABEL, ADDRESS = 2000, 8, 120, 2000
IN_A_PAGE = 700  # characters of the description; the whole of it stands in the room


@dataclass(frozen=True)
class Lead:
    """The alert that speaks for an incident. Addresses are http or https, or empty."""

    title: str = ""
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    runbook_url: str = ""
    source_url: str = ""

    @property
    def short(self) -> str:
        """The description as far as a page carries it."""
        return self.description if len(self.description) <= IN_A_PAGE else self.description[:IN_A_PAGE].rstrip() + " …"


def kept(
    *, alert: int, rank: int, title: str, description: str, labels: Mapping[str, str], runbook_url: str, source_url: str
) -> dict[str, Any]:
    """As a line of the story keeps it. `rank`: of the severity it asks for, 1 is the worst."""
    return {
        "alert": alert,
        "rank": rank,
        "title": title,
        "description": description.strip()[:DESCRIPTION],
        "labels": [[name, value[:LABEL]] for name, value in list(labels.items())[:LABELS]],
        "runbook_url": _address(runbook_url),
        "source_url": _address(source_url),
    }


def read(data: Mapping[str, Any]) -> Lead:
    """The same, to be told."""
    labels = {str(name): str(value) for name, value in data.get("labels") or []}
    return Lead(
        str(data.get("title", "")),
        str(data.get("description", "")),
        labels,
        _address(data.get("runbook_url", "")),
        _address(data.get("source_url", "")),
    )


def _address(said: Any) -> str:
    """The address, if it is one a browser may follow."""
    if not isinstance(said, str) or len(said) > ADDRESS or any(sign.isspace() for sign in said):
        return ""
    try:
        parts = urlsplit(said)
    except ValueError:
        return ""
    return said if parts.scheme in {"http", "https"} and parts.hostname else ""
