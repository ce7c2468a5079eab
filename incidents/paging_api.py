"""Who was paged for an incident, when, by which channel and with what result: GET /incidents/{reference}/pages/."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.permissions import Verb
from incidents import queries
from incidents.models import Page
from notifications.queries import messages_about
from notifications.serializers import MessageSerializer
from oncall import policy
from oncall.policy import Fallback


class PagedPersonSerializer(serializers.Serializer[Any]):
    """Who was paged."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()


class PageSerializer(serializers.ModelSerializer[Page]):
    """One person asked to come. `round` and `step` count from 1; both are null for the final fallback and for a page
    made by hand. `messages` are its deliveries, with every try."""

    person = serializers.SerializerMethodField()
    reason = serializers.CharField(source="because", read_only=True)
    policy = serializers.SerializerMethodField()
    round = serializers.SerializerMethodField()
    step = serializers.SerializerMethodField()
    is_fallback = serializers.SerializerMethodField()
    messages = serializers.SerializerMethodField()

    class Meta:
        model = Page
        fields = [
            *("id", "person", "reason", "urgency", "policy", "round", "step", "is_fallback"),
            *("paged_at", "acknowledged_at", "messages"),
        ]

    @extend_schema_field(PagedPersonSerializer)
    def get_person(self, page: Page) -> dict[str, Any]:
        return {"id": page.person_id, "name": str(page.person), "email": page.person.email}

    def get_policy(self, page: Page) -> str | None:
        return page.escalation.policy_name if page.escalation else None

    def get_round(self, page: Page) -> int | None:
        return None if page.escalation is None or self.get_is_fallback(page) else page.round + 1

    def get_step(self, page: Page) -> int | None:
        return None if page.escalation is None or self.get_is_fallback(page) else page.step + 1

    def get_is_fallback(self, page: Page) -> bool:
        plan = page.escalation.plan if page.escalation else None
        return plan is not None and isinstance(policy.next_step(plan, page.round, page.step), Fallback)

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, page: Page) -> list[dict[str, Any]]:
        found = self.context["messages"].get(page.topic, [])
        return list(MessageSerializer(found, many=True, context=self.context).data)


class IncidentPages(generics.ListAPIView[Page]):
    """Who was paged for this incident, newest first."""

    queryset = Page.objects.none()
    serializer_class = PageSerializer
    read_verb = Verb.LOOK

    @extend_schema(
        operation_id="incidents_pages_list",
        parameters=[OpenApiParameter("reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="INC-42")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        incident = queries.visible_incident(person_of(request), self.kwargs["reference"])
        rows = Page.objects.filter(incident=incident).select_related("person", "escalation")
        shown = self.paginate_queryset(rows)
        context = {**self.get_serializer_context(), "messages": messages_about(page.topic for page in shown or [])}
        return self.get_paginated_response(PageSerializer(shown, many=True, context=context).data)
