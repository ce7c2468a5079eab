"""The API of notifications/: people with how they are reached, contact methods, rules, and the outbox."""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of
from accounts.api import UserViewSet, asked_for
from accounts.fields import PersonField
from accounts.models import User
from accounts.permissions import Verb
from core.api import router
from core.api_fields import LARGEST_ID
from notifications import actions, queries
from notifications.models import ChannelName, ContactMethod, Message, MessageKind, MessageState, NotificationRule
from notifications.serializers import (
    CodeSerializer,
    ContactMethodSerializer,
    ContactMethodWithSecretSerializer,
    MessageSerializer,
    PersonSerializer,
    RuleSerializer,
    require_voucher,
)

PERSON = OpenApiParameter("person_id", OpenApiTypes.INT, OpenApiParameter.PATH, description="Whose.")
ID = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


class PersonViewSet(UserViewSet):
    """People, and how each can be reached. They are deactivated, never deleted."""

    queryset = UserViewSet.queryset.prefetch_related(Prefetch("contact_methods", ContactMethod.objects.order_by("id")))
    serializer_class = PersonSerializer

    @transaction.atomic
    def perform_create(self, serializer: serializers.BaseSerializer[User]) -> None:
        super().perform_create(serializer)

    @transaction.atomic
    def perform_update(self, serializer: serializers.BaseSerializer[User]) -> None:
        super().perform_update(serializer)


class OfPerson(viewsets.GenericViewSet[Any]):
    """Rows of one person, /users/{person_id}/…: their own to change, and an administrator's."""

    lookup_value_regex = r"\d+"

    def verb_for(self, request: Request) -> Verb:
        """Everybody may look; one's own needs no more, somebody else's an administrator."""
        is_own = isinstance(request.user, User) and str(request.user.pk) == self.kwargs.get("person_id")
        return Verb.LOOK if is_own or request.method in {"GET", "HEAD", "OPTIONS"} else Verb.ADMINISTER

    def whose(self) -> User:
        """The person in the address; 404 where there is none."""
        number = int(self.kwargs["person_id"])
        person = User.objects.filter(pk=number).first() if number <= LARGEST_ID else None
        if person is None:
            raise Http404
        return person

    def is_theirs(self) -> bool:
        """Whether who asks may see everything of this person."""
        viewer = person_of(self.request)
        return viewer.is_administrator or str(viewer.pk) == self.kwargs["person_id"]


@extend_schema_view(
    list=extend_schema(parameters=[PERSON]),
    create=extend_schema(parameters=[PERSON], responses={201: ContactMethodWithSecretSerializer}),
    retrieve=extend_schema(parameters=[PERSON, ID], responses=ContactMethodWithSecretSerializer),
    destroy=extend_schema(parameters=[PERSON, ID]),
)
class ContactMethodViewSet(mixins.ListModelMixin, mixins.DestroyModelMixin, OfPerson):
    """How one person can be reached."""

    queryset = ContactMethod.objects.select_related("person").order_by("id")
    serializer_class = ContactMethodSerializer

    def get_queryset(self) -> QuerySet[ContactMethod]:
        return ContactMethod.objects.select_related("person").filter(person=self.whose()).order_by("id")

    def create(self, request: Request, person_id: str) -> Response:
        """Add one. Unless an administrator vouches for it (`verified`), a code is sent there."""
        person, at = self.whose(), timezone.now()
        found = ContactMethodSerializer(data=request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        given = found.validated_data
        with transaction.atomic():
            method = actions.add_method(
                person,
                channel=given["channel"],
                address=given["address"],
                label=given.get("label", ""),
                vouched=require_voucher(found),
                actor=person_of(request),
                at=at,
            )
            if method.verified_at is None:
                method = actions.send_code(method, at=at)
        return self._answer(method, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, person_id: str, pk: str) -> Response:
        """One of them; its owner and administrators see the signing secret of a webhook."""
        return self._answer(self.get_object())

    def perform_destroy(self, instance: ContactMethod) -> None:
        actions.remove_method(instance, actor=person_of(self.request), at=timezone.now())

    @extend_schema(parameters=[PERSON, ID], request=None, responses=ContactMethodSerializer)
    @action(detail=True, methods=["post"], url_path="send-code")
    def send_code(self, request: Request, person_id: str, pk: str) -> Response:
        """Send a new code to the address."""
        return self._answer(actions.send_code(self.get_object(), at=timezone.now()))

    @extend_schema(parameters=[PERSON, ID], request=CodeSerializer, responses=ContactMethodSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, person_id: str, pk: str) -> Response:
        """The code that arrived: from now on the address is used."""
        found = CodeSerializer(data=request.data)
        found.is_valid(raise_exception=True)
        code = found.validated_data["code"]
        return self._answer(actions.verify(self.get_object(), code=code, actor=person_of(request), at=timezone.now()))

    @extend_schema(parameters=[PERSON, ID], request=None, responses={202: MessageSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, person_id: str, pk: str) -> Response:
        """Send a test message; the answer says how it stands in the outbox."""
        message = actions.send_test(self.get_object(), at=timezone.now())
        return Response(MessageSerializer(message, context=self.get_serializer_context()).data, status=202)

    @extend_schema(parameters=[PERSON, ID], request=None, responses=ContactMethodWithSecretSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, person_id: str, pk: str) -> Response:
        """A new signing secret; the former one signs beside it for a day."""
        return self._answer(actions.rotate_secret(self.get_object(), actor=person_of(request), at=timezone.now()))

    def _answer(self, method: ContactMethod, code: int = status.HTTP_200_OK) -> Response:
        kind = ContactMethodWithSecretSerializer if self.is_theirs() else ContactMethodSerializer
        return Response(kind(method, context=self.get_serializer_context()).data, status=code)


@extend_schema_view(
    list=extend_schema(parameters=[PERSON]),
    create=extend_schema(parameters=[PERSON]),
    destroy=extend_schema(parameters=[PERSON, ID]),
)
class RuleViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, OfPerson):
    """Which pages reach one person by which method, and when. Without rules every verified method is used at once."""

    queryset = NotificationRule.objects.order_by("id")
    serializer_class = RuleSerializer

    def get_queryset(self) -> QuerySet[NotificationRule]:
        return NotificationRule.objects.filter(person=self.whose()).order_by("id")

    def perform_create(self, serializer: serializers.BaseSerializer[NotificationRule]) -> None:
        serializer.instance = actions.add_rule(
            self.whose(), **serializer.validated_data, actor=person_of(self.request), at=timezone.now()
        )

    def perform_destroy(self, instance: NotificationRule) -> None:
        actions.remove_rule(instance, actor=person_of(self.request), at=timezone.now())


class MessageFilter(serializers.Serializer[Any]):
    """Which messages to list."""

    state = serializers.ChoiceField(choices=MessageState.choices, required=False)
    kind = serializers.ChoiceField(choices=MessageKind.choices, required=False)
    channel = serializers.ChoiceField(choices=ChannelName.choices, required=False)
    topic = serializers.CharField(required=False, max_length=80, help_text="For example page/17.")
    person = PersonField(required=False, help_text="A person, by id or e-mail address.")


@extend_schema_view(list=extend_schema(parameters=[MessageFilter]))
class MessageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Message]):
    """The outbox: everything that went out or is about to, with every try. For administrators."""

    queryset = Message.objects.prefetch_related("tries")
    serializer_class = MessageSerializer
    lookup_value_regex = r"\d+"
    read_verb = Verb.ADMINISTER
    write_verb = Verb.ADMINISTER

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        return found.filter(**asked_for(MessageFilter, self.request)) if self.action == "list" else found

    @extend_schema(request=None, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: str = "") -> Response:
        """A message that was given up goes out once more, as a new one."""
        fresh = actions.send_again(self.get_object(), at=timezone.now())
        found = queries.recent_messages().get(pk=fresh.pk)
        return Response(self.get_serializer(found).data, status=status.HTTP_201_CREATED)


addresses = router()
addresses.register("users", PersonViewSet, basename="user")
addresses.register(r"users/(?P<person_id>\d+)/contact-methods", ContactMethodViewSet, basename="contact-method")
addresses.register(r"users/(?P<person_id>\d+)/notification-rules", RuleViewSet, basename="notification-rule")
addresses.register("messages", MessageViewSet, basename="message")
urlpatterns = addresses.urls
