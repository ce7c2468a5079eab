"""What hangs on an incident: its story, notes, updates, roles and admissions."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.models import User
from core.api import NewestFirst
from incidents import actions, queries
from incidents.api.serializers import (
    AdmissionSerializer,
    EventFilter,
    EventSerializer,
    NoteSerializer,
    RoleChangeSerializer,
    RoleSerializer,
    UpdateSerializer,
)
from incidents.models import Incident, RoleAssignment, TimelineEvent, Update
from oncall.api.fields import PersonShort

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    _Base = GenericViewSet[Incident]
else:
    _Base = object

REFERENCE = OpenApiParameter("reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="INC-42")


class OldestFirst(NewestFirst):
    """Lines of a story in the order they were written."""

    ordering = "seq"


class Parts(_Base):
    """The parts of one incident, for its viewset."""

    @extend_schema(parameters=[REFERENCE, EventFilter], responses=EventSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=OldestFirst)
    def timeline(self, request: Request, reference: str) -> Response:
        """The story, oldest line first."""
        incident = self.get_object()
        chosen = EventFilter(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        rows = TimelineEvent.objects.filter(incident=incident).select_related("actor")
        if "after" in chosen.validated_data:
            rows = rows.filter(seq__gt=chosen.validated_data["after"])
        if "kind" in chosen.validated_data:
            rows = rows.filter(kind=chosen.validated_data["kind"])
        return self._page(rows, EventSerializer)

    @extend_schema(methods=["GET"], parameters=[REFERENCE], responses=EventSerializer(many=True))
    @extend_schema(methods=["POST"], parameters=[REFERENCE], request=NoteSerializer, responses={201: EventSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=OldestFirst)
    def notes(self, request: Request, reference: str) -> Response:
        """The notes of the story, or one more."""
        incident = self.get_object()
        if request.method == "GET":
            return self._page(queries.notes(incident), EventSerializer)
        given = NoteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        event = actions.add_note(
            incident,
            given.validated_data["text"],
            actor=person_of(request),
            at=timezone.now(),
            happened_at=given.validated_data.get("happened_at"),
        )
        return Response(EventSerializer(event).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["GET"], parameters=[REFERENCE], responses=UpdateSerializer(many=True))
    @extend_schema(
        methods=["POST"], parameters=[REFERENCE], request=UpdateSerializer, responses={201: UpdateSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def updates(self, request: Request, reference: str) -> Response:
        """What was told to whom, or one more. A public update goes to the status pages."""
        incident = self.get_object()
        if request.method == "GET":
            return self._page(Update.objects.filter(incident=incident).select_related("author"), UpdateSerializer)
        given = UpdateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        update = actions.post_update(incident, **given.validated_data, actor=person_of(request), at=timezone.now())
        return Response(UpdateSerializer(update).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["GET"], parameters=[REFERENCE], responses=RoleSerializer(many=True))
    @extend_schema(
        methods=["POST"], parameters=[REFERENCE], request=RoleChangeSerializer, responses={201: RoleSerializer}
    )
    @extend_schema(
        methods=["DELETE"],
        parameters=[
            REFERENCE,
            OpenApiParameter("role", OpenApiTypes.STR, description="The role to leave."),
            OpenApiParameter("person", OpenApiTypes.STR, description="Who leaves it; the token's owner if left out."),
        ],
        request=None,
        responses={204: None},
    )
    @action(detail=True, methods=["get", "post", "delete"])
    def roles(self, request: Request, reference: str) -> Response:
        """Who holds which role; take or give one; leave one."""
        incident = self.get_object()
        if request.method == "GET":
            held = RoleAssignment.objects.filter(incident=incident, left_at=None).select_related("person")
            return self._page(held, RoleSerializer)
        sent = request.data if isinstance(request.data, dict) and request.data else request.query_params
        given = RoleChangeSerializer(data=sent if request.method == "DELETE" else request.data)
        given.is_valid(raise_exception=True)
        me, at = person_of(request), timezone.now()
        role, person = given.validated_data["role"], given.validated_data.get("person", me)
        if request.method == "DELETE":
            actions.leave_role(incident, role, person=person, actor=me, at=at)
            return Response(status=status.HTTP_204_NO_CONTENT)
        held_now = actions.take_role(incident, role, person=person, actor=me, at=at)
        return Response(RoleSerializer(held_now).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["GET"], parameters=[REFERENCE], responses=PersonShort(many=True))
    @extend_schema(methods=["POST"], parameters=[REFERENCE], request=AdmissionSerializer, responses={201: PersonShort})
    @action(detail=True, methods=["get", "post"])
    def admissions(self, request: Request, reference: str) -> Response:
        """Who may see a private incident besides the administrators, or one more. Nobody needs it for others."""
        incident = self.get_object()
        if not incident.private:
            raise Http404(reference)
        if request.method == "GET":
            people = User.objects.filter(admissions__incident=incident)
            return self._page(people, PersonShort)
        given = AdmissionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person = given.validated_data["person"]
        actions.admit(incident, person, actor=person_of(request), at=timezone.now())
        return Response(PersonShort(person).data, status=status.HTTP_201_CREATED)

    def _page(self, rows: QuerySet[Any], shown: type[serializers.BaseSerializer[Any]]) -> Response:
        page = self.paginate_queryset(rows)
        told = shown(page, many=True).data
        self.get_object()  # judged after it was read: it may be closed to them now
        return self.get_paginated_response(told)
