"""Action items over the API."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.fields import PersonField, TeamField
from accounts.permissions import Verb
from core import names
from core.api import NewestFirst
from incidents.models import Incident
from postmortems import actions, queries
from postmortems.api.fields import IncidentField, ReasonSerializer
from postmortems.models import ActionItem

BY_ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


class ActionItemSerializer(serializers.ModelSerializer[ActionItem]):
    """An action item. Without `due_on` the horizon and the incident's severity choose the day. `details`: done when."""

    title = serializers.CharField(validators=[names.visible], max_length=200)
    owner = PersonField()
    incident = IncidentField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False)
    kind = serializers.ChoiceField(choices=ActionItem.Kind.choices, required=False)
    priority = serializers.ChoiceField(choices=ActionItem.Priority.choices, required=False)
    horizon = serializers.ChoiceField(choices=ActionItem.Horizon.choices, required=False)
    details = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    created_by = PersonField(read_only=True)

    class Meta:
        model = ActionItem
        fields = [
            *("id", "title", "owner", "due_on", "incident", "kind", "priority", "horizon", "details"),
            *("state", "evidence", "reason", "created_by", "created_at", "finished_at"),
        ]
        read_only_fields = ["id", "state", "evidence", "reason", "created_at", "finished_at"]

    def validate_incident(self, value: Incident | None) -> Incident | None:
        if self.instance is not None and (value.pk if value else None) != self.instance.incident_id:
            raise serializers.ValidationError("An action item stays with its incident.")
        return value

    def create(self, validated_data: dict[str, Any]) -> ActionItem:
        return actions.add_item(**validated_data)

    def update(self, instance: ActionItem, validated_data: dict[str, Any]) -> ActionItem:
        validated_data.pop("incident", None)
        return actions.change_item(instance, **validated_data)


class EvidenceSerializer(serializers.Serializer[Any]):
    """Where it can be seen that it is done."""

    evidence = serializers.CharField(max_length=500)


class ActionItemFilter(serializers.Serializer[Any]):
    """Which action items to list."""

    state = serializers.ChoiceField(choices=ActionItem.State.choices, required=False)
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="true: neither done nor dropped."
    )
    overdue = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="true: open and late.")
    owner = PersonField(required=False, help_text="A person, by id or e-mail.")
    team = TeamField(required=False, help_text="Of people in this team, by id or slug.")
    incident = IncidentField(required=False, help_text="A reference, such as INC-42.")
    priority = serializers.ChoiceField(choices=ActionItem.Priority.choices, required=False)


class SoonestFirst(NewestFirst):
    """The most pressing first."""

    ordering = ("due_on", "pk")


@extend_schema_view(
    list=extend_schema(parameters=[ActionItemFilter]),
    retrieve=extend_schema(parameters=[BY_ID]),
    update=extend_schema(parameters=[BY_ID]),
    partial_update=extend_schema(parameters=[BY_ID]),
    destroy=extend_schema(parameters=[BY_ID]),
)
class ActionItemViewSet(viewsets.ModelViewSet[ActionItem]):
    """Action items, the most pressing first."""

    queryset = ActionItem.objects.none()
    serializer_class = ActionItemSerializer
    lookup_value_regex = "[0-9]{1,18}"
    pagination_class = SoonestFirst

    def verb_for(self, request: Request) -> Verb:
        """Removing one for good takes a manager."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return Verb.LOOK
        return Verb.MANAGE if request.method == "DELETE" else Verb.RESPOND

    def get_queryset(self) -> QuerySet[ActionItem]:
        if getattr(self, "swagger_fake_view", False):
            return ActionItem.objects.none()
        rows = queries.action_items_visible_to(person_of(self.request))
        if self.action != "list":
            return rows
        asked = ActionItemFilter(data=self.request.query_params, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        given = {name: value for name, value in asked.validated_data.items() if value is not None}
        if given.pop("open", False):
            rows = rows.open()
        if given.pop("overdue", False):
            rows = rows.overdue(timezone.localdate())
        if "team" in given:
            rows = rows.of_team(given.pop("team"))
        return rows.filter(
            **{name: given[name] for name in ("state", "owner", "incident", "priority") if name in given}
        )

    def perform_create(self, serializer: serializers.BaseSerializer[ActionItem]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[ActionItem]) -> None:
        assert serializer.instance is not None
        queries.require_change(person_of(self.request), serializer.instance)
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_destroy(self, instance: ActionItem) -> None:
        actions.remove_item(instance, actor=person_of(self.request), at=timezone.now())

    @extend_schema(parameters=[BY_ID], request=None, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Somebody works on it."""
        return self._answer(actions.start_item(self._mine(), actor=person_of(request), at=timezone.now()))

    @extend_schema(parameters=[BY_ID], request=EvidenceSerializer, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """It is done, and where that can be seen."""
        given = EvidenceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.finish_item(self._mine(), **given.validated_data, actor=person_of(request), at=timezone.now())
        return self._answer(row)

    @extend_schema(parameters=[BY_ID], request=ReasonSerializer, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"], url_path="wont-do")
    def wont_do(self, request: Request, pk: str) -> Response:
        """It will not be done, and why."""
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.drop_item(self._mine(), **given.validated_data, actor=person_of(request), at=timezone.now())
        return self._answer(row)

    @extend_schema(parameters=[BY_ID], request=None, responses=ActionItemSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """It was not done after all."""
        return self._answer(actions.reopen_item(self._mine(), actor=person_of(request), at=timezone.now()))

    def _mine(self) -> ActionItem:
        row = self.get_object()
        queries.require_change(person_of(self.request), row)
        return row

    def _answer(self, row: ActionItem) -> Response:
        return Response(self.get_serializer(row).data)
