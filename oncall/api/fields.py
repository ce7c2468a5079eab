"""Fields of on call, and the moments that queries name."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.fields import PersonField
from accounts.models import User
from core.api_fields import IdOrSlugField
from core.errors import Refused
from core.middleware import zone_or_utc
from oncall import restrictions
from oncall.models import EscalationPolicy, Schedule
from oncall.queries import public_holidays
from oncall.values import MOST_PEOPLE

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LONGEST_WINDOW = timedelta(days=400)
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2150, 1, 1)
RESTRICTION = {
    "type": "object",
    "properties": {
        "weekdays": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}},
        "from": {"type": "string", "examples": ["09:00"]},
        "until": {"type": "string", "examples": ["17:00"]},
        "holidays": {"type": "string", "enum": ["except", "only"]},
    },
}


class ScheduleField(IdOrSlugField):
    """Takes a schedule by id or slug; answers with its id."""

    default_error_messages = {"does_not_exist": "There is no schedule called “{value}”."}

    def __init__(self, **more: Any) -> None:
        if not more.get("read_only"):
            more.setdefault("queryset", Schedule.objects.all())
        super().__init__(**more)


class PolicyField(IdOrSlugField):
    """Takes an escalation policy by id or name; answers with its id."""

    default_error_messages = {"does_not_exist": "There is no escalation policy called “{value}”."}

    def __init__(self, **more: Any) -> None:
        if not more.get("read_only"):
            more.setdefault("queryset", EscalationPolicy.objects.all())
        super().__init__(slug="name", **more)

    def find(self, rows: QuerySet[Any], word: str) -> Any | None:
        if word.isascii() and word.isdigit():
            return rows.filter(pk=int(word)).first() if len(word) < 19 else None
        return rows.filter(name__iexact=word).first()


@extend_schema_field({"type": "array", "items": RESTRICTION})
class RestrictionsField(serializers.Field[Any, Any, Any, Any]):
    """The hours of the week to which a rotation is narrowed; empty: always."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        try:
            return restrictions.read(data)
        except restrictions.UnreadableError as error:
            raise ValidationError(str(error)) from None

    def to_representation(self, value: Any) -> Any:
        return value


PERSON = {"oneOf": [{"type": "integer"}, {"type": "string"}]}


@extend_schema_field({"oneOf": [*PERSON["oneOf"], {"type": "array", "items": PERSON}]})
class TurnField(serializers.Field[Any, Any, Any, Any]):
    """Who holds a turn: a person by id or e-mail address, or a list of those who hold it together."""

    def to_internal_value(self, data: Any) -> list[User]:
        if isinstance(data, list) and not data:
            raise ValidationError("Name at least one person.")
        if isinstance(data, list) and len(data) > MOST_PEOPLE:
            raise ValidationError(f"Give at most {MOST_PEOPLE} people.")
        return [PersonField().run_validation(each) for each in (data if isinstance(data, list) else [data])]

    def to_representation(self, value: Any) -> Any:
        return value


class HolidaysField(serializers.CharField):
    """Whose public holidays count: a country, or a country and its region: "DE", "DE-BY"."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return public_holidays.read(super().to_internal_value(data))
        except Refused as error:
            raise ValidationError(str(error)) from None


class MinuteField(serializers.TimeField):
    """A time on the wall clock, to the minute: "10:00"."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="%H:%M", **more)

    def to_internal_value(self, value: Any) -> time:
        found = super().to_internal_value(value)
        if found.second or found.microsecond or found.tzinfo:
            raise ValidationError("Give hours and minutes, such as 10:00.")
        return found


class DayField(serializers.DateField):
    """A day that a schedule can reckon with."""

    def to_internal_value(self, value: Any) -> date:
        found = super().to_internal_value(value)
        if not FIRST_DAY <= found <= LAST_DAY:
            raise ValidationError(f"Give a day between {FIRST_DAY} and {LAST_DAY}.")
        return found


class MomentField(serializers.DateTimeField):
    """A moment that a schedule can reckon with; without an offset it is on the schedule's wall clock."""

    def enforce_timezone(self, value: datetime) -> datetime:
        zone = self.context.get("zone")
        aware = value.replace(tzinfo=zone) if value.tzinfo is None and zone else super().enforce_timezone(value)
        require_reckonable(aware)
        return aware


def require_reckonable(moment: datetime) -> None:
    """Refuse a moment outside of the years that a schedule reckons with."""
    if not EARLIEST <= moment <= LATEST:
        raise ValidationError(f"Give a moment between {EARLIEST.year} and {LATEST.year}.")


def asked_moment(request: Request, name: str, schedule: Schedule, *, default: datetime) -> datetime:
    """The moment that a query parameter names; without an offset it is on the schedule's wall clock."""
    raw = request.query_params.get(name, "").strip()
    if not raw:
        return default
    text = re.sub(r" (\d{2}:?\d{2})$", r"+\1", raw) if "T" in raw else raw  # an unquoted + arrives as a blank
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({name: [f"“{raw[:60]}” is no moment; give ISO 8601, such as 2026-01-05T10:00:00Z."]})
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone_or_utc(schedule.time_zone))
    try:
        require_reckonable(found)
        return found.astimezone(UTC)
    except ValidationError as error:
        raise ValidationError({name: error.detail}) from None


def asked_window(request: Request, schedule: Schedule, *, now: datetime, ahead: timedelta) -> tuple[datetime, datetime]:
    """The window from ?from= (now, if it is left out) until ?to= (`ahead` later)."""
    since = asked_moment(request, "from", schedule, default=now)
    until = asked_moment(request, "to", schedule, default=since + ahead)
    if until <= since:
        raise ValidationError({"to": ["“to” must come after “from”."]})
    if until - since > LONGEST_WINDOW:
        raise ValidationError({"to": [f"Ask for at most {LONGEST_WINDOW.days} days at once."]})
    return since, until


def asked_yes(request: Request, name: str) -> bool:
    """Whether a query parameter says yes; what is neither yes nor no is refused."""
    raw = request.query_params.get(name, "").strip().lower()
    if raw not in {"", "0", "1", "false", "true"}:
        raise ValidationError({name: [f"“{raw[:20]}” is neither true nor false."]})
    return raw in {"1", "true"}


class WholeListField(serializers.Field[Any, Any, Any, Any]):
    """A list of nested rows that is always written whole, under PATCH too: what a row leaves out is its default."""

    def __init__(self, rows: type[serializers.Serializer[Any]], *, most: int, **more: Any) -> None:
        self.rows, self.most = rows, most
        super().__init__(**more)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise ValidationError("Give a list.")
        if len(data) > self.most:
            raise ValidationError(f"Give at most {self.most}.")
        inner = self.rows(data=data, many=True, context=cast("dict[str, Any]", self.context))
        inner.is_valid(raise_exception=True)
        return inner.validated_data

    def to_representation(self, value: Any) -> Any:
        return self.rows(value.all(), many=True).data


class PersonShort(serializers.ModelSerializer[User]):
    """A person in a few words."""

    class Meta:
        model = User
        fields = ["id", "name", "email"]
        read_only_fields = fields
