"""Rotations as programs write them, nested in a schedule."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.fields import TimeZoneField
from accounts.models import User
from core import names
from core.middleware import zone_or_utc
from oncall import queries
from oncall.api.fields import DayField, HolidaysField, MinuteField, RestrictionsField, TurnField
from oncall.models import Duty, Rotation, Turn
from oncall.values import LONGEST_TURN, MOST_PEOPLE, RotationValues

TEN = time(10)


class RotationSerializer(serializers.Serializer[Rotation]):
    """A rotation. `people` are ids or e-mail addresses in the order of their turns; a list among them holds its turn
    together. Without `starts_on` the first turn is the one running now. `layer`: among rotations of one duty the higher
    wins where it has somebody. A shadow is seen, never paged, and covers nothing. `holidays`: whose public holidays its
    restrictions mean, if others than the schedule's."""

    id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    name = serializers.CharField(validators=[names.visible], max_length=120, required=False)
    duty = serializers.ChoiceField(choices=Duty.choices, default=Duty.PRIMARY)
    layer = serializers.IntegerField(min_value=0, max_value=1000, default=0)
    turn = serializers.ChoiceField(choices=Turn.choices, default=Turn.WEEKS)
    turn_length = serializers.IntegerField(min_value=1, max_value=LONGEST_TURN["hours"], default=1)
    handoff_time = MinuteField(default=TEN)
    starts_on = DayField(required=False)
    ends_on = DayField(required=False, allow_null=True, default=None)
    restrictions = RestrictionsField(default=list)
    time_zone = TimeZoneField(max_length=64, required=False, allow_blank=True, default="")
    holidays = HolidaysField(max_length=60, required=False, allow_blank=True, default="")
    is_shadow = serializers.BooleanField(default=False)
    people = serializers.ListField(child=TurnField(), max_length=MOST_PEOPLE)

    def to_representation(self, instance: Rotation) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "name": instance.name,
            "duty": instance.duty,
            "layer": instance.layer,
            "turn": instance.turn,
            "turn_length": instance.turn_length,
            "handoff_time": f"{instance.handoff_time:%H:%M}",
            "starts_on": instance.starts_on.isoformat(),
            "ends_on": instance.ends_on.isoformat() if instance.ends_on else None,
            "restrictions": instance.restrictions,
            "time_zone": instance.time_zone,
            "holidays": instance.holidays,
            "is_shadow": instance.is_shadow,
            "people": [
                list(place) if len(place) > 1 else place[0] for place in queries.places_of(instance.members.all())
            ],
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        longest = LONGEST_TURN[attrs["turn"]]
        if attrs["turn_length"] > longest:
            raise ValidationError({"turn_length": [f"A turn lasts at most {longest} {attrs['turn']}."]})
        if attrs["ends_on"] and attrs.get("starts_on") and attrs["ends_on"] <= attrs["starts_on"]:
            raise ValidationError({"ends_on": ["A rotation must end after it starts."]})
        return attrs


def values_of(
    asked: dict[str, Any], standing: Sequence[Rotation], *, zone: str, at: datetime
) -> tuple[int | None, RotationValues]:
    """The id of the rotation meant, if one was given, and what it is to be. Name and first handoff, where left out, are
    those of the rotation that stands, or made up."""
    given = dict(asked)
    pk = given.pop("id", None)
    same = next((row for row in standing if row.pk == pk), None) if pk else None
    name = given.get("name") or (same.name if same else str(Duty(given["duty"]).label))
    if same is None and pk is None:
        same = next((row for row in standing if _is_called(row, name, given["duty"])), None)
    starts_on = given.get("starts_on") or (same.starts_on if same else _running_since(given, zone, at))
    if given["ends_on"] and given["ends_on"] <= starts_on:
        raise ValidationError({"rotations": ["A rotation must end after it starts."]})
    people = [person for place in given["people"] for person in place]
    if len(people) > MOST_PEOPLE:
        raise ValidationError({"people": [f"At most {MOST_PEOPLE} people take turns."]})
    said = {**given, "name": name, "starts_on": starts_on, "people": people, "beside": _beside(given["people"])}
    return pk, RotationValues(**said)


def _beside(places: Sequence[Sequence[User]]) -> frozenset[int]:
    """The places in the flat list of those who share the turn of the one before them."""
    found, number = set(), 0
    for place in places:
        found |= set(range(number + 1, number + len(place)))
        number += len(place)
    return frozenset(found)


def _is_called(row: Rotation, name: str, duty: str) -> bool:
    return row.name.casefold() == name.casefold() and row.duty == duty


def _running_since(given: dict[str, Any], zone: str, at: datetime) -> date:
    """The latest day whose handoff is over; the Monday of its week for weeks."""
    here = at.astimezone(zone_or_utc(given["time_zone"] or zone))
    day = here.date() - timedelta(days=1 if here.time() < given["handoff_time"] else 0)
    if given["turn"] == Turn.MONTHS:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if given["turn"] == Turn.WEEKS else day
