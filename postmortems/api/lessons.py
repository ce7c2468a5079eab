"""Postmortems over the API."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of, require
from accounts.fields import PersonField
from core.api import NewestFirst
from core.errors import Refused
from postmortems import actions, export, queries
from postmortems.api.fields import IncidentField, ReasonSerializer
from postmortems.models import SECTIONS, Postmortem
from postmortems.workflow import MOVES, Move

BY_REFERENCE = OpenApiParameter("reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as INC-42.")


class FactorSerializer(serializers.Serializer[Any]):
    """One contributing factor."""

    id = serializers.IntegerField(read_only=True)
    text = serializers.CharField(max_length=500)


class PostmortemSerializer(serializers.ModelSerializer[Postmortem]):
    """A postmortem; `reference` is its incident's. Changing a section takes the `version` it was read with."""

    reference = serializers.CharField(source="incident.reference", read_only=True)
    incident = serializers.CharField(source="incident.reference", read_only=True)
    title = serializers.CharField(source="incident.title", read_only=True)
    severity = serializers.CharField(source="incident.severity.code", read_only=True)
    author = PersonField(required=False, allow_null=True)
    approved_by = PersonField(read_only=True)
    version = serializers.IntegerField(min_value=1, required=False)
    factors = FactorSerializer(many=True, read_only=True)
    action_items = serializers.SerializerMethodField()

    class Meta:
        model = Postmortem
        fields = [
            *(
                "id",
                "reference",
                "incident",
                "title",
                "severity",
                "state",
                "author",
                "version",
                *SECTIONS,
                "factors",
                "action_items",
            ),
            *("meeting_due_at", "publish_due_at", "drafted_at", "submitted_at", "approved_at", "approved_by"),
            *("published_at", "waived_reason"),
        ]
        read_only_fields = [
            *("state", "meeting_due_at", "publish_due_at", "drafted_at", "submitted_at", "approved_at"),
            *("published_at", "waived_reason"),
        ]

    def get_action_items(self, row: Postmortem) -> list[int]:
        return list(queries.action_items_of(row.incident).values_list("pk", flat=True))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if any(name in attrs for name in SECTIONS) and "version" not in attrs:
            raise serializers.ValidationError({"version": "Name the version your texts began with."})
        return attrs


class NewPostmortemSerializer(serializers.Serializer[Any]):
    """Which incident to write a postmortem for."""

    incident = IncidentField()


class PostmortemFilter(serializers.Serializer[Any]):
    """Which postmortems to list."""

    state = serializers.ChoiceField(choices=Postmortem.State.choices, required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="Words in the title, a section or a factor.")
    author = PersonField(required=False, help_text="A person, by id or e-mail.")


@extend_schema_view(
    list=extend_schema(parameters=[PostmortemFilter]),
    retrieve=extend_schema(parameters=[BY_REFERENCE]),
    create=extend_schema(request=NewPostmortemSerializer, responses={201: PostmortemSerializer}),
    partial_update=extend_schema(parameters=[BY_REFERENCE]),
)
class PostmortemViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Postmortem]):
    """Postmortems, by the reference of their incident."""

    queryset = Postmortem.objects.none()
    serializer_class = PostmortemSerializer
    lookup_field = "reference"
    lookup_value_regex = "[Ii][Nn][Cc]-[0-9]{1,9}"
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Postmortem]:
        if getattr(self, "swagger_fake_view", False):
            return Postmortem.objects.none()
        person = person_of(self.request)
        rows = queries.postmortems_visible_to(person).prefetch_related("factors")
        if self.action != "list":
            return rows
        asked = PostmortemFilter(data=self.request.query_params, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        if "q" in given:
            rows = queries.search(rows, given["q"])
        if "state" in given:
            rows = rows.filter(state=given["state"])
        return rows.filter(author=given["author"]) if "author" in given else rows

    def get_object(self) -> Postmortem:
        return queries.visible_postmortem(person_of(self.request), self.kwargs["reference"])

    def create(self, request: Request) -> Response:
        """Draft the postmortem of a resolved incident now; the one there is, where there is one."""
        given = NewPostmortemSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        row = actions.write_one(given.validated_data["incident"], actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(row).data, status=201)

    def partial_update(self, request: Request, reference: str) -> Response:
        """Change sections (with the `version` they were read with), or the author: all that is sent, or nothing."""
        row = self.get_object()
        form = self.get_serializer(row, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        given, person, at = dict(form.validated_data), person_of(request), timezone.now()
        texts = {name: given[name] for name in SECTIONS if name in given}
        with transaction.atomic():
            if texts:
                row = actions.edit(row, version=given["version"], texts=texts, actor=person, at=at)
            if "author" in given:
                row = actions.set_author(row, given["author"], actor=person, at=at)
        return Response(self.get_serializer(row).data)

    @extend_schema(parameters=[BY_REFERENCE], request=FactorSerializer, responses={201: PostmortemSerializer})
    @action(detail=True, methods=["post"])
    def factors(self, request: Request, reference: str) -> Response:
        """Name one more contributing factor."""
        given = FactorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.get_object()
        actions.add_factor(row, text=given.validated_data["text"], actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(self.get_object()).data, status=201)

    @extend_schema(
        parameters=[BY_REFERENCE, OpenApiParameter("factor", OpenApiTypes.INT, OpenApiParameter.PATH)],
        responses={204: None},
    )
    @action(detail=True, methods=["delete"], url_path="factors/(?P<factor>[0-9]{1,18})")
    def remove_factor(self, request: Request, reference: str, factor: str) -> Response:
        """It was none."""
        found = self.get_object().factors.filter(pk=int(factor)).first()
        if found is None:
            raise Refused("There is no such factor here.", code="not_found", status=404)
        actions.remove_factor(found, actor=person_of(request), at=timezone.now())
        return Response(status=204)

    @extend_schema(parameters=[BY_REFERENCE], responses={(200, "text/markdown"): str})
    @action(detail=True, methods=["get"])
    def markdown(self, request: Request, reference: str) -> HttpResponse:
        """The whole lesson as markdown."""
        row = self.get_object()
        text = export.as_markdown(row, factors=row.factors.all(), items=queries.action_items_of(row.incident))
        return HttpResponse(text, content_type="text/markdown; charset=utf-8")

    @extend_schema(parameters=[BY_REFERENCE], request=None, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, reference: str) -> Response:
        """Ask for review."""
        return self._move(request, Move.SUBMIT)

    @extend_schema(parameters=[BY_REFERENCE], request=None, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Approve it, as somebody other than its author."""
        return self._move(request, Move.APPROVE)

    @extend_schema(parameters=[BY_REFERENCE], request=None, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, reference: str) -> Response:
        """Publish it inside the company."""
        return self._move(request, Move.PUBLISH)

    @extend_schema(parameters=[BY_REFERENCE], request=None, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, reference: str) -> Response:
        """Back to draft."""
        return self._move(request, Move.SEND_BACK)

    @extend_schema(parameters=[BY_REFERENCE], request=None, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, reference: str) -> Response:
        """Back to draft from published or waived; takes a manager."""
        return self._move(request, Move.REOPEN)

    @extend_schema(parameters=[BY_REFERENCE], request=ReasonSerializer, responses=PostmortemSerializer)
    @action(detail=True, methods=["post"])
    def waive(self, request: Request, reference: str) -> Response:
        """There will be none, and why; takes a manager."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._move(request, Move.WAIVE, reason=given.validated_data["reason"])

    def _move(self, request: Request, verb: Move, *, reason: str = "") -> Response:
        person, row = person_of(request), self.get_object()
        require(person, MOVES[verb].verb)
        row = actions.move(row, verb, actor=person, at=timezone.now(), reason=reason)
        return Response(self.get_serializer(row).data)
