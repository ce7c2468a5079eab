"""How a person can be reached: adding, verifying, trying and removing contact methods."""

import hmac
import secrets as randomness
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.names import require_visible
from notifications.actions.outbox import next_key, send_to, withdraw
from notifications.channels import CHANNELS
from notifications.models import ContactMethod, Message, MessageKind, NotificationRule

CODE_LIVES = timedelta(minutes=15)
CODE_TRIES = 5
CODES_AN_HOUR = 6
TESTS_AN_HOUR = 10
MOST_METHODS = 20


@transaction.atomic
def add_method(
    person: User,
    *,
    channel: str,
    address: str,
    actor: User | None,
    at: datetime,
    label: str = "",
    vouched: str = "",
) -> ContactMethod:
    """A new way to reach `person`, not verified yet; with `vouched` (why it is known to work) verified at once."""
    if label.strip():
        require_visible(label)
    tidy = clean_address(channel, address)
    if ContactMethod.objects.filter(person=person).count() >= MOST_METHODS:
        raise Refused(_("%(count)s contact methods are the most; remove one first.") % {"count": MOST_METHODS})
    if ContactMethod.objects.filter(person=person, channel=channel, address__iexact=tidy).exists():
        raise Refused(_("This address stands in the list already."), code="already")
    try:
        with transaction.atomic():
            method = ContactMethod.objects.create(
                person=person,
                channel=channel,
                address=tidy,
                label=label.strip()[:80],
                verified_at=at if vouched else None,
            )
    except IntegrityError:
        raise Refused(_("This address stands in the list already."), code="already") from None
    audit.record(actor, "contact method added", str(person), before={}, after=_facts(method, vouched=vouched), at=at)
    return method


def clean_address(channel: str, address: str) -> str:
    """The address as it is kept; `Refused` where the channel is unknown, not set up, or cannot reach it."""
    if channel not in CHANNELS:
        known = ", ".join(CHANNELS)
        raise Refused(
            _("There is no channel “%(channel)s”. There are: %(known)s.") % {"channel": channel, "known": known},
            code="invalid",
            status=400,
        )
    missing = CHANNELS[channel].missing()
    if missing:
        sentence = _("Ask your administrator to set %(settings)s: without it nothing goes this way.")
        raise Refused(sentence % {"settings": ", ".join(missing)}, code="not_set_up", status=400)
    return CHANNELS[channel].clean(address)


@transaction.atomic
def send_code(method: ContactMethod, *, at: datetime) -> ContactMethod:
    """Send a new six-digit code to the address. Only the newest one counts, for fifteen minutes."""
    fresh = ContactMethod.objects.select_for_update(no_key=True).get(pk=method.pk)
    if fresh.verified_at:
        raise Refused(_("This address is verified already."), code="already")
    _require_calm(fresh.person, "code/", CODES_AN_HOUR, at=at)
    code = f"{randomness.randbelow(10**6):06}"
    fresh.code_digest, fresh.code_expires_at, fresh.code_tries = _digest(fresh, code), at + CODE_LIVES, 0
    fresh.save(update_fields=["code_digest", "code_expires_at", "code_tries"])
    topic = f"code/{fresh.pk}"
    withdraw(topic, at=at)
    send_to(
        fresh.channel,
        fresh.address,
        topic=topic,
        kind=MessageKind.TEST,
        subject=_("Your code for Muster"),
        text=_("%(code)s is the code that shows Muster can page %(person)s here. It works for 15 minutes.")
        % {"code": code, "person": fresh.person},
        payload={"code": code},
        key=f"{topic}/{fresh.code_digest[:20]}",
        at=at,
        method=fresh,
    )
    return fresh


def verify(method: ContactMethod, *, code: str, actor: User | None, at: datetime) -> ContactMethod:
    """The address works: its reader knows the code. A wrong code is `Refused`, and after five only a new one helps."""
    with transaction.atomic():
        fresh = ContactMethod.objects.select_for_update(no_key=True).get(pk=method.pk)
        trouble = _wrong_with(fresh, code.replace(" ", ""), at=at)
        if not trouble:
            fresh.verified_at, fresh.code_digest = at, ""
            audit.record(actor, "contact method verified", str(fresh.person), before={}, after=_facts(fresh), at=at)
        fresh.save(update_fields=["verified_at", "code_digest", "code_tries"])
    if trouble:  # after the commit, so that the wrong try is counted
        raise Refused(trouble, code="wrong_code", status=400)
    return fresh


def _wrong_with(method: ContactMethod, code: str, *, at: datetime) -> str:
    if method.verified_at:
        return _("This address is verified already.")
    if not method.code_digest or method.code_expires_at is None or method.code_expires_at <= at:
        return _("This code has ended. Ask for a new one.")
    if method.code_tries >= CODE_TRIES:
        return _("There were too many wrong codes. Ask for a new one.")
    if not hmac.compare_digest(method.code_digest, _digest(method, code)):
        method.code_tries += 1
        return _("This is not the code that was sent.")
    return ""


@transaction.atomic
def vouch(method: ContactMethod, *, actor: User | None, at: datetime) -> ContactMethod:
    """An administrator knows that the address works."""
    if method.verified_at is None:
        method.verified_at = at
        method.save(update_fields=["verified_at"])
        audit.record(actor, "contact method vouched for", str(method.person), before={}, after=_facts(method), at=at)
    return method


@transaction.atomic
def remove_method(method: ContactMethod, *, actor: User | None, at: datetime) -> None:
    """The address is used no longer. The last verified one stays: somebody must be reachable."""
    others = ContactMethod.objects.verified().filter(person=method.person_id).exclude(pk=method.pk)
    if method.verified_at and not others.exists():
        raise Refused(
            _("This is the last verified way to reach %(person)s. Add and verify another one first.")
            % {"person": method.person},
            code="last_one",
        )
    NotificationRule.objects.filter(method=method).delete()
    audit.record(actor, "contact method removed", str(method.person), before=_facts(method), after={}, at=at)
    method.delete()


@transaction.atomic
def rotate_secret(method: ContactMethod, *, actor: User | None, at: datetime) -> ContactMethod:
    """A new secret signs what goes there. For a day the former one signs beside it."""
    fresh = ContactMethod.objects.select_for_update(no_key=True).get(pk=method.pk)
    fresh.secret_version += 1
    fresh.secret_rotated_at = at
    fresh.save(update_fields=["secret_version", "secret_rotated_at"])
    audit.record(actor, "contact method secret rotated", str(fresh.person), before={}, after=_facts(fresh), at=at)
    return fresh


@transaction.atomic
def send_test(method: ContactMethod, *, at: datetime) -> Message:
    """A test message to one verified address, through the same outbox and sender as a page."""
    if method.verified_at is None:
        raise Refused(_("Verify this address first; until then only its code is sent there."), code="not_verified")
    _require_calm(method.person, "test/", TESTS_AN_HOUR, at=at)
    topic = f"test/{method.pk}"
    return send_to(
        method.channel,
        method.address,
        topic=topic,
        kind=MessageKind.TEST,
        subject=_("Test: Muster can reach you here"),
        text=_("This is a test asked for by hand. A page to %(person)s would arrive exactly like this.")
        % {"person": method.person},
        payload={"person": {"id": method.person_id, "name": str(method.person), "email": method.person.email}},
        key=next_key(f"{topic}/"),
        at=at,
        method=method,
    )


def _require_calm(person: User, prefix: str, most: int, *, at: datetime) -> None:
    """Nobody uses Muster to flood an address."""
    recent = Message.objects.filter(person=person, topic__startswith=prefix, created_at__gt=at - timedelta(hours=1))
    if recent.count() >= most:
        raise Refused(_("That was asked for too often. Try again in an hour."), code="too_many", status=429)


def _digest(method: ContactMethod, code: str) -> str:
    return salted_hmac("notifications.code", f"{method.pk}:{code}", algorithm="sha256").hexdigest()


def _facts(method: ContactMethod, *, vouched: str = "") -> dict[str, object]:
    facts = {"channel": method.channel, "address": method.address, "secret version": method.secret_version}
    return {**facts, "vouched": vouched} if vouched else facts


@transaction.atomic
def set_methods(
    person: User, wanted: list[dict[str, Any]], *, removing: bool, actor: User | None, at: datetime
) -> list[ContactMethod]:
    """`person` is reached exactly so: each of `wanted` has "channel" and "address" and may have "label" and "verified"
    (vouched for). What is missing is added; what is not named is removed where `removing`. The methods that stand."""
    kept: list[int] = []
    for each in wanted:
        found = ContactMethod.objects.filter(
            person=person, channel=each["channel"], address__iexact=each["address"]
        ).first()
        vouched = str(actor) if each.get("verified") else ""
        if found is None:
            found = add_method(
                person, channel=each["channel"], address=each["address"], label=each.get("label", ""),
                vouched=vouched, actor=actor, at=at,
            )  # fmt: skip
        elif vouched:
            vouch(found, actor=actor, at=at)
        kept.append(found.pk)
    if removing:
        for extra in ContactMethod.objects.filter(person=person).exclude(pk__in=kept).select_related("person"):
            remove_method(extra, actor=actor, at=at)
    return list(ContactMethod.objects.filter(person=person))
