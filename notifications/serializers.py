"""What the API says of contact methods, rules and messages."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.access import person_of
from accounts.api import UserSerializer
from accounts.models import User
from accounts.permissions import Verb
from core import names
from core.errors import NotAllowed, Refused
from notifications import actions, signing
from notifications.channels import CHANNELS
from notifications.models import Attempt, ChannelName, ContactMethod, Message, NotificationRule


def shown_address(viewer: object, owner: int | None, channel: str, address: str) -> str:
    """The address, whole for its owner and administrators, masked for others."""
    if isinstance(viewer, User) and (viewer.pk == owner or viewer.is_administrator):
        return address
    return CHANNELS[channel].mask(address) if channel in CHANNELS else "…"


class ContactMethodSerializer(serializers.ModelSerializer[ContactMethod]):
    """A way to reach a person. Administrators may give `verified`, and then vouch that it works; otherwise a code goes
    to the address. Others than its owner and administrators see the address masked."""

    channel = serializers.ChoiceField(choices=ChannelName.choices)
    address = serializers.CharField(max_length=1000)
    label = serializers.CharField(validators=[names.visible], max_length=80, required=False, allow_blank=True)  # type: ignore[assignment]
    verified = serializers.BooleanField(required=False, write_only=True)

    class Meta:
        model = ContactMethod
        fields = ["id", "channel", "address", "label", "verified", "verified_at"]
        read_only_fields = ["verified_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            attrs["address"] = actions.clean_address(attrs["channel"], attrs["address"])
        except Refused as refusal:
            raise serializers.ValidationError({"address": [refusal.sentence]}) from None
        return attrs

    def to_representation(self, instance: ContactMethod) -> dict[str, Any]:
        viewer = getattr(self.context.get("request"), "user", None)
        return {
            "id": instance.pk,
            "channel": instance.channel,
            "address": shown_address(viewer, instance.person_id, instance.channel, instance.address),
            "label": instance.label,
            "verified": instance.verified_at is not None,
            "verified_at": instance.verified_at.isoformat() if instance.verified_at else None,
        }


class ContactMethodWithSecretSerializer(ContactMethodSerializer):
    """One contact method for its owner: `signing_secret` is the key of the signatures of a webhook, null otherwise."""

    signing_secret = serializers.SerializerMethodField()

    class Meta(ContactMethodSerializer.Meta):
        fields = [*ContactMethodSerializer.Meta.fields, "signing_secret"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_signing_secret(self, method: ContactMethod) -> str | None:
        return signing.secret(method.owner, method.secret_version) if method.channel == ChannelName.WEBHOOK else None

    def to_representation(self, instance: ContactMethod) -> dict[str, Any]:
        return {**super().to_representation(instance), "signing_secret": self.get_signing_secret(instance)}


class CodeSerializer(serializers.Serializer[Any]):
    """The code that was sent to the address."""

    code = serializers.CharField(max_length=20)


class RuleSerializer(serializers.ModelSerializer[NotificationRule]):
    """Pages of `urgency` reach the person by `method`, `after_seconds` after the page."""

    urgency = serializers.ChoiceField(choices=[("high", "High"), ("low", "Low")])
    after_seconds = serializers.IntegerField(min_value=0, max_value=3600, default=0)
    method = serializers.PrimaryKeyRelatedField(queryset=ContactMethod.objects.all())

    class Meta:
        model = NotificationRule
        fields = ["id", "urgency", "after_seconds", "method"]


class TrySerializer(serializers.ModelSerializer[Attempt]):
    """One try at sending: its outcome is sent, try_again, gave_up, or unknown when the sender was lost."""

    class Meta:
        model = Attempt
        fields = ["number", "started_at", "finished_at", "outcome", "detail"]


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One message of the outbox and every try at sending it. Its words are not shown."""

    address = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField(source="next_attempt_at", read_only=True, allow_null=True)
    tries = TrySerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = [
            *("id", "topic", "kind", "person", "channel", "address", "subject", "state", "attempts", "due_at"),
            *("created_at", "sent_at", "possibly_repeated", "idempotency_key", "failure", "tries"),
        ]
        read_only_fields = fields

    def get_address(self, message: Message) -> str:
        viewer = getattr(self.context.get("request"), "user", None)
        return shown_address(viewer, message.person_id, message.channel, message.address)


@extend_schema_serializer(component_name="User")
class PersonSerializer(UserSerializer):
    """A person and how they can be reached. Written, `contact_methods` is the whole list: what is missing is added,
    what is not named is removed. Everybody new can be reached by the e-mail of their account."""

    contact_methods = ContactMethodSerializer(many=True, required=False)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "contact_methods"]

    def create(self, validated_data: dict[str, Any]) -> User:
        wanted = validated_data.pop("contact_methods", None)
        person = super().create(validated_data)
        actions.ensure_account_email(person, at=validated_data["at"])
        return self._with_methods(person, wanted, validated_data, removing=False)

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        wanted = validated_data.pop("contact_methods", None)
        given = dict(validated_data)
        person = super().update(instance, validated_data)
        return self._with_methods(person, wanted, given, removing=True)

    def _with_methods(
        self, person: User, wanted: list[dict[str, Any]] | None, given: dict[str, Any], *, removing: bool
    ) -> User:
        if wanted is not None:
            actions.set_methods(person, wanted, removing=removing, actor=given["actor"], at=given["at"])
        return User.objects.prefetch_related("memberships", "contact_methods").get(pk=person.pk)


def require_voucher(serializer: ContactMethodSerializer) -> str:
    """Why the address counts as verified from the start: empty, or the administrator's name."""
    if not serializer.validated_data.get("verified"):
        return ""
    actor = person_of(serializer.context["request"])
    if not actor.may(Verb.ADMINISTER):
        raise NotAllowed("Only an administrator can vouch for an address; leave “verified” out and type the code.")
    return str(actor)
