"""How a source is, in a word and a colour. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

BACKLOG = 500
QUIET_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Health:
    """`family` and `icon` as docs/design.md names them; `words` say it; `advice`: what to do, if anything."""

    family: str
    icon: str
    words: str
    advice: str = ""


def health_of(
    *,
    is_disabled: bool,
    last_seen_at: datetime | None,
    waiting: int,
    refused: bool,
    in_part: bool,
    overloaded: bool,
    at: datetime,
) -> Health:
    """Of what is true of a source, what somebody should know first."""
    if is_disabled:
        return Health("slate", "ban", _("Switched off"))
    if waiting > BACKLOG:
        advice = _("More is arriving than is being read. Nothing is lost; it takes longer.")
        return Health("orange", "hourglass", _("Backlog"), advice)
    if refused:
        advice = _("In the last hour it sent something that could not be read. It is kept below.")
        return Health("red", "file-text", _("Unreadable"), advice)
    if in_part:
        advice = _("In the last hour some of the alerts it sent could not be read. What could be read was taken in.")
        return Health("orange", "file-text", _("Read in part"), advice)
    if overloaded:
        advice = _("In the last hour it was asked to send again later. Its tool does so by itself.")
        return Health("orange", "alert-triangle", _("Sent back"), advice)
    if last_seen_at is None:
        advice = _("Paste the configuration into your tool, and the first alert shows up here.")
        return Health("slate", "plug", _("Never heard of"), advice)
    if at - last_seen_at > QUIET_AFTER:
        advice = _("It has sent nothing for days. Perhaps all is well; a test from the tool tells.")
        return Health("amber", "moon", _("Quiet"), advice)
    return Health("green", "check", _("Heard"))
