"""How alerts, their sources and payloads are written in the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alerts import addresses
from alerts.models import Alert, AlertSource, Payload, SourceKind
from catalog.fields import ServiceField, SeverityField
from catalog.models import Service
from core import names
from core.api_fields import LARGEST_ID


class SourceSerializer(serializers.ModelSerializer[AlertSource]):
    """A tool that sends alerts for one service (by id or slug). `default_severity` counts where an alert names none."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    kind = serializers.ChoiceField(choices=SourceKind.choices)
    service = ServiceField()
    default_severity = SeverityField(required=False, allow_null=True)
    enabled = serializers.SerializerMethodField(help_text="Whether its keys open the door.")
    key_prefixes = serializers.SerializerMethodField(help_text="The beginnings of the keys that are valid now.")

    class Meta:
        model = AlertSource
        fields = [
            "id", "name", "kind", "service", "default_severity", "enabled", "key_prefixes", "created_at",
            "last_seen_at",
        ]  # fmt: skip
        read_only_fields = ["created_at", "last_seen_at"]

    def get_enabled(self, source: AlertSource) -> bool:
        return source.disabled_at is None

    def get_key_prefixes(self, source: AlertSource) -> list[str]:
        return [key.prefix for key in source.keys.all() if key.is_valid(self.context["at"])]


class SourceChange(serializers.Serializer[Any]):
    """What may change of a source."""

    name = serializers.CharField(validators=[names.visible], max_length=120, required=False)
    service = ServiceField(required=False)
    default_severity = SeverityField(required=False, allow_null=True)


class SourceWithKey(SourceSerializer):
    """A source and its new key, which is shown this once."""

    key = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Where the tool posts its alerts. Holds the key.")

    class Meta(SourceSerializer.Meta):
        fields = [*SourceSerializer.Meta.fields, "key", "url"]

    def get_key(self, source: AlertSource) -> str:
        return str(self.context["key"])

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, source: AlertSource) -> str:
        return addresses.intake_url(source.kind, self.context["key"])


class TrialSerializer(serializers.Serializer[Any]):
    """How a test is sent."""

    paging = serializers.BooleanField(
        default=False, help_text="true: declare a drill and page who is on call. false: nobody is paged."
    )


class PayloadSerializer(serializers.ModelSerializer[Payload]):
    """One payload as it arrived. `alerts` are the ids of the alerts it spoke of, `unreadable` the first sentences about
    those in it that could not be read (`unreadable_count`) and so were not taken in."""

    unreadable = serializers.SerializerMethodField()
    alerts = serializers.SerializerMethodField()

    class Meta:
        model = Payload
        fields = [
            "id", "source", "state", "received_at", "read_at", "alert_count", "alerts", "unreadable_count",
            "unreadable", "failure", "trial",
        ]  # fmt: skip
        read_only_fields = fields

    def get_unreadable(self, payload: Payload) -> list[str]:
        return payload.unreadable or []

    def get_alerts(self, payload: Payload) -> list[int]:
        return [pk for pk in payload.alert_ids if pk in self.context.get("visible", ())]


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """One condition a machine reports. `incident` is a reference such as INC-42, or null."""

    state = serializers.SerializerMethodField()
    labels = serializers.DictField(child=serializers.CharField())
    links = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    incident = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = [
            "id", "source", "dedup_key", "title", "body", "severity", "state", "labels", "links", "service",
            "started_at", "resolved_at", "last_seen_at", "deliveries", "is_test", "incident",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Alert.State.choices))
    def get_state(self, alert: Alert) -> str:
        return alert.shown_state

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_incident(self, alert: Alert) -> str | None:
        return alert.incident.reference if alert.incident else None


class AlertFilter(serializers.Serializer[Any]):
    """Which alerts to list."""

    source = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)  # type: ignore[assignment]
    state = serializers.ChoiceField(required=False, choices=Alert.State.choices)
    dedup_key = serializers.CharField(required=False, max_length=4000, trim_whitespace=False)
    service = ServiceField(required=False, queryset=Service.objects.all(), help_text="A service, by id or slug.")
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=1200, help_text="“name=value”, or “name” alone."
    )
    q = serializers.CharField(required=False, max_length=200, help_text="Words in the title.")


class PayloadFilter(serializers.Serializer[Any]):
    """Which payloads to list."""

    source = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)  # type: ignore[assignment]
    state = serializers.ChoiceField(required=False, choices=Payload.State.choices)


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many payloads are read again."""

    payloads = serializers.IntegerField()
