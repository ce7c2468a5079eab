"""/api/v1/escalation-policies/: plans with their steps and targets."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.access import person_of
from accounts.fields import PersonField, TeamField
from accounts.permissions import Verb
from core import names
from oncall import actions, queries
from oncall.api.fields import ScheduleField, WholeListField
from oncall.api.named import NamedFilter, NamedViewSet
from oncall.models import Duty, EscalationPolicy, Step, Target
from oncall.values import LONGEST_WAIT, MOST_REPEATS, MOST_STEPS, MOST_TARGETS, StepValues, TargetValues

FIELD_OF = {"person": PersonField, "team": TeamField, "schedule": ScheduleField}
KINDS = {
    **dict.fromkeys(("person", "user", "people", "users"), "person"),
    **dict.fromkeys(("team", "teams", "group"), "team"),
    **dict.fromkeys(("schedule", "schedules", "on_call", "oncall", "on-call"), "schedule"),
}
KNOWN = {"kind", "type", "id", "duty", "name", *KINDS}
TARGET = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["person", "team", "schedule"]},
        "id": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        "person": {"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "An id or an e-mail address."},
        "team": {"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "An id or a slug."},
        "schedule": {"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "An id or a slug."},
        "duty": {"type": "string", "enum": ["primary", "secondary"]},
        "name": {"type": "string", "readOnly": True},
    },
    "required": ["kind"],
}


@extend_schema_field(TARGET)
class TargetField(serializers.Field[Any, Any, Any, Any]):
    """Whom a step calls: {"kind": "schedule", "schedule": 3, "duty": "primary"}, {"kind": "person", "person": 7} or
    {"kind": "team", "team": 2}. `id` may stand for the last part, `type` for `kind` and `user` for `person`."""

    def to_internal_value(self, data: Any) -> TargetValues:
        if not isinstance(data, Mapping):
            raise ValidationError('Give an object such as {"kind": "schedule", "schedule": 3, "duty": "primary"}.')
        unknown = sorted(str(key)[:40] for key in data.keys() - KNOWN)
        if unknown:
            raise ValidationError(f"“{unknown[0]}” is unknown; a target has kind, person, team or schedule, and duty.")
        kind = self._kind(data)
        words = [word for word, meant in KINDS.items() if meant == kind]
        given = next((data[word] for word in (*words, "id") if data.get(word) is not None), None)
        if given is None:
            raise ValidationError(f'A target of kind “{kind}” names it: {{"kind": "{kind}", "{kind}": 1}}.')
        duty = data.get("duty") or Duty.PRIMARY
        if duty not in Duty.values:
            raise ValidationError("duty is “primary” or “secondary”.")
        return TargetValues(**{kind: FIELD_OF[kind]().run_validation(given)}, duty=str(duty))

    def _kind(self, data: Mapping[str, Any]) -> str:
        word = data.get("kind", data.get("type"))
        if word is None:
            named = {meant for key, meant in KINDS.items() if data.get(key) is not None}
            if len(named) == 1:
                return named.pop()
            raise ValidationError("A target has a kind: person, team or schedule.")
        found = KINDS.get(word.casefold()) if isinstance(word, str) else None
        if found is None:
            raise ValidationError(f"“{str(word)[:40]}” is no kind of target; give person, team or schedule.")
        return found

    def to_representation(self, value: Target) -> dict[str, Any]:
        told = queries.target_of(value)
        duty = {"duty": told["duty"]} if told["duty"] else {}
        return {"kind": told["kind"], "id": told["id"], told["kind"]: told["id"], **duty, "name": told["name"]}


class StepSerializer(serializers.Serializer[Step]):
    """One step: call the targets, then wait so many whole seconds before the next one."""

    wait_seconds = serializers.IntegerField(min_value=0, max_value=LONGEST_WAIT, default=300)
    targets = serializers.ListField(child=TargetField(), min_length=1, max_length=MOST_TARGETS)

    def to_representation(self, instance: Step) -> dict[str, Any]:
        field = TargetField()
        targets = [field.to_representation(target) for target in instance.targets.all()]
        return {"wait_seconds": instance.wait_seconds, "targets": targets}


@extend_schema_field(StepSerializer(many=True))
class StepsField(WholeListField):
    """All steps of a policy."""


class PolicySerializer(serializers.ModelSerializer[EscalationPolicy]):
    """A plan. `repeat_times`: how often all steps are walked again. `fallback`: whom to call when nobody answered, by
    id or e-mail address; null: every administrator. Writing `steps` writes all of them."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    team = TeamField(required=False, allow_null=True)
    repeat_times = serializers.IntegerField(min_value=0, max_value=MOST_REPEATS, required=False)
    fallback = PersonField(required=False, allow_null=True)
    steps = StepsField(StepSerializer, most=MOST_STEPS, required=False)

    class Meta:
        model = EscalationPolicy
        fields = ["id", "name", "description", "team", "repeat_times", "fallback", "steps"]

    def validate_name(self, value: str) -> str:
        same = EscalationPolicy.objects.filter(name__iexact=value)
        if (same.exclude(pk=self.instance.pk) if isinstance(self.instance, EscalationPolicy) else same).exists():
            raise ValidationError(f"There is a policy called “{value}” already.")
        return value

    def create(self, validated_data: dict[str, Any]) -> EscalationPolicy:
        steps = [StepValues(**step) for step in validated_data.pop("steps", [])]
        return actions.add_policy(validated_data.pop("name"), steps=steps, **validated_data)

    def update(self, instance: EscalationPolicy, validated_data: dict[str, Any]) -> EscalationPolicy:
        asked = validated_data.pop("steps", None)
        steps = None if asked is None else [StepValues(**step) for step in asked]
        return actions.change_policy(instance, steps=steps, **validated_data)


@extend_schema_view(list=extend_schema(parameters=[NamedFilter]))
class PolicyViewSet(NamedViewSet[EscalationPolicy]):
    """Plans of whom to page, in which order. What is being paged already goes on by the plan as it stood."""

    queryset = EscalationPolicy.objects.prefetch_related(
        Prefetch(
            "steps",
            Step.objects.prefetch_related(
                Prefetch("targets", Target.objects.select_related("person", "team", "schedule"))
            ),
        )
    )
    serializer_class = PolicySerializer
    lookup_value_regex = r"\d{1,18}"
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def perform_destroy(self, instance: EscalationPolicy) -> None:
        actions.remove_policy(instance, actor=person_of(self.request), at=timezone.now())
