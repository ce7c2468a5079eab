"""What a word looks like: colour family, icon and label of severities, statuses, health and lines of the story.

A family is one of red, orange, amber, green, blue, violet, slate, accent (static/css/tokens.css). Unknown words are
slate with a plain icon, never an error: a page at 3 am must render.
"""

import re
from dataclasses import dataclass
from zlib import crc32

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FACES = 8  # avatar-0 … avatar-7 and who-0 … who-7 in components.css


@dataclass(frozen=True)
class Look:
    """Colour family, icon and words of one value."""

    family: str
    icon: str
    label: str | Promise


STATUS: dict[str, Look] = {
    "triage": Look("violet", "inbox", _("Triage")),
    "investigating": Look("red", "search", _("Investigating")),
    "identified": Look("orange", "target", _("Identified")),
    "monitoring": Look("blue", "activity", _("Monitoring")),
    "mitigated": Look("blue", "activity", _("Mitigated")),
    "resolved": Look("green", "check", _("Resolved")),
    "closed": Look("slate", "archive", _("Closed")),
    "declined": Look("slate", "ban", _("Declined")),
    "merged": Look("slate", "git-merge", _("Merged")),
    # alerts
    "firing": Look("red", "flame", _("Firing")),
    "acknowledged": Look("blue", "user-check", _("Acknowledged")),
    "silenced": Look("slate", "bell-off", _("Silenced")),
    # postmortems
    "draft": Look("slate", "edit", _("Draft")),
    "in_review": Look("blue", "eye", _("In review")),
    "approved": Look("accent", "checks", _("Approved")),
    "published": Look("green", "book", _("Published")),
    "waived": Look("slate", "ban", _("Waived")),
    # action items and tasks
    "open": Look("blue", "circle", _("Open")),
    "in_progress": Look("accent", "progress", _("In progress")),
    "done": Look("green", "circle-check", _("Done")),
    "wont_do": Look("slate", "ban", _("Won’t do")),
    "overdue": Look("red", "alarm", _("Overdue")),
    # maintenance
    "scheduled": Look("blue", "calendar-event", _("Scheduled")),
    "active": Look("blue", "tool", _("In progress")),
    "completed": Look("green", "check", _("Completed")),
    "canceled": Look("slate", "ban", _("Cancelled")),
    "cancelled": Look("slate", "ban", _("Cancelled")),
    # deliveries
    "queued": Look("slate", "hourglass", _("Queued")),
    "sending": Look("slate", "send", _("Sending")),
    "sent": Look("blue", "send", _("Sent")),
    "delivered": Look("green", "check", _("Delivered")),
    "answered": Look("green", "checks", _("Answered")),
    "failed": Look("red", "alert-triangle", _("Failed")),
    "dead": Look("red", "circle-x", _("Given up")),
    "gave_up": Look("red", "circle-x", _("Given up")),
    "withdrawn": Look("slate", "ban", _("Withdrawn")),
    # escalations and budgets
    "running": Look("orange", "bell-ringing", _("Running")),
    "stopped": Look("slate", "hand-stop", _("Stopped")),
    "exhausted": Look("red", "alert-octagon", _("Exhausted")),
    "burning": Look("orange", "flame", _("Burning")),
    "kept": Look("green", "check", _("Kept")),
    # priorities
    "high": Look("red", "arrow-up", _("High")),
    "medium": Look("amber", "minus", _("Medium")),
    "low": Look("slate", "arrow-down", _("Low")),
    # access
    "expired": Look("slate", "hourglass", _("Expired")),
    "revoked": Look("slate", "ban", _("Revoked")),
    "verified": Look("green", "check", _("Verified")),
    "unverified": Look("amber", "alert-triangle", _("Not verified")),
    # the inbox
    "waiting": Look("slate", "hourglass", _("Waiting")),
    "processed": Look("green", "check", _("Processed")),
    "in_part": Look("orange", "file-text", _("Read in part")),
    "unreadable": Look("red", "file-text", _("Unreadable")),
    # hypotheses
    "proposed": Look("slate", "bulb", _("Proposed")),
    "testing": Look("blue", "stethoscope", _("Testing")),
    "supported": Look("green", "thumb-up", _("Supported")),
    "ruled_out": Look("slate", "thumb-down", _("Ruled out")),
}

HEALTH: dict[str, Look] = {
    "operational": Look("green", "circle-check", _("Operational")),
    "degraded": Look("amber", "circle-minus", _("Degraded")),
    "partial": Look("orange", "alert-triangle", _("Partial outage")),
    "major": Look("red", "circle-x", _("Major outage")),
    "maintenance": Look("blue", "tool", _("Maintenance")),
}

KIND: dict[str, Look] = {  # lines of the story; a kind not listed is found by its first word, then drawn as a point
    "declared": Look("red", "speakerphone", _("Declared")),
    "accepted": Look("accent", "check", _("Accepted")),
    "declined": Look("slate", "ban", _("Declined")),
    "acknowledged": Look("blue", "user-check", _("Acknowledged")),
    "identified": Look("orange", "target", _("Identified")),
    "mitigated": Look("blue", "activity", _("Mitigated")),
    "resolved": Look("green", "check", _("Resolved")),
    "reopened": Look("red", "rotate", _("Reopened")),
    "closed": Look("slate", "archive", _("Closed")),
    "merged": Look("slate", "git-merge", _("Merged")),
    "status": Look("accent", "progress", _("Status")),
    "severity": Look("orange", "alert-triangle", _("Severity")),
    "role": Look("violet", "user-shield", _("Role")),
    "note": Look("slate", "message", _("Note")),
    "update": Look("accent", "broadcast", _("Update")),
    "page": Look("orange", "bell-ringing", _("Page")),
    "page_failed": Look("red", "phone-off", _("Page failed")),
    "paged": Look("orange", "bell-ringing", _("Paged")),
    "escalated": Look("orange", "arrow-up", _("Escalated")),
    "escalation_ended": Look("slate", "phone-off", _("Escalation ended")),
    "escalation": Look("orange", "arrow-up", _("Escalation")),
    "exhausted": Look("red", "alert-octagon", _("Nobody answered")),
    "alert": Look("red", "flame", _("Alert")),
    "alert_resolved": Look("green", "check", _("Alert resolved")),
    "task": Look("blue", "checkbox", _("Task")),
    "hypothesis": Look("violet", "bulb", _("Hypothesis")),
    "decision": Look("accent", "route", _("Decision")),
    "impact": Look("amber", "users", _("Impact")),
    "change": Look("slate", "git-commit", _("Change")),
    "delivery": Look("slate", "send", _("Delivery")),
    "postmortem": Look("accent", "book", _("Postmortem")),
    "action": Look("blue", "list-check", _("Action item")),
    "joined": Look("slate", "login", _("Joined")),
    "left": Look("slate", "logout", _("Left")),
    "private": Look("slate", "lock", _("Private")),
    "visibility": Look("slate", "lock", _("Visibility")),
    "admitted": Look("slate", "user-plus", _("Admitted")),
    "renamed": Look("slate", "pencil", _("Renamed")),
    "described": Look("slate", "file-text", _("Described")),
    "edited": Look("slate", "pencil", _("Edited")),
    "reminder": Look("amber", "alarm", _("Reminder")),
}

CHANNEL_ICON = {
    "email": "mail", "webhook": "webhook", "sms": "message-2", "voice": "phone-call", "slack": "brand-slack",
    "telegram": "brand-telegram", "push": "device-mobile", "teams": "users-group", "ntfy": "bell", "web": "world",
    "mattermost": "message-2",
}  # fmt: skip


def status_look(word: str) -> Look:
    """How a status is shown; the word itself where it is unknown."""
    return STATUS.get(word) or Look("slate", "point", word.replace("_", " ").capitalize())


def status_words(word: object) -> str:
    """A status inside a sentence: "in review"; in the language now active."""
    return str(status_look(str(word)).label).lower()


def health_key(word: str) -> str:
    """One of the five health words, from their longer names too ("major_outage", "under_maintenance")."""
    found = re.search(r"operational|degraded|partial|major|maintenance", word)
    return found.group() if found else "operational"


def kind_look(word: str) -> Look:
    """How a line of the story is shown."""
    key = word.lower()
    return (
        KIND.get(key)
        or KIND.get(re.split(r"[_.\s]", key)[0])
        or Look("slate", "point", word.replace("_", " ").capitalize())
    )


def severity_level(severity: object) -> int:
    """1–4 from a policy row (`rank`, `level` or its code) or from words such as "SEV2" and "P1"; 0 if unknown."""
    for name in ("rank", "level"):
        number = getattr(severity, name, None)
        if isinstance(number, int) and 1 <= number <= 4:
            return number
    found = re.search(r"[1-4]", severity_code(severity))
    return int(found.group()) if found else 0


def severity_code(severity: object) -> str:
    """The short code to show: "SEV1"."""
    return str(getattr(severity, "code", None) or severity or "").upper()


def face(key: object) -> int:
    """A person's colour number, the same everywhere and always."""
    return crc32(str(key).encode()) % FACES
