"""The API of alerts/: sources with their keys, alerts, and the payloads behind them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.permissions import Verb
from alerts import actions, queries
from alerts.models import Alert, AlertSource, Payload
from alerts.serializers import (
    AlertFilter,
    AlertSerializer,
    PayloadFilter,
    PayloadSerializer,
    ReplayedSerializer,
    SourceChange,
    SourceSerializer,
    SourceWithKey,
    TrialSerializer,
)
from core.api import router

NO_BODY = {204: None}


@extend_schema_view(
    list=extend_schema(),
    create=extend_schema(responses={201: SourceWithKey}),
    partial_update=extend_schema(request=SourceChange, responses=SourceSerializer),
    destroy=extend_schema(responses=NO_BODY),
)
class SourceViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[AlertSource]
):
    """Tools that send us alerts. The key is answered once, when the source is made or its key rotated."""

    queryset = AlertSource.objects.select_related("service", "default_severity").prefetch_related("keys")
    serializer_class = SourceSerializer
    lookup_value_regex = r"[0-9]{1,18}"
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "at": timezone.now()}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a source and its first key."""
        asked = SourceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        source, key = actions.create_source(**asked.validated_data, actor=person_of(request), at=timezone.now())
        return self._with_key(source, key, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Another name, service or severity."""
        asked = SourceChange(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = asked.validated_data
        fresh = actions.change_source(self.get_object(), **changes, actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(fresh).data)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Switch it off: its keys open nothing. What it has sent stays."""
        actions.disable_source(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=SourceSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str = "") -> Response:
        """Switch it on again."""
        fresh = actions.enable_source(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(fresh).data)

    @extend_schema(request=None, responses=SourceWithKey)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str = "") -> Response:
        """A new key. The one before stays valid for a day."""
        source = self.get_object()
        _row, key = actions.rotate_key(source, actor=person_of(request), at=timezone.now())
        return self._with_key(source, key, status.HTTP_200_OK)

    @extend_schema(request=TrialSerializer, responses={202: PayloadSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str = "") -> Response:
        """Send a test alert through the whole path."""
        asked = TrialSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        trial = Payload.Trial.PAGING if asked.validated_data["paging"] else Payload.Trial.QUIET
        payload = actions.send_test(self.get_object(), trial=trial, actor=person_of(request), at=timezone.now())
        return Response(PayloadSerializer(payload).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=ReplayedSerializer)
    @action(detail=True, methods=["post"], url_path="replay-unreadable")
    def replay_unreadable(self, request: Request, pk: str = "") -> Response:
        """Read every unreadable payload of the source again."""
        count = actions.replay_unreadable(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response({"payloads": count})

    def _with_key(self, source: AlertSource, key: str, code: int) -> Response:
        fresh = self.get_queryset().get(pk=source.pk)
        context = {**self.get_serializer_context(), "key": key}
        return Response(SourceWithKey(fresh, context=context).data, status=code)


@extend_schema_view(list=extend_schema(parameters=[AlertFilter]))
class AlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Alert]):
    """What machines report, one row a condition."""

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    lookup_value_regex = r"[0-9]{1,18}"
    read_verb = Verb.LOOK
    write_verb = Verb.RESPOND

    def get_queryset(self) -> QuerySet[Alert]:
        if getattr(self, "swagger_fake_view", False):
            return Alert.objects.none()
        return queries.visible_alerts(person_of(self.request))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        chosen = AlertFilter(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        asked = chosen.validated_data
        found = queries.visible_alerts(person_of(self.request))
        if "dedup_key" in asked:
            found = queries.with_key(found, asked["dedup_key"])
        if "label" in asked:
            found = queries.with_label(found, asked["label"])
        if "state" in asked:
            found = found.in_state(asked["state"])
        found = found.filter(**{name: asked[name] for name in ("source", "service") if name in asked})
        return queries.holding(found, asked.get("q", ""))

    @extend_schema(request=None, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str = "") -> Response:
        """Somebody is on it: its incident is acknowledged."""
        fresh = actions.acknowledge_alert(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(AlertSerializer(fresh).data)

    @extend_schema(request=None, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str = "") -> Response:
        """Take it as over, although its tool has not said so."""
        fresh = actions.resolve_alert(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(AlertSerializer(fresh).data)


@extend_schema_view(list=extend_schema(parameters=[PayloadFilter]))
class PayloadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Payload]):
    """What arrived, and what became of it."""

    queryset = Payload.objects.defer("body")
    serializer_class = PayloadSerializer
    lookup_value_regex = r"[0-9]{1,18}"
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "visible": getattr(self, "visible", set())}

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        chosen = PayloadFilter(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        return queryset.filter(**chosen.validated_data)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self._look_at(page or [])
        return page

    def get_object(self) -> Payload:
        payload = super().get_object()
        self._look_at([payload])
        return payload

    def _look_at(self, payloads: list[Payload]) -> None:
        """Find out which of the payloads' alerts the asking person may know of."""
        ids = {pk for payload in payloads for pk in payload.alert_ids}
        rows = Alert.objects.visible_to(person_of(self.request)).filter(pk__in=ids)
        self.visible = set(rows.values_list("pk", flat=True))

    @extend_schema(request=None, responses=PayloadSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str = "") -> Response:
        """Read it again."""
        fresh = actions.replay(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(fresh).data)


api = router()
api.register("alert-sources", SourceViewSet, basename="alert-source")
api.register("alerts", AlertViewSet, basename="alert")
api.register("payloads", PayloadViewSet, basename="payload")
urlpatterns = api.urls
