"""The API of reliability/: objectives, each with its budget now."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from accounts.permissions import Verb
from core import names
from core.api import router
from core.errors import Refused
from reliability import actions, queries
from reliability.models import Objective


class BudgetSerializer(serializers.Serializer[Any]):
    """Spans in seconds; `burn` by window length in hours."""

    allowed_seconds = serializers.FloatField()
    spent_seconds = serializers.FloatField()
    left_seconds = serializers.FloatField()
    availability = serializers.FloatField()
    burn = serializers.DictField(child=serializers.FloatField())
    verdict = serializers.CharField()


class ObjectiveSerializer(serializers.ModelSerializer[Objective]):
    """One objective; `budget` is read-only."""

    budget = serializers.SerializerMethodField()

    class Meta:
        model = Objective
        fields = ["id", "service", "name", "percent", "window_days", "budget"]
        extra_kwargs = {"name": {"validators": [names.visible]}}

    @extend_schema_field(BudgetSerializer)
    def get_budget(self, row: Objective) -> dict[str, Any]:
        request = self.context["request"]
        standings = queries.standings(request.user, at=timezone.now(), service=row.service)
        found = next(standing.budget for standing in standings if standing.objective == row)
        return {
            "allowed_seconds": found.allowed.total_seconds(),
            "spent_seconds": found.spent.total_seconds(),
            "left_seconds": found.left.total_seconds(),
            "availability": round(found.availability, 4),
            "burn": {str(hours): round(pace, 3) for hours, pace in found.burn.items()},
            "verdict": found.verdict.value,
        }


class ObjectiveViewSet(viewsets.ModelViewSet[Objective]):
    """Objectives of services."""

    queryset = Objective.objects.select_related("service")
    serializer_class = ObjectiveSerializer
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def perform_create(self, serializer: serializers.BaseSerializer[Objective]) -> None:
        serializer.instance = self._set(None, serializer)

    def perform_update(self, serializer: serializers.BaseSerializer[Objective]) -> None:
        serializer.instance = self._set(self.get_object(), serializer)

    def perform_destroy(self, instance: Objective) -> None:
        actions.remove_objective(instance, actor=self._actor, at=timezone.now())

    @property
    def _actor(self) -> Any:
        return self.request.user

    def _set(self, row: Objective | None, serializer: serializers.BaseSerializer[Objective]) -> Objective:
        given = serializer.validated_data
        if row is None and "service" not in given:
            raise Refused("An objective needs a service.", status=400)
        return actions.set_objective(
            row,
            service=given.get("service") or row.service,  # type: ignore[union-attr]
            name=given.get("name", row.name if row else "Availability"),
            percent=given.get("percent", row.percent if row else None),
            window_days=given.get("window_days", row.window_days if row else 30),
            actor=self._actor,
            at=timezone.now(),
        )


_router = router()
_router.register("objectives", ObjectiveViewSet, basename="objective")
urlpatterns = _router.urls
