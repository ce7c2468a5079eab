"""/api/v1/services/: what we run, as catalog/ tells it, with what pages for it and who would be called now."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api import ServiceSerializer, ServiceViewSet
from catalog.models import Service
from oncall import actions, queries
from oncall.api.fields import PersonShort, PolicyField
from oncall.models import EscalationPolicy


class PagedServiceSerializer(ServiceSerializer):
    """A service. `escalation_policy` pages for its incidents (by id or name; null: none). `on_call`: whom the policy
    would call first now."""

    escalation_policy = PolicyField(source="paging.policy", required=False, allow_null=True)
    on_call = serializers.SerializerMethodField()

    class Meta(ServiceSerializer.Meta):
        fields = [*ServiceSerializer.Meta.fields, "escalation_policy", "on_call"]

    @extend_schema_field(PersonShort(many=True))
    def get_on_call(self, service: Service) -> list[dict[str, Any]]:
        paging = getattr(service, "paging", None)
        called = self._called().get(paging.policy_id, []) if paging else []
        return [PersonShort(each.person).data for each in called]

    def _called(self) -> dict[int, list[queries.Called]]:
        """Whom each policy of the services shown would call, asked once an answer."""
        known: dict[int, list[queries.Called]] | None = self.context.get("called_first")
        if known is None:
            shown = self.parent.instance if self.parent is not None else [self.instance]
            policies = EscalationPolicy.objects.filter(services__service__in=shown or []).distinct()
            known = queries.called_first(list(policies), at=timezone.now())
            cast("dict[str, Any]", self.context)["called_first"] = known
        return known

    def create(self, validated_data: dict[str, Any]) -> Service:
        chosen = validated_data.pop("paging", None)
        return self._paged(super().create(validated_data), chosen, validated_data)

    def update(self, instance: Service, validated_data: dict[str, Any]) -> Service:
        chosen = validated_data.pop("paging", None)
        actor_and_moment = {"actor": validated_data["actor"], "at": validated_data["at"]}
        return self._paged(super().update(instance, validated_data), chosen, actor_and_moment)

    def _paged(self, service: Service, chosen: dict[str, Any] | None, by: dict[str, Any]) -> Service:
        if chosen is None:
            return service
        actions.set_service_policy(service, chosen["policy"], actor=by["actor"], at=by["at"])
        return Service.objects.select_related("paging").get(pk=service.pk)


class PagedServiceViewSet(ServiceViewSet):
    """What we run, and what pages for it. A service is archived, never deleted: its history stays."""

    queryset = Service.objects.select_related("owner", "paging__policy").prefetch_related("depends_on")
    serializer_class = PagedServiceSerializer
