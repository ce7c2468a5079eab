"""The audit log in the reader's language. Its rows hold English words: of verbs, of fields and of a few values."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from accounts.models import ROLE_CHOICES
from core import look

# A verb is collected for translation from every `audit.record(…)`; a field, once it stands here.
FIELDS = (
    gettext_noop("acknowledge minutes"), gettext_noop("active"), gettext_noop("address"), gettext_noop("aliases"),
    gettext_noop("archived"), gettext_noop("by hand"), gettext_noop("channel"), gettext_noop("commander minutes"),
    gettext_noop("default severity"), gettext_noop("depends on"), gettext_noop("description"),
    gettext_noop("due days immediate"), gettext_noop("due days long"), gettext_noop("due days short"),
    gettext_noop("duty"), gettext_noop("email"), gettext_noop("enabled"), gettext_noop("ends on"),
    gettext_noop("escalation policy"), gettext_noop("evidence"), gettext_noop("expires at"), gettext_noop("factors"),
    gettext_noop("fallback"), gettext_noop("from"), gettext_noop("group"), gettext_noop("handoff time"),
    gettext_noop("internal update minutes"), gettext_noop("is default"), gettext_noop("kind"),
    gettext_noop("language"), gettext_noop("layer"), gettext_noop("leads"), gettext_noop("links"),
    gettext_noop("lose at most minutes"), gettext_noop("meeting hours"), gettext_noop("members"), gettext_noop("name"),
    gettext_noop("open"), gettext_noop("overlap hours"), gettext_noop("owner"), gettext_noop("payloads"),
    gettext_noop("people"), gettext_noop("percent"), gettext_noop("person"), gettext_noop("position"),
    gettext_noop("postmortem required"), gettext_noop("provider"), gettext_noop("public update minutes"),
    gettext_noop("publish hours"), gettext_noop("reason"), gettext_noop("repeat times"),
    gettext_noop("required roles"), gettext_noop("restore minutes"), gettext_noop("restrictions"),
    gettext_noop("role"), gettext_noop("rotations"), gettext_noop("rule"), gettext_noop("scope"),
    gettext_noop("secret version"), gettext_noop("service"), gettext_noop("services"),
    gettext_noop("sessions ended"), gettext_noop("slug"), gettext_noop("starts on"), gettext_noop("state"),
    gettext_noop("steps"), gettext_noop("targets"), gettext_noop("team"), gettext_noop("theme"), gettext_noop("tier"),
    gettext_noop("time zone"), gettext_noop("title"), gettext_noop("tokens revoked"), gettext_noop("trial"),
    gettext_noop("turn"), gettext_noop("turn length"), gettext_noop("until"), gettext_noop("urgency"),
    gettext_noop("vouched"), gettext_noop("wait seconds"), gettext_noop("window days"),
)  # fmt: skip


def verb(words: str) -> str:
    """What was done: "add person"."""
    return pgettext("audit log", words)


def field(name: str) -> str:
    """What was changed: "time zone" for "time_zone"."""
    words = name.replace("_", " ")
    return _(words) if words in FIELDS else words


def value(name: str, word: str) -> str:
    """What it was changed to: a role or a state by its name, anything else as it is."""
    if name == "role":
        return str(dict(ROLE_CHOICES).get(word, word))
    if name in {"state", "urgency"} and word in look.STATUS:
        return str(look.STATUS[word].label)
    return word
