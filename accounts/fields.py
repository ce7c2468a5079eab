"""Fields for people, for the API of every room."""

from typing import Any

from rest_framework import serializers

from accounts import zones
from accounts.models import Team, User
from core.api_fields import IdOrSlugField, found_by


class TimeZoneField(serializers.CharField):
    """An IANA name, such as Europe/Berlin."""

    default_error_messages = {"unknown": "There is no time zone called “{value}”; it must be an IANA name."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not zones.is_known(name):
            self.fail("unknown", value=name[:80])
        return name


class PersonField(IdOrSlugField):
    """Takes an active person by id or e-mail address; answers with the id."""

    default_error_messages = {"does_not_exist": "Nobody with an active account is called “{value}”."}

    def __init__(self, **more: Any) -> None:
        if not more.get("read_only"):
            more.setdefault("queryset", User.objects.filter(is_active=True))
        super().__init__(slug="email", **more)

    def find(self, rows: Any, word: str) -> Any | None:
        return rows.filter(email__iexact=word).first() if "@" in word else found_by(rows, word, slug=self.slug)


class TeamField(IdOrSlugField):
    """Takes a team by id or slug; answers with its id."""

    default_error_messages = {"does_not_exist": "There is no team called “{value}”."}

    def __init__(self, **more: Any) -> None:
        if not more.get("read_only"):
            more.setdefault("queryset", Team.objects.all())
        super().__init__(**more)
