"""The API of catalog/. Services are registered by oncall/, which adds their escalation policy."""

from typing import Any

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
from accounts.fields import TeamField
from accounts.permissions import Verb
from catalog import actions, links, queries
from catalog.fields import ServiceField
from catalog.models import Service, Severity
from core import names
from core.api import router
from core.api_fields import ByIdOrSlug
from core.slugs import is_free_word

BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
BY_ID_OR_CODE = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its code.")


class LinkSerializer(serializers.Serializer[Any]):
    """A link of a service. Without a title it is called by its host."""

    title = serializers.CharField(
        validators=[names.visible], max_length=120, required=False, allow_blank=True, default=""
    )
    url = serializers.CharField(max_length=links.LONGEST)

    def validate_url(self, value: str) -> str:
        trouble = links.trouble_with(value)
        if trouble:
            raise serializers.ValidationError(trouble)
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"title": attrs.get("title") or links.title_of(attrs["url"]), "url": attrs["url"]}


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service. `owner` is a team and `depends_on` services, each by id or slug. Without `slug` one is made from the
    name. Callers of `save` give `actor` and `at`."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    slug = serializers.SlugField(max_length=120, required=False)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    owner = TeamField(required=False, allow_null=True)
    links = LinkSerializer(many=True, required=False, max_length=links.MOST)  # type: ignore[call-arg]
    depends_on = ServiceField(many=True, required=False, queryset=Service.objects.all())
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Service
        fields = ["id", "name", "slug", "description", "tier", "owner", "links", "depends_on", "archived_at"]

    def validate_slug(self, value: str) -> str:
        if not is_free_word(value):
            raise serializers.ValidationError(
                "A slug needs a letter, and must not be a word that addresses use (new, severities)."
            )
        return value

    def create(self, validated_data: dict[str, Any]) -> Service:
        return actions.add_service(**validated_data)

    def update(self, instance: Service, validated_data: dict[str, Any]) -> Service:
        return actions.change_service(instance, **validated_data)


class ServiceFilter(serializers.Serializer[Any]):
    """Which services to list."""

    q = serializers.CharField(required=False, help_text="Words in the name, slug, description or owner.")
    owner = TeamField(required=False, help_text="A team, by id or slug.")
    tier = serializers.IntegerField(required=False, min_value=1, max_value=4)
    archived = serializers.BooleanField(required=False, default=False, help_text="true: those we no longer run.")


@extend_schema_view(
    list=extend_schema(parameters=[ServiceFilter]),
    retrieve=extend_schema(parameters=[BY_ID_OR_SLUG]),
    update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    partial_update=extend_schema(parameters=[BY_ID_OR_SLUG]),
)
class ServiceViewSet(
    ByIdOrSlug,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Service],
):
    """What we run. A service is archived, never deleted: its history stays."""

    queryset = Service.objects.select_related("owner").prefetch_related("depends_on")
    serializer_class = ServiceSerializer
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        chosen = ServiceFilter(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        asked = chosen.validated_data
        found = found.filter(archived_at__isnull=not asked["archived"])
        if "q" in asked:
            found = queries.holding(asked["q"], found)
        if "owner" in asked:
            found = found.filter(owner=asked["owner"])
        return found.filter(tier=asked["tier"]) if "tier" in asked else found

    def perform_create(self, serializer: serializers.BaseSerializer[Service]) -> None:
        with transaction.atomic():
            serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[Service]) -> None:
        with transaction.atomic():
            serializer.save(actor=person_of(self.request), at=timezone.now())

    @extend_schema(parameters=[BY_ID_OR_SLUG], request=None)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str = "") -> Response:
        """We do not run it any more."""
        done = actions.archive_service(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(done).data)

    @extend_schema(parameters=[BY_ID_OR_SLUG], request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str = "") -> Response:
        """We run it again."""
        done = actions.restore_service(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(done).data)

    @extend_schema(parameters=[BY_ID_OR_SLUG], responses=ServiceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def impact(self, request: Request, pk: str = "") -> Response:
        """Who suffers when this service fails, directly or through others, the nearest first."""
        rows = [hit.service for hit in queries.impact_of(self.get_object())]
        return Response(self.get_serializer(rows, many=True).data)


class SeveritySerializer(serializers.ModelSerializer[Severity]):
    """A severity and what it promises. `code` and `rank` stay as they are."""

    aliases = serializers.ListField(
        child=serializers.CharField(validators=[names.visible], max_length=20), required=False, max_length=20
    )
    required_roles = serializers.ListField(child=serializers.CharField(max_length=30), required=False, max_length=20)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    class Meta:
        model = Severity
        fields = ["id", "code", "rank", *actions.SEVERITY_FIELDS]
        extra_kwargs = {"name": {"validators": [names.visible]}}
        read_only_fields = ["code", "rank"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wrong = {name: [trouble] for name, value in attrs.items() if (trouble := actions.promise_trouble(name, value))}
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs

    def update(self, instance: Severity, validated_data: dict[str, Any]) -> Severity:
        return actions.change_severity(instance, **validated_data)


@extend_schema_view(
    retrieve=extend_schema(parameters=[BY_ID_OR_CODE]),
    update=extend_schema(parameters=[BY_ID_OR_CODE]),
    partial_update=extend_schema(parameters=[BY_ID_OR_CODE]),
)
class SeverityViewSet(
    ByIdOrSlug,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Severity],
):
    """What SEV1…SEV4 mean here, and what each promises."""

    queryset = Severity.objects.all()
    serializer_class = SeveritySerializer
    slug_field = "code"
    read_verb = Verb.LOOK
    write_verb = Verb.ADMINISTER

    def perform_update(self, serializer: serializers.BaseSerializer[Severity]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())


addresses = router()
addresses.register("severities", SeverityViewSet, basename="severity")
urlpatterns = addresses.urls
