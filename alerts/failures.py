"""Why a payload could not be read, for whoever reads it. Parsers know one language, so that is what rows hold."""

from django.utils.translation import gettext_noop as _

from core.retold import retold

SENTENCES = (
    _("The body is empty, but it must be a JSON document."),
    _("The JSON is nested too deeply to be read."),
    _("The body is not UTF-8 text (at byte %(at)s), but it must be a JSON document."),
    _("The body is not JSON: %(what)s at line %(line)s, column %(column)s."),
    _("The body is not JSON that can be read."),
    _("The body is said to be compressed, but cannot be unpacked: %(damage)s."),
    _("The top level must be an object, as Alertmanager's webhook sends it."),
    _("There must be a list “alerts” at the top level, as in Alertmanager's webhook."),
    _("There are %(count)s alerts in one payload; at most %(most)s can be read."),
    _("alerts[%(index)s] must be an object."),
    _("alerts[%(index)s].labels must be an object."),
    _("The labels of an alert are nested too deeply to tell it from others."),
)


def told(failure: str) -> str:
    """The failure in the language now active."""
    return retold(failure, SENTENCES)
