"""E-mail by SMTP. RFC 5322 (threads by Message-ID and References), RFC 3834 (Auto-Submitted)."""

import hashlib
import re
import smtplib
from email.errors import MessageError
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.html import escape
from django.utils.translation import gettext as _

from core.errors import Refused
from notifications.channels.outcome import GiveUp, Outgoing, Receipt, TryAgain
from notifications.words import many_lines, one_line

SOCKET_SECONDS = 5
CONSOLE = "django.core.mail.backends.console.EmailBackend"
LINK = re.compile(r"(https?://[^\s<>\"]+)")


def clean(address: str) -> str:
    """The address as it is kept; `Refused` with a sentence if no mail can go there."""
    tidy = address.strip()
    try:
        validate_email(tidy)
    except ValidationError:
        sentence = _("This is not an e-mail address: it should look like name@example.com.")
        raise Refused(sentence, code="invalid", status=400) from None
    name, _at, host = tidy.rpartition("@")
    return f"{name}@{host.lower()}"


def is_set_up() -> bool:
    """Whether mail goes anywhere: to a mail server, or to files."""
    return bool(settings.EMAIL_BACKEND != CONSOLE)


def sender_is_nowhere() -> bool:
    """Whether mail leaves by a mail server, from an address that means this machine alone: many servers refuse that."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return bool(settings.EMAIL_HOST) and address.rpartition("@")[2].lower() in {"", "localhost"}


def lane(address: str) -> str:
    """All mail leaves by one server, so it shares one fate."""
    return "email"


def mask(address: str) -> str:
    """The address as others see it: b…@example.com."""
    name, _at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}"


def send(message: Outgoing) -> Receipt:
    """Hand the mail to the mail server. Its identity follows from the idempotency key, so a repeat looks like one."""
    if not is_set_up():
        raise GiveUp(_("No mail server is set up: MUSTER_EMAIL_URL is empty."))
    mail = _mail(message)
    try:
        connection = get_connection(timeout=SOCKET_SECONDS)
        mail.connection = connection
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()), (550, b""))
        raise _by_code(code, words) from error
    except smtplib.SMTPAuthenticationError as error:
        raise TryAgain(
            _("The mail server refused Muster’s own sign-in (%(code)s).") % {"code": error.smtp_code}, of_lane=True
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        raise TryAgain(
            _("The mail server hung up: %(words)s") % {"words": one_line(str(error))},
            may_have_arrived=True,
            of_lane=True,
        ) from error
    except (MessageError, ValueError, UnicodeError) as error:  # BadHeaderError among them
        raise GiveUp(_("The mail could not be written: %(words)s") % {"words": one_line(str(error))}) from error
    except TimeoutError as error:
        raise TryAgain(_("The mail server did not answer in time."), may_have_arrived=True, of_lane=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryAgain(
            _("The mail server cannot be reached: %(words)s") % {"words": one_line(str(error))}, of_lane=True
        ) from error
    return Receipt(provider_id=str(mail.extra_headers["Message-ID"]))


def _by_code(code: int, words: bytes | str) -> TryAgain | GiveUp:
    said = one_line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words, longest=200)
    sentence = _("The mail server answered %(code)s %(said)s") % {"code": code, "said": said}
    return GiveUp(sentence) if 500 <= code < 600 else TryAgain(sentence)


def _mail(message: Outgoing) -> EmailMultiAlternatives:
    text = many_lines(message.text)
    headers = {
        "Message-ID": _identity(message.idempotency_key),
        "References": _identity(_thread(message)),
        "In-Reply-To": _identity(_thread(message)),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Muster-Idempotency-Key": one_line(message.idempotency_key),
    }
    if message.kind == "page":
        headers |= {"X-Priority": "1", "Importance": "high"}
    if message.possibly_repeated:
        headers["X-Muster-Possibly-Repeated"] = "yes"
        text += "\n\n" + _("An earlier try at this message may have reached you already.")
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject, longest=200),
        body=text + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[one_line(message.address)],
        headers=headers,
    )
    mail.attach_alternative(_html(text, message), "text/html")
    return mail


def _thread(message: Outgoing) -> str:
    """What belongs to one conversation: the incident, or else the topic."""
    return f"incident/{message.payload['incident']}" if message.payload.get("incident") else message.topic


def _identity(words: str) -> str:
    host = urlsplit(settings.PUBLIC_URL).hostname or "muster"
    return f"<{hashlib.sha256(words.encode()).hexdigest()[:32]}@{host}>"


def _html(text: str, message: Outgoing) -> str:
    """The same words, links made to press; the acknowledge link first and large. Plain tags: mail readers differ."""
    acknowledge = str(message.payload.get("acknowledge_url", ""))
    blocks = []
    for block in text.split("\n\n"):
        lines = "<br>".join(LINK.sub(r'<a href="\1">\1</a>', escape(line)) for line in block.split("\n"))
        blocks.append(f"<p>{lines}</p>")
    if acknowledge:
        button = (
            '<table role="presentation" cellspacing="0" cellpadding="14"><tr><td bgcolor="#0f5f63" align="center">'
            f'<a href="{escape(acknowledge)}"><font color="#ffffff" size="4"><b>{escape(_("Acknowledge"))}</b></font>'
            "</a></td></tr></table>"
        )
        blocks.insert(1, button)
    title = escape(one_line(message.subject))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><font face="system-ui, sans-serif">{"".join(blocks)}</font></body></html>'
    )
