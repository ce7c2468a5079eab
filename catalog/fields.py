"""Fields for what we run, for the API of every room."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog import queries
from catalog.models import Service, Severity
from core.api_fields import IdOrSlugField


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}], "examples": ["SEV1"]})
class SeverityField(serializers.Field[Severity, Any, str, Any]):
    """Takes a code ("SEV1"), an alias ("P1"), a name ("critical") or an id; answers with the code."""

    default_error_messages = {
        "unknown": "There is no severity called “{value}”. Known: {known}.",
        "incorrect_type": "Give a severity's code, such as SEV1, or its id.",
    }

    def to_internal_value(self, data: Any) -> Severity:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("incorrect_type")
        found = queries.severity_named(data)
        if found is None:
            known = ", ".join(Severity.objects.values_list("code", flat=True))
            self.fail("unknown", value=str(data)[:80], known=known)
        return found

    def to_representation(self, value: Severity) -> str:
        return value.code


class ServiceField(IdOrSlugField):
    """Takes a service we run by id or slug; answers with its id."""

    default_error_messages = {"does_not_exist": "There is no service called “{value}”."}

    def __init__(self, **more: Any) -> None:
        if not more.get("read_only"):
            more.setdefault("queryset", Service.objects.filter(archived_at=None))
        super().__init__(**more)
