"""Why a message did not go out, for whoever reads it. Senders work in English, so that is what rows hold.

A sentence that a sender may say stands here once more; a test holds the two together.
"""

from django.utils.translation import gettext_noop as _

from core.retold import retold

SENTENCES = (
    _("No mail server is set up: MUSTER_EMAIL_URL is empty."),
    _("The mail server refused Muster’s own sign-in (%(code)s)."),
    _("The mail server hung up: %(words)s"),
    _("The mail could not be written: %(words)s"),
    _("The mail server did not answer in time."),
    _("The mail server cannot be reached: %(words)s"),
    _("The mail server answered %(code)s %(said)s"),
    _("%(who)s answered %(code)s: %(words)s"),
    _("%(who)s refused Muster’s own sign-in: %(words)s"),
    _("This channel is not set up: %(settings)s is empty."),
    _("The receiver answered %(status)s."),
    _("The receiver answered %(status)s; redirects are not followed."),
    _("There was no answer within %(seconds)g seconds."),
    _("The connection failed: %(words)s"),
    _("This is not a web address: https://hooks.example.com/muster."),
    _("A web address begins with https:// or http:// and names a host."),
    _("A web address has no spaces or control characters and at most 2000 letters."),
    _("Leave user names and passwords out of the address; each request is signed instead."),
    _("This address can be read in two ways, so nothing is sent there."),
    _("Port %(port)s is not one that receives webhooks."),
    _("The resolver is busy."),
    _("The name %(host)s was not resolved in time."),
    _("The name %(host)s cannot be found."),
    _("The sender failed: %(error)s."),
    _("Its sender was lost at every try, so nobody knows whether it arrived."),
)
REASONS = (
    _("it is reserved, link-local or a cloud's metadata service"),
    _("it is a private or loopback address, and MUSTER_ALLOW_PRIVATE_ADDRESSES is off"),
    _("it is not an address of the public internet"),
)
FORBIDDEN = _("Muster does not send to %(host)s (%(address)s): %(reason)s.")


def told(failure: str) -> str:
    """The failure in the language now active; words of others, such as a mail server's, stay theirs."""
    for reason in REASONS:
        if failure.endswith(f": {reason}."):
            translated = retold(reason, REASONS)
            return retold(failure, [FORBIDDEN]).replace(reason, translated)
    return retold(failure, SENTENCES)
