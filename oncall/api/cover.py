"""/api/v1/swaps/ and /api/v1/absences/: who stands in for whom."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.fields import PersonField
from accounts.models import User
from accounts.permissions import Verb
from core.errors import NotAllowed
from oncall import actions
from oncall.api.fields import MomentField, PersonShort, ScheduleField
from oncall.models import Absence, AbsenceKind, Duty, Swap, SwapState


class ReturnSerializer(serializers.Serializer[Any]):
    """The shift that whoever offers takes in return."""

    duty = serializers.ChoiceField(choices=Duty.choices, default=Duty.PRIMARY)
    starts_at = MomentField()
    ends_at = MomentField()


class SwapSerializer(serializers.ModelSerializer[Swap]):
    """A shift, or a part of it, that `person` offers: to `offered_to`, or to everybody of the schedule (null). The
    first to accept takes it. `expires_at`: from then on nobody can. `in_return`: the shift that is asked for."""

    schedule = ScheduleField()
    duty = serializers.ChoiceField(choices=Duty.choices, default=Duty.PRIMARY)
    person = PersonField(required=False, help_text="Who offers; whoever asks, if it is left out.")
    starts_at = MomentField()
    ends_at = MomentField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    offered_to = PersonField(required=False, allow_null=True, default=None)
    in_return = ReturnSerializer(required=False, allow_null=True, default=None)
    state = serializers.ChoiceField(choices=SwapState.choices, read_only=True)
    asked = serializers.SerializerMethodField()
    taken_by = PersonShort(read_only=True, allow_null=True)

    class Meta:
        model = Swap
        fields = ["id", "schedule", "duty", "person", "starts_at", "ends_at", "reason", "offered_to", "in_return",
                  "state", "asked", "taken_by", "absence", "expires_at", "created_at", "closed_at"]  # fmt: skip
        read_only_fields = ["absence", "expires_at", "created_at", "closed_at"]

    def get_asked(self, swap: Swap) -> list[int]:
        """The ids of everybody who was asked and has not declined."""
        return [ask.person_id for ask in swap.asks.all() if ask.declined_at is None]

    def to_representation(self, instance: Swap) -> dict[str, Any]:
        told = super().to_representation(instance)
        returned = {"duty": instance.return_duty, "starts_at": instance.return_starts_at,
                    "ends_at": instance.return_ends_at}  # fmt: skip
        told["in_return"] = ReturnSerializer(returned).data if instance.return_starts_at else None
        return told

    def create(self, validated_data: dict[str, Any]) -> Swap:
        given = validated_data.pop("in_return")
        exchange = actions.Exchange(str(given["duty"]), given["starts_at"], given["ends_at"]) if given else None
        return actions.offer_shift(
            validated_data.pop("schedule"), to=validated_data.pop("offered_to"), in_return=exchange, **validated_data
        )


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    """Somebody is away from `starts_at` until just before `ends_at`. `kind` and `note` are told to themselves and to
    managers; to others they are null. `swaps`: the requests for cover it opened."""

    person = PersonField(required=False, help_text="Who is away; whoever asks, if it is left out.")
    kind = serializers.ChoiceField(choices=AbsenceKind.choices, default=AbsenceKind.HOLIDAY)
    starts_at = MomentField()
    ends_at = MomentField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    swaps = serializers.PrimaryKeyRelatedField[Swap](many=True, read_only=True)

    class Meta:
        model = Absence
        fields = ["id", "person", "kind", "starts_at", "ends_at", "note", "created_at", "withdrawn_at", "swaps"]
        read_only_fields = ["created_at", "withdrawn_at"]

    def to_representation(self, instance: Absence) -> dict[str, Any]:
        told = super().to_representation(instance)
        reader = self.context["request"].user
        if instance.person_id != reader.pk and not reader.can_configure:
            told["kind"] = told["note"] = None
        return told

    def create(self, validated_data: dict[str, Any]) -> Absence:
        return actions.add_absence(validated_data.pop("person"), **validated_data)


class SwapFilter(serializers.Serializer[Any]):
    """Which swaps to list."""

    state = serializers.ChoiceField(choices=SwapState.choices, required=False)
    person = PersonField(required=False, help_text="Who offers, by id or e-mail address.")
    schedule = ScheduleField(required=False, help_text="By id or slug.")


class AbsenceFilter(serializers.Serializer[Any]):
    """Which absences to list."""

    person = PersonField(required=False, help_text="Who is away, by id or e-mail address.")
    at = serializers.DateTimeField(required=False, help_text="Only those that hold at this moment.")


class _Cover(
    mixins.CreateModelMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):  # fmt: skip
    lookup_value_regex = r"\d{1,18}"
    read_verb = Verb.LOOK
    write_verb = Verb.RESPOND
    filter_class: type[serializers.Serializer[Any]]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        chosen = self.filter_class(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        return self.chosen(found, dict(chosen.validated_data))

    def chosen(self, rows: QuerySet[Any], by: dict[str, Any]) -> QuerySet[Any]:
        """The rows that the query parameters mean."""
        return rows.filter(**by)

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        asker, now = person_of(self.request), timezone.now()
        person = serializer.validated_data.get("person", asker)
        _require_own(asker, person)
        made = serializer.save(person=person, actor=asker, at=now)
        serializer.instance = self.get_queryset().get(pk=made.pk)

    def _answer(self, row: Any) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)


@extend_schema_view(list=extend_schema(parameters=[SwapFilter]))
class SwapViewSet(_Cover):
    """Shifts that are offered, and who took them."""

    queryset = Swap.objects.select_related("taken_by").prefetch_related("asks")
    serializer_class = SwapSerializer
    filter_class = SwapFilter

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str = "") -> Response:
        """Take it. The first one wins; whoever comes later is answered 409."""
        return self._answer(actions.accept_swap(self.get_object(), actor=person_of(request), at=timezone.now()))

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str = "") -> Response:
        """Say no."""
        return self._answer(actions.decline_swap(self.get_object(), actor=person_of(request), at=timezone.now()))

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str = "") -> Response:
        """Offer it no longer."""
        swap = self.get_object()
        _require_own(person_of(request), swap.person)
        return self._answer(actions.withdraw_swap(swap, actor=person_of(request), at=timezone.now()))


@extend_schema_view(list=extend_schema(parameters=[AbsenceFilter]))
class AbsenceViewSet(_Cover):
    """Who is away. Whatever they hold meanwhile is offered to the others at once."""

    queryset = Absence.objects.prefetch_related("swaps")
    serializer_class = AbsenceSerializer
    filter_class = AbsenceFilter

    def chosen(self, rows: QuerySet[Any], by: dict[str, Any]) -> QuerySet[Any]:
        moment: datetime | None = by.pop("at", None)
        if moment is not None:
            if not 1990 <= moment.year <= 2150:
                raise ValidationError({"at": ["Give a moment between 1990 and 2150."]})
            by |= {"starts_at__lte": moment, "ends_at__gt": moment, "withdrawn_at": None}
        return rows.filter(**by)

    @extend_schema(request=None, responses=AbsenceSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str = "") -> Response:
        """They are here after all: what nobody has taken yet is offered no longer."""
        absence = self.get_object()
        _require_own(person_of(request), absence.person)
        return self._answer(actions.withdraw_absence(absence, actor=person_of(request), at=timezone.now()))


def _require_own(asker: User, person: User) -> None:
    if asker.pk != person.pk and not asker.can_configure:
        raise NotAllowed(_("Only they themselves, or a manager, may do this."))
