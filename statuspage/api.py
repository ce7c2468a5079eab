"""The API of statuspage/: pages and their components. What the world reads stands at /status/…/api/v2/."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.fields import TimeZoneField
from accounts.permissions import Verb
from catalog.fields import ServiceField
from core import names
from core.api import router
from core.api_fields import ByIdOrSlug, IdOrSlugField
from statuspage import actions, queries, site
from statuspage.models import Component, ComponentState, StatusPage

BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
BY_ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


class StatusPageSerializer(serializers.ModelSerializer[StatusPage]):
    """A public page. `url`: where the world reads it. `state`: its worst component. `is_written`: whether the world
    sees all of it already. Without `slug` one is made from the name."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    slug = serializers.SlugField(max_length=60, required=False)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    time_zone = TimeZoneField(max_length=64, required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    is_default = serializers.BooleanField(required=False)
    url = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    is_written = serializers.SerializerMethodField()
    written_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = StatusPage
        fields = [
            *("id", "name", "slug", "description", "time_zone", "language", "is_default"),
            *("url", "state", "is_written", "written_at"),
        ]

    def get_url(self, row: StatusPage) -> str:
        return settings.PUBLIC_URL + site.root_of(row)

    def get_state(self, row: StatusPage) -> str:
        return queries.state_of(row)

    def get_is_written(self, row: StatusPage) -> bool:
        return row.revision == row.written_revision

    def validate_slug(self, value: str) -> str:
        if value.isdigit():
            raise serializers.ValidationError("A slug needs a letter, or it could be mistaken for an id.")
        return value

    def validate_is_default(self, value: bool) -> bool:
        if not value and self.instance is not None and self.instance.is_default:
            raise serializers.ValidationError("There must be a default page: make another one the default instead.")
        return value

    def create(self, validated_data: dict[str, Any]) -> StatusPage:
        return self._with_default(actions.add_page, validated_data)

    def update(self, instance: StatusPage, validated_data: dict[str, Any]) -> StatusPage:
        return self._with_default(lambda **given: actions.change_page(instance, **given), validated_data)

    def _with_default(self, act: Any, given: dict[str, Any]) -> StatusPage:
        wanted = given.pop("is_default", False)
        with transaction.atomic():
            page: StatusPage = act(**given)
            return actions.make_default(page, actor=given["actor"], at=given["at"]) if wanted else page


@extend_schema_view(
    retrieve=extend_schema(parameters=[BY_ID_OR_SLUG]),
    update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    partial_update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    destroy=extend_schema(parameters=[BY_ID_OR_SLUG]),
)
class StatusPageViewSet(ByIdOrSlug, viewsets.ModelViewSet[StatusPage]):
    """Public status pages."""

    queryset = StatusPage.objects.all()
    serializer_class = StatusPageSerializer
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def perform_create(self, serializer: serializers.BaseSerializer[StatusPage]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[StatusPage]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_destroy(self, instance: StatusPage) -> None:
        actions.remove_page(instance, actor=person_of(self.request), at=timezone.now())


class PageField(IdOrSlugField):
    """Takes a status page by id or slug; answers with its id."""

    default_error_messages = {"does_not_exist": "There is no status page called “{value}”."}


class ComponentSerializer(serializers.ModelSerializer[Component]):
    """A component of a page. `state` is changed by incidents, or by POST …/state; `by_hand`: a person said so."""

    page = PageField(
        queryset=StatusPage.objects.all(), required=False, help_text="A status page, by id or slug; the default one."
    )
    name = serializers.CharField(validators=[names.visible], max_length=120)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    group = serializers.CharField(validators=[names.visible], max_length=120, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    services = ServiceField(many=True, required=False)
    state = serializers.ChoiceField(choices=ComponentState.choices, read_only=True)
    by_hand = serializers.SerializerMethodField()
    reason = serializers.CharField(source="hand_reason", read_only=True)

    class Meta:
        model = Component
        fields = ["id", "page", "name", "description", "group", "position", "services", "state", "by_hand", "reason"]
        validators: list[Any] = []

    def get_by_hand(self, row: Component) -> bool:
        return bool(row.hand_state)

    def validate_page(self, value: StatusPage) -> StatusPage:
        if self.instance is not None and self.instance.page_id != value.pk:
            raise serializers.ValidationError("A component stays on its page.")
        return value

    def create(self, validated_data: dict[str, Any]) -> Component:
        page = validated_data.pop("page", None) or StatusPage.objects.get(is_default=True)
        return actions.add_component(page, **validated_data)

    def update(self, instance: Component, validated_data: dict[str, Any]) -> Component:
        validated_data.pop("page", None)
        return actions.change_component(instance, **validated_data)


class StateSerializer(serializers.Serializer[Any]):
    """A person's or a program's word about a component."""

    state = serializers.ChoiceField(choices=ComponentState.choices)
    reason = serializers.CharField(max_length=300)


class ComponentFilter(serializers.Serializer[Any]):
    """Which components to list."""

    page = PageField(queryset=StatusPage.objects.all(), required=False, help_text="A status page, by id or slug.")
    state = serializers.ChoiceField(choices=ComponentState.choices, required=False)


@extend_schema_view(
    list=extend_schema(parameters=[ComponentFilter]),
    retrieve=extend_schema(parameters=[BY_ID]),
    update=extend_schema(parameters=[BY_ID]),
    partial_update=extend_schema(parameters=[BY_ID]),
    destroy=extend_schema(parameters=[BY_ID]),
)
class ComponentViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[Component],
):
    """Components of public pages."""

    queryset = Component.objects.select_related("page").prefetch_related("services")
    serializer_class = ComponentSerializer
    lookup_value_regex = "[0-9]{1,18}"
    read_verb = Verb.LOOK

    def verb_for(self, request: Request) -> Verb:
        """Setting a state is part of responding; the rest is configuration."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return Verb.LOOK
        return Verb.RESPOND if self.action in {"state", "follow_incidents"} else Verb.CONFIGURE

    def get_queryset(self) -> QuerySet[Component]:
        rows = super().get_queryset()
        if self.action != "list":
            return rows
        asked = ComponentFilter(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        if "page" in given:
            rows = rows.filter(page=given["page"])
        return rows.filter(state=given["state"]) if "state" in given else rows

    def perform_create(self, serializer: serializers.BaseSerializer[Component]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[Component]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_destroy(self, instance: Component) -> None:
        actions.remove_component(instance, actor=person_of(self.request), at=timezone.now())

    @extend_schema(parameters=[BY_ID], request=StateSerializer, responses=ComponentSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str) -> Response:
        """Set the state by hand; it goes before what incidents say."""
        given = StateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.set_state(self.get_object(), **given.validated_data, actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(row).data)

    @extend_schema(parameters=[BY_ID], request=None, responses=ComponentSerializer)
    @action(detail=True, methods=["post"], url_path="follow-incidents")
    def follow_incidents(self, request: Request, pk: str) -> Response:
        """Let the component follow its incidents again."""
        row = actions.follow_incidents(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(row).data)


_router = router()
_router.register("status-pages", StatusPageViewSet, basename="status-page")
_router.register("components", ComponentViewSet, basename="component")
urlpatterns = _router.urls
