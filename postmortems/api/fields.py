"""What both halves of this API need."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import person_of
from incidents.models import Incident
from incidents.queries import number_of


@extend_schema_field({"type": "string", "examples": ["INC-42"]})
class IncidentField(serializers.Field[Incident, Any, str, Any]):
    """Takes the reference of an incident that the caller may see; answers with it."""

    default_error_messages = {
        "unknown": "There is no incident “{value}” that you may see.",
        "wrong": "Give a reference, such as INC-42.",
    }

    def to_internal_value(self, data: Any) -> Incident:
        if not isinstance(data, str):
            self.fail("wrong")
        number = number_of(data.strip())
        rows = Incident.objects.visible_to(person_of(self.context["request"])).select_related("severity", "service")
        found = rows.filter(number=number).first() if number is not None else None
        if found is None:
            self.fail("unknown", value=data[:40])
        return found

    def to_representation(self, value: Incident) -> str:
        return value.reference


class ReasonSerializer(serializers.Serializer[Any]):
    """Why there will be none."""

    reason = serializers.CharField(max_length=500)
