"""/api/v1/schedules/{id}/rotations/: the rotations of one schedule, one by one."""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from oncall import actions
from oncall.api.rotations import RotationSerializer, values_of
from oncall.models import Rotation, Schedule

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    _Mixin = GenericViewSet[Any]
else:
    _Mixin = object

BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
ROTATION = OpenApiParameter("rotation", OpenApiTypes.INT, OpenApiParameter.PATH, description="The rotation's id.")


class RotationsOfSchedule(_Mixin):
    """The addresses of a schedule's rotations. A change counts from now on; what was stays as it was."""

    @extend_schema(methods=["get"], parameters=[BY_ID_OR_SLUG], responses=RotationSerializer(many=True))
    @extend_schema(
        methods=["post"], parameters=[BY_ID_OR_SLUG], request=RotationSerializer, responses={201: RotationSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def rotations(self, request: Request, pk: str = "") -> Response:
        """The rotations as they stand, or one more of them."""
        schedule = self.get_object()
        if request.method == "POST":
            values = self._asked(schedule, request.data, None)
            made = actions.add_rotation(schedule, values, actor=person_of(request), at=timezone.now())
            return Response(RotationSerializer(made).data, status=201)
        page: Any = self.paginate_queryset(schedule.rotations.in_force().prefetch_related("members"))
        return self.get_paginated_response(RotationSerializer(page, many=True).data)

    @extend_schema(methods=["get"], parameters=[BY_ID_OR_SLUG, ROTATION], responses=RotationSerializer)
    @extend_schema(
        methods=["put", "patch"], parameters=[BY_ID_OR_SLUG, ROTATION], request=RotationSerializer,
        responses=RotationSerializer,
    )  # fmt: skip
    @extend_schema(methods=["delete"], parameters=[BY_ID_OR_SLUG, ROTATION], responses={204: None})
    @action(detail=True, methods=["get", "put", "patch", "delete"], url_path=r"rotations/(?P<rotation>\d{1,18})")
    def rotation(self, request: Request, pk: str = "", rotation: str = "0") -> Response:
        """One rotation: read it, change it from now on, or end it now."""
        schedule = self.get_object()
        row = schedule.rotations.in_force().filter(pk=int(rotation)).first()
        if row is None:
            raise Http404
        actor, at = person_of(request), timezone.now()
        if request.method == "DELETE":
            actions.remove_rotation(row, actor=actor, at=at)
            return Response(status=204)
        if request.method in {"PUT", "PATCH"}:
            given = request.data
            if request.method == "PATCH" and isinstance(given, dict):
                given = {**RotationSerializer(row).data, **given}
            row = actions.change_rotation(row, self._asked(schedule, given, row), actor=actor, at=at)
        return Response(RotationSerializer(row).data)

    def _asked(self, schedule: Schedule, data: Any, row: Rotation | None) -> Any:
        """What a body wants a rotation to be; a name and first handoff left out are those of `row`."""
        asked = RotationSerializer(data=data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        given = {**asked.validated_data, "id": row.pk if row else None}
        standing = [row] if row else []
        return values_of(given, standing, zone=schedule.time_zone, at=timezone.now())[1]
