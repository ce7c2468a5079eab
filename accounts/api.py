"""The API of accounts/: teams, and who is asking. People are registered by notifications/, which adds their contact
methods."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.urls import re_path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.access import person_of
from accounts.fields import PersonField, TeamField, TimeZoneField
from accounts.models import ROLE_CHOICES, Membership, Team, User
from accounts.permissions import Verb
from core import names
from core.api import router
from core.api_fields import ByIdOrSlug
from core.slugs import is_free_word

BY_ID_OR_SLUG = OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its id or its slug.")
LANGUAGES = [("", "As the browser asks"), ("en", "English"), ("zh-hans", "简体中文")]


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team. `members` and `leads` are people, by id or e-mail address; leads are members. Callers of `save` give
    `actor` and `at`."""

    name = serializers.CharField(validators=[names.visible], max_length=120)
    slug = serializers.SlugField(max_length=120, required=False)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    members = PersonField(many=True, required=False)
    leads = PersonField(many=True, required=False, source="leading")

    class Meta:
        model = Team
        fields = ["id", "name", "slug", "description", "members", "leads"]

    def validate_slug(self, value: str) -> str:
        if not is_free_word(value):
            raise serializers.ValidationError(
                "A slug needs a letter, and must not be a word that addresses use (new, severities)."
            )
        return value

    def to_representation(self, instance: Team) -> dict[str, Any]:
        seats = list(instance.memberships.all())
        return {
            "id": instance.pk,
            "name": instance.name,
            "slug": instance.slug,
            "description": instance.description,
            "members": [seat.person_id for seat in seats],
            "leads": [seat.person_id for seat in seats if seat.is_lead],
        }

    def create(self, validated_data: dict[str, Any]) -> Team:
        return actions.add_team(leads=validated_data.pop("leading", ()), **validated_data)

    def update(self, instance: Team, validated_data: dict[str, Any]) -> Team:
        if "leading" in validated_data:
            validated_data["leads"] = validated_data.pop("leading")
        return actions.change_team(instance, **validated_data)


class TeamFilter(serializers.Serializer[Any]):
    """Which teams to list."""

    q = serializers.CharField(required=False, help_text="Words in the name.")
    member = PersonField(required=False, help_text="A person, by id or e-mail address.")


@extend_schema_view(
    list=extend_schema(parameters=[TeamFilter]),
    retrieve=extend_schema(parameters=[BY_ID_OR_SLUG]),
    update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    partial_update=extend_schema(parameters=[BY_ID_OR_SLUG]),
    destroy=extend_schema(parameters=[BY_ID_OR_SLUG]),
)
class TeamViewSet(ByIdOrSlug, viewsets.ModelViewSet[Team]):
    """People who own services and answer for them together."""

    queryset = Team.objects.prefetch_related("memberships")
    serializer_class = TeamSerializer
    read_verb = Verb.LOOK
    write_verb = Verb.CONFIGURE

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        asked = asked_for(TeamFilter, self.request)
        if "q" in asked:
            found = found.filter(name__icontains=asked["q"])
        return found.filter(members=asked["member"]) if "member" in asked else found

    def perform_create(self, serializer: serializers.BaseSerializer[Team]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[Team]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_destroy(self, instance: Team) -> None:
        actions.remove_team(instance, actor=person_of(self.request), at=timezone.now())


class SeatSerializer(serializers.ModelSerializer[Membership]):
    """One team of a person."""

    class Meta:
        model = Membership
        fields = ["team", "is_lead"]


class UserSerializer(serializers.ModelSerializer[User]):
    """A person. `password` is optional and only ever written. Callers of `save` give `actor` and `at`."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(validators=[names.visible], max_length=120)
    role = serializers.ChoiceField(choices=ROLE_CHOICES, required=False)
    time_zone = TimeZoneField(max_length=64, required=False)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    password = serializers.CharField(write_only=True, required=False, max_length=200, trim_whitespace=False)
    teams = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            *("id", "email", "name", "role", "time_zone", "language", "theme"),
            *("is_active", "joined_at", "teams", "password"),
        ]
        read_only_fields = ["is_active", "joined_at"]

    @extend_schema_field(SeatSerializer(many=True))
    def get_teams(self, person: User) -> list[dict[str, Any]]:
        return [{"team": seat.team_id, "is_lead": seat.is_lead} for seat in person.memberships.all()]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in attrs:
            known = User(email=attrs.get("email", ""), name=attrs.get("name", ""))
            try:
                validate_password(attrs["password"], known)
            except ValidationError as error:
                raise serializers.ValidationError({"password": error.messages}) from None
        return attrs

    def create(self, validated_data: dict[str, Any]) -> User:
        theme = validated_data.pop("theme", None)
        with transaction.atomic():
            person = actions.add_person(**validated_data)
            if theme:
                by = {"actor": validated_data["actor"], "at": validated_data["at"]}
                person = actions.change_person(person, theme=theme, **by)
        return person

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        if "password" in validated_data:
            sentence = "A password is given when a person is added; afterwards only they themselves change it."
            raise serializers.ValidationError({"password": [sentence]})
        actor, at = validated_data["actor"], validated_data["at"]
        with transaction.atomic():
            if "role" in validated_data:
                actions.change_role(instance, validated_data.pop("role"), actor=actor, at=at)
            return actions.change_person(instance, **validated_data)


class UserFilter(serializers.Serializer[Any]):
    """Which people to list."""

    q = serializers.CharField(required=False, help_text="Words in the name or the e-mail address.")
    email = serializers.CharField(required=False, help_text="The whole e-mail address.")
    role = serializers.ChoiceField(choices=ROLE_CHOICES, required=False)
    team = TeamField(required=False, help_text="A team, by id or slug.")
    active = serializers.BooleanField(required=False, allow_null=True, default=None)


@extend_schema_view(list=extend_schema(parameters=[UserFilter]))
class UserViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[User],
):
    """People. They are deactivated, never deleted: what they did stays told."""

    queryset = User.objects.prefetch_related(Prefetch("memberships", Membership.objects.order_by("team_id")))
    serializer_class = UserSerializer
    lookup_value_regex = r"\d+"
    read_verb = Verb.LOOK
    write_verb = Verb.ADMINISTER

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        asked = asked_for(UserFilter, self.request)
        for word in asked.get("q", "").split()[:8]:
            found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
        if "email" in asked:
            found = found.filter(email__iexact=asked["email"])
        if "role" in asked:
            found = found.filter(role=asked["role"])
        if "team" in asked:
            found = found.filter(memberships__team=asked["team"])
        return found if asked["active"] is None else found.filter(is_active=asked["active"])

    def perform_create(self, serializer: serializers.BaseSerializer[User]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[User]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str = "") -> Response:
        """They can no longer sign in and are paged no more."""
        done = actions.deactivate(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str = "") -> Response:
        """They may sign in again."""
        done = actions.reactivate(self.get_object(), actor=person_of(request), at=timezone.now())
        return Response(self.get_serializer(done).data)


class OwnSerializer(UserSerializer):
    """The person whose token it is. Role and address are changed by an administrator."""

    class Meta(UserSerializer.Meta):
        fields = [name for name in UserSerializer.Meta.fields if name != "password"]
        read_only_fields = ["email", "role", "is_active", "joined_at"]

    email = serializers.EmailField(read_only=True)
    role = serializers.ChoiceField(choices=ROLE_CHOICES, read_only=True)
    password = None  # type: ignore[assignment]


class Me(APIView):
    """Who is asking."""

    read_verb = Verb.LOOK
    write_verb = Verb.LOOK

    @extend_schema(responses=OwnSerializer, operation_id="me_retrieve")
    def get(self, request: Request) -> Response:
        return Response(OwnSerializer(person_of(request)).data)

    @extend_schema(request=OwnSerializer, responses=OwnSerializer, operation_id="me_partial_update")
    def patch(self, request: Request) -> Response:
        found = OwnSerializer(person_of(request), data=request.data, partial=True)
        found.is_valid(raise_exception=True)
        found.save(actor=person_of(request), at=timezone.now())
        return Response(found.data)


def asked_for(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query parameters as `kind` reads them; a wrong one is answered 400 with a sentence."""
    chosen = kind(data=request.query_params)
    chosen.is_valid(raise_exception=True)
    found: dict[str, Any] = chosen.validated_data
    return found


addresses = router()
addresses.register("teams", TeamViewSet, basename="team")
urlpatterns = [re_path(r"^me/?$", Me.as_view(), name="me"), *addresses.urls]
