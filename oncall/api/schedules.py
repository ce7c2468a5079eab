"""/api/v1/schedules/: schedules with their rotations, who is on call, shifts and overrides."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.fields import PersonField, TeamField, TimeZoneField
from accounts.permissions import Verb
from core import names
from core.api_fields import ByIdOrSlug
from core.middleware import zone_or_utc
from oncall import actions, queries
from oncall.api.coverage import CoverageOfSchedule, ShiftSerializer
from oncall.api.fields import (
    HolidaysField,
    MomentField,
    PersonShort,
    WholeListField,
    asked_moment,
    asked_window,
    asked_yes,
)
from oncall.api.named import NamedFilter, NamedViewSet
from oncall.api.of_schedule import RotationsOfSchedule
from oncall.api.rotations import RotationSerializer, values_of
from oncall.models import Duty, Override, Rotation, RotationMember, Schedule
from oncall.values import MOST_ROTATIONS

BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
OVERRIDE = OpenApiParameter("override", OpenApiTypes.INT, OpenApiParameter.PATH, description="The override's id.")
AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="The moment asked for; now, if it is left out.")
FROM = OpenApiParameter("from", OpenApiTypes.DATETIME, description="From this moment on; now, if it is left out.")
SHADOW = OpenApiParameter("shadow", OpenApiTypes.BOOL, description="Whether to list the shadow rotations’ shifts too.")
TO = OpenApiParameter("to", OpenApiTypes.DATETIME, description="Until just before it; by default 28 days later.")


@extend_schema_field(RotationSerializer(many=True))
class RotationsField(WholeListField):
    """All rotations of a schedule."""


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    """A schedule. Writing `rotations` writes all of them: those with an `id`, or of the same name and duty, are changed
    from now on, others are added, and those left out are removed."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    slug = serializers.SlugField(read_only=True)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    time_zone = TimeZoneField(max_length=64, required=False)
    holidays = HolidaysField(max_length=60, required=False, allow_blank=True)
    team = TeamField(required=False, allow_null=True)
    rotations = RotationsField(RotationSerializer, most=MOST_ROTATIONS, required=False)

    class Meta:
        model = Schedule
        fields = ["id", "name", "slug", "description", "time_zone", "holidays", "team", "rotations"]

    def validate_name(self, value: str) -> str:
        same = Schedule.objects.filter(name__iexact=value)
        if (same.exclude(pk=self.instance.pk) if isinstance(self.instance, Schedule) else same).exists():
            raise ValidationError(f"There is a schedule called “{value}” already.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [rotation["id"] for rotation in attrs.get("rotations", []) if "id" in rotation]
        if len(named) != len(set(named)):
            raise ValidationError({"rotations": ["The same id stands there twice."]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Schedule:
        wanted = validated_data.pop("rotations", [])
        zone, at = validated_data.get("time_zone", "UTC"), validated_data["at"]
        values = [values_of(rotation, [], zone=zone, at=at)[1] for rotation in wanted]
        return actions.add_schedule(validated_data.pop("name"), rotations=values, **validated_data)

    def update(self, instance: Schedule, validated_data: dict[str, Any]) -> Schedule:
        wanted = validated_data.pop("rotations", None)
        actor, at = validated_data["actor"], validated_data["at"]
        with transaction.atomic():
            schedule = actions.change_schedule(instance, **validated_data)
            if wanted is None:
                return schedule
            standing = list(schedule.rotations.in_force())
            values = [values_of(rotation, standing, zone=schedule.time_zone, at=at) for rotation in wanted]
            return actions.set_rotations(schedule, values, actor=actor, at=at)


class OnCallSerializer(serializers.Serializer[Any]):
    """Who holds each duty at a moment. `until`: the first moment at which one of them is relieved; null if none is in
    sight."""

    at = serializers.DateTimeField()
    schedule = serializers.IntegerField()
    primary = PersonShort(many=True)
    secondary = PersonShort(many=True)
    until = serializers.DateTimeField(allow_null=True)


class ShiftPage(serializers.Serializer[Any]):
    """All shifts of the window in one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ShiftSerializer(many=True)


class OverrideSerializer(serializers.ModelSerializer[Override]):
    """Somebody takes a duty for a while. `person` by id or e-mail address; a moment without an offset is on the
    schedule's wall clock."""

    duty = serializers.ChoiceField(choices=Duty.choices, default=Duty.PRIMARY)
    person = PersonField()
    starts_at = MomentField()
    ends_at = MomentField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    class Meta:
        model = Override
        fields = ["id", "duty", "person", "starts_at", "ends_at", "reason", "created_by", "created_at"]
        read_only_fields = ["created_by", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_at"] <= attrs["starts_at"]:
            raise ValidationError({"ends_at": ["The end must come after the beginning."]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Override:
        return actions.add_override(validated_data.pop("schedule"), **validated_data)


_ROTATIONS = Rotation.objects.in_force().prefetch_related(
    Prefetch("members", RotationMember.objects.order_by("position"))
)


@extend_schema_view(
    list=extend_schema(parameters=[NamedFilter]),
    retrieve=extend_schema(parameters=[BY_ID_OR_SLUG]),
    update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    partial_update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    destroy=extend_schema(parameters=[BY_ID_OR_SLUG]),
)
class ScheduleViewSet(RotationsOfSchedule, CoverageOfSchedule, ByIdOrSlug, NamedViewSet[Schedule]):
    """Calendars of who is on call."""

    queryset = Schedule.objects.prefetch_related(Prefetch("rotations", _ROTATIONS))
    serializer_class = ScheduleSerializer

    def verb_for(self, request: Request) -> Verb:
        """Everybody looks; responders override; managers change schedules."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return Verb.LOOK
        return Verb.RESPOND if self.action in {"overrides", "override"} else Verb.CONFIGURE

    def perform_destroy(self, instance: Schedule) -> None:
        actions.remove_schedule(instance, actor=person_of(self.request), at=timezone.now())

    @extend_schema(parameters=[BY_ID_OR_SLUG, AT], responses=OnCallSerializer)
    @action(detail=True, url_path="on-call")
    def on_call(self, request: Request, pk: str = "") -> Response:
        """Who is on call at a moment, and until when."""
        schedule = self.get_object()
        at = asked_moment(request, "at", schedule, default=timezone.now())
        held = queries.on_call_now(schedule, at=at)
        ends = [standing.until for standing in queries.standings([schedule], at=at) if standing.until]
        who = {"primary": held[Duty.PRIMARY], "secondary": held[Duty.SECONDARY]}
        answer = {"at": at, "schedule": schedule.pk, "until": min(ends, default=None), **who}
        return Response(OnCallSerializer(answer).data)

    @extend_schema(parameters=[BY_ID_OR_SLUG, FROM, TO, SHADOW], responses=ShiftPage)
    @action(detail=True)
    def shifts(self, request: Request, pk: str = "") -> Response:
        """Who holds which duty within a window, in order of time."""
        schedule, now = self.get_object(), timezone.now()
        since, until = asked_window(request, schedule, now=now, ahead=timedelta(days=28))
        found = queries.shifts(schedule, since=since, until=until, at=now)
        if asked_yes(request, "shadow"):
            shadows = queries.book_of(schedule, since=since, until=until).shadowing(since, until)
            found = sorted([*found, *shadows], key=lambda shift: shift.starts_at)
        return Response(ShiftPage({"next": None, "previous": None, "results": found}).data)

    @extend_schema(methods=["get"], parameters=[BY_ID_OR_SLUG], responses=OverrideSerializer(many=True))
    @extend_schema(
        methods=["post"], parameters=[BY_ID_OR_SLUG], request=OverrideSerializer, responses={201: OverrideSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def overrides(self, request: Request, pk: str = "") -> Response:
        """The schedule's overrides, or one more of them."""
        schedule = self.get_object()
        context = {**self.get_serializer_context(), "zone": zone_or_utc(schedule.time_zone)}
        if request.method == "POST":
            asked = OverrideSerializer(data=request.data, context=context)
            asked.is_valid(raise_exception=True)
            asked.save(schedule=schedule, actor=person_of(request), at=timezone.now())
            return Response(asked.data, status=201)
        page = self.paginate_queryset(schedule.overrides.all())
        return self.get_paginated_response(OverrideSerializer(page, many=True, context=context).data)

    @extend_schema(methods=["get"], parameters=[BY_ID_OR_SLUG, OVERRIDE], responses=OverrideSerializer)
    @extend_schema(methods=["delete"], parameters=[BY_ID_OR_SLUG, OVERRIDE], responses={204: None})
    @action(detail=True, methods=["get", "delete"], url_path=r"overrides/(?P<override>\d{1,18})")
    def override(self, request: Request, pk: str = "", override: str = "0") -> Response:
        """One override. Deleting one that runs ends it now."""
        found = self.get_object().overrides.filter(pk=int(override)).first()
        if found is None:
            raise Http404
        if request.method == "DELETE":
            actions.remove_override(found, actor=person_of(request), at=timezone.now())
            return Response(status=204)
        return Response(OverrideSerializer(found).data)
