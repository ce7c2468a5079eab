"""What a schedule leaves to be wished, and what a change of it would do, for programs."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from oncall import queries
from oncall.api.fields import PersonShort, asked_window
from oncall.models import Duty

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    _Mixin = GenericViewSet[Any]
else:
    _Mixin = object

AHEAD = timedelta(weeks=12)
BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
FROM = OpenApiParameter("from", OpenApiTypes.DATETIME, description="From this moment on; now, if it is left out.")
TO = OpenApiParameter("to", OpenApiTypes.DATETIME, description="Until just before it; by default 12 weeks later.")


class ShiftSerializer(serializers.Serializer[queries.Shift]):
    """Somebody holds a duty from `starts_at` until just before `ends_at`; `why` names the rotation, or “override”."""

    person = PersonShort()
    duty = serializers.ChoiceField(choices=Duty.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    why = serializers.CharField()
    rotation = serializers.IntegerField(allow_null=True)
    override = serializers.IntegerField(allow_null=True)
    is_shadow = serializers.BooleanField()


class GapSerializer(serializers.Serializer[Any]):
    """Nobody holds `duty` from `starts_at` until just before `ends_at`."""

    duty = serializers.ChoiceField(choices=Duty.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TwiceSerializer(serializers.Serializer[Any]):
    """`person` holds both duties from `starts_at` until just before `ends_at`."""

    person = PersonShort()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class LeaverSerializer(serializers.Serializer[Any]):
    """`person` is in the rotation with this id, and their account is not active any more."""

    person = PersonShort()
    rotation = serializers.IntegerField()


class CoverageSerializer(serializers.Serializer[Any]):
    """What is left to be wished within [since, until). `unreachable`: on call without a verified contact method."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    gaps = GapSerializer(many=True)
    twice = TwiceSerializer(many=True)
    leavers = LeaverSerializer(many=True)
    unreachable = PersonShort(many=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """From `starts_at` until `ends_at`, `after` would hold the duty in place of `before`; an empty list is nobody."""

    duty = serializers.ChoiceField(choices=Duty.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    before = PersonShort(many=True)
    after = PersonShort(many=True)


class HoursSerializer(serializers.Serializer[Any]):
    """For how many hours `person` is on call before and after the change."""

    person = PersonShort()
    before = serializers.FloatField()
    after = serializers.FloatField()


class PreviewSerializer(CoverageSerializer):
    """What would be, if this were saved; nothing is."""

    shifts = ShiftSerializer(many=True)
    changes = ChangeSerializer(many=True)
    hours = HoursSerializer(many=True)


def told(coverage: queries.Coverage) -> dict[str, Any]:
    """A coverage as its serializer takes it."""
    leavers = [{"person": person, "rotation": row.pk} for person, row in coverage.leavers]
    return {**coverage._asdict(), "leavers": leavers}


class CoverageOfSchedule(_Mixin):
    """The addresses below a schedule that judge it."""

    @extend_schema(parameters=[BY_ID_OR_SLUG, FROM, TO], responses=CoverageSerializer)
    @action(detail=True)
    def coverage(self, request: Request, pk: str = "") -> Response:
        """Gaps, people twice, leavers, and people who cannot be reached."""
        schedule = self.get_object()
        since, until = asked_window(request, schedule, now=timezone.now(), ahead=AHEAD)
        found = queries.coverage_of(schedule, since=since, until=until)
        return Response(CoverageSerializer({"since": since, "until": until, **told(found)}).data)

    @extend_schema(parameters=[BY_ID_OR_SLUG, FROM, TO], responses={200: PreviewSerializer})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str = "") -> Response:
        """What a PATCH with this body would change: shifts before and after, gaps and hours. Nothing is kept."""
        schedule, now = self.get_object(), timezone.now()
        since, until = asked_window(request, schedule, now=now, ahead=AHEAD)
        asked = self.get_serializer(schedule, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)

        def change() -> None:
            asked.save(actor=person_of(request), at=now)

        found = queries.preview(schedule, change, since=since, until=until)
        hour = timedelta(hours=1)
        hours = [
            {"person": each.person, "before": round(each.before / hour, 2), "after": round(each.after / hour, 2)}
            for each in found.hours
        ]
        more = {"shifts": found.shifts, "changes": found.changes, "hours": hours}
        return Response(PreviewSerializer({"since": since, "until": until, **told(found.coverage), **more}).data)
