"""The way there always is: the e-mail of the account."""

from datetime import datetime

from accounts.models import User
from notifications.models import ChannelName, ContactMethod


def ensure_account_email(person: User, *, at: datetime) -> ContactMethod:
    """The e-mail of the person's account as a verified contact method: who opened the account vouched for it."""
    found = ContactMethod.objects.filter(person=person, channel=ChannelName.EMAIL, address__iexact=person.email).first()
    if found is None:
        found, _is_new = ContactMethod.objects.get_or_create(
            person=person, channel=ChannelName.EMAIL, address=person.email, defaults={"verified_at": at}
        )
    if found.verified_at is None:
        found.verified_at = at
        found.save(update_fields=["verified_at"])
    return found
