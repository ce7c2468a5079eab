"""What programs send about incidents and are told of them."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.fields import PersonField
from catalog.fields import ServiceField, SeverityField
from catalog.models import Service
from core import names
from core.moments import reckonable
from incidents import actions, story, words
from incidents.lifecycle import Status
from incidents.models import Incident, Kind, Role, RoleAssignment, TimelineEvent, Update
from oncall.api.fields import PersonShort


class TitleField(serializers.CharField):
    """One line of at most 200 characters with something in it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=words.TITLE_LENGTH, **more)

    def to_internal_value(self, data: Any) -> str:
        tidy = words.one_line(super().to_internal_value(data), longest=words.TEXT_LENGTH)  # max_length judges it next
        if not tidy:
            self.fail("blank")
        return tidy


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident. `severity` is a code (written as code, alias such as P1, or id); `service` an id (written as id or
    slug, null for none). `commander` is null while nobody commands."""

    title = TitleField()
    severity = SeverityField()
    service = ServiceField(required=False, allow_null=True)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=words.TEXT_LENGTH)
    private = serializers.BooleanField(required=False)
    drill = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(choices=[status.value for status in Status], read_only=True)
    url = serializers.SerializerMethodField()
    commander = serializers.SerializerMethodField()
    declared_by = PersonShort(read_only=True, allow_null=True)

    class Meta:
        model = Incident
        fields = [
            *("reference", "url", "title", "summary", "status", "severity", "service", "private", "drill"),
            *("origin", "declared_by", "commander", "decline_reason", "impact_started_at", "detected_at"),
            *("declared_at", "accepted_at", "acknowledged_at", "commander_named_at", "identified_at"),
            *("first_public_update_at", "mitigated_at", "resolved_at", "closed_at"),
        ]
        read_only_fields = [
            *(
                "reference",
                "origin",
                "decline_reason",
                "impact_started_at",
                "detected_at",
                "declared_at",
                "accepted_at",
            ),
            *("acknowledged_at", "commander_named_at", "identified_at", "first_public_update_at", "mitigated_at"),
            *("resolved_at", "closed_at"),
        ]

    def get_url(self, incident: Incident) -> str:
        return f"{settings.PUBLIC_URL}/incidents/{incident.reference}/"

    @extend_schema_field(PersonShort(allow_null=True))
    def get_commander(self, incident: Incident) -> dict[str, Any] | None:
        held = [role for role in incident.roles.all() if role.role == Role.COMMANDER and role.left_at is None]
        return dict(PersonShort(held[0].person).data) if held else None


class ChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of an incident; the rest moves by its verbs."""

    title = TitleField(required=False)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=words.TEXT_LENGTH)
    service = ServiceField(required=False, allow_null=True)
    private = serializers.BooleanField(required=False)


class IncidentFilter(serializers.Serializer[Any]):
    """Which incidents to list."""

    status = serializers.ChoiceField(required=False, choices=[status.value for status in Status])
    severity = SeverityField(required=False, help_text="A code, an alias or an id.")
    service = ServiceField(required=False, queryset=Service.objects.all(), help_text="A service, by id or slug.")
    open = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="true: not over yet.")
    drill = serializers.BooleanField(required=False, allow_null=True, default=None)
    q = serializers.CharField(
        required=False, allow_blank=True, help_text="A reference, or words of title, summary, service, notes, updates."
    )


class EventSerializer(serializers.ModelSerializer[TimelineEvent]):
    """A line of the story. `words` is its sentence; `text` what a person or machine wrote; `data` differs by kind."""

    actor = PersonShort(allow_null=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = TimelineEvent
        fields = ["seq", "kind", "actor", "actor_name", "words", "text", "data", "happened_at", "recorded_at"]

    def get_words(self, event: TimelineEvent) -> str:
        return story.tell(event).words


class EventFilter(serializers.Serializer[Any]):
    """Which lines to list."""

    after = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1, help_text="After this `seq`.")
    kind = serializers.ChoiceField(required=False, choices=Kind.choices)


class NoteSerializer(serializers.Serializer[Any]):
    """A note (markdown). `happened_at` where it tells of something earlier."""

    text = serializers.CharField(max_length=words.TEXT_LENGTH)
    happened_at = serializers.DateTimeField(required=False, validators=[reckonable])


class UpdateSerializer(serializers.ModelSerializer[Update]):
    """Words to an audience. `next_update_at` promises the next ones. `public_title`: what the status pages call the
    incident from this public update on; without one they keep the title they have."""

    audience = serializers.ChoiceField(choices=Update.Audience.choices)
    text = serializers.CharField(max_length=words.TEXT_LENGTH)
    public_title = serializers.CharField(validators=[names.visible], max_length=200, required=False, allow_blank=True)
    status = serializers.CharField(read_only=True)
    author = PersonShort(read_only=True, allow_null=True)
    next_update_at = serializers.DateTimeField(required=False, allow_null=True, validators=[reckonable])

    class Meta:
        model = Update
        fields = ["id", "audience", "status", "text", "public_title", "author", "posted_at", "next_update_at"]
        read_only_fields = ["id", "posted_at"]

    def validate_next_update_at(self, value: Any) -> Any:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("The next update must be promised for a moment to come.")
        return value


class RoleSerializer(serializers.ModelSerializer[RoleAssignment]):
    """Who holds a role now."""

    person = PersonShort()

    class Meta:
        model = RoleAssignment
        fields = ["role", "person", "taken_at"]


class RoleChangeSerializer(serializers.Serializer[Any]):
    """A role and who takes or leaves it: by id or e-mail address, the token's owner if it is left out."""

    role = serializers.ChoiceField(choices=Role.choices)
    person = PersonField(required=False)


class PageRequestSerializer(serializers.Serializer[Any]):
    """Whom to page (id or e-mail address), and why."""

    person = PersonField()
    reason = serializers.CharField(max_length=actions.REASON_LENGTH)


class SeverityChangeSerializer(serializers.Serializer[Any]):
    """The severity it counts as from now on."""

    severity = SeverityField()


class DeclineSerializer(serializers.Serializer[Any]):
    """Why it is no incident."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class AdmissionSerializer(serializers.Serializer[Any]):
    """Who is admitted to a private incident."""

    person = PersonField()


class NothingSerializer(serializers.Serializer[Any]):
    """Nothing needs to be sent."""
