"""/api/v1/incidents/: declared, listed, changed, and moved by its verbs."""

from collections.abc import Callable
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person_of, require
from accounts.permissions import Verb
from incidents import actions, escalation, queries
from incidents.api.parts import Parts
from incidents.api.serializers import (
    ChangeSerializer,
    DeclineSerializer,
    IncidentFilter,
    IncidentSerializer,
    NothingSerializer,
    PageRequestSerializer,
    SeverityChangeSerializer,
)
from incidents.models import Incident, RoleAssignment

REFERENCE = OpenApiParameter("reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="INC-42")
HOLDERS = Prefetch("roles", RoleAssignment.objects.filter(left_at=None).select_related("person"))


@extend_schema_view(
    list=extend_schema(parameters=[IncidentFilter]),
    retrieve=extend_schema(parameters=[REFERENCE]),
)
class IncidentViewSet(
    Parts,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Incident],
):
    """Incidents a person may know of. A private one that does not admit them is not found, like one that never was.

    The verbs may be repeated: whoever did it already is answered with the incident as it stands; somebody else is told,
    with 409, who was first.
    """

    queryset = Incident.objects.none()
    serializer_class = IncidentSerializer
    lookup_field = "reference"
    lookup_value_regex = "[A-Za-z0-9-]+"

    def verb_for(self, request: Request) -> Verb:
        """Looking is everyone's, working a responder's. Who was paged may acknowledge: that is judged there."""
        if request.method in SAFE_METHODS or self.action == "acknowledge":
            return Verb.LOOK
        return Verb.RESPOND

    def get_queryset(self) -> QuerySet[Incident]:
        if not self.request or not self.request.user.is_authenticated:
            return Incident.objects.none()
        return _shown(Incident.objects.visible_to(person_of(self.request)))

    def get_object(self) -> Incident:
        return queries.visible_incident(person_of(self.request), self.kwargs["reference"])

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        chosen = IncidentFilter(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        asked = chosen.validated_data
        found = _shown(queries.search(person_of(self.request), asked["q"])) if asked.get("q") else queryset
        found = found.filter(**{name: asked[name] for name in ("status", "severity", "service") if name in asked})
        if asked["open"] is not None:
            still = Incident.objects.open().values("pk")
            found = found.filter(pk__in=still) if asked["open"] else found.exclude(pk__in=still)
        return found if asked["drill"] is None else found.filter(drill=asked["drill"])

    @extend_schema(request=IncidentSerializer, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Declare an incident. The policy of its service pages at once."""
        given = IncidentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        typed = {"service": None, **given.validated_data}
        asked_by, at = person_of(request), timezone.now()
        incident = actions.declare(**typed, actor=asked_by, at=at, origin=Incident.Origin.API)
        return self.told(incident, status.HTTP_201_CREATED)

    @extend_schema(parameters=[REFERENCE], request=ChangeSerializer, responses=IncidentSerializer)
    def partial_update(self, request: Request, reference: str) -> Response:
        """Change the title, the summary, the service, or who may see it: all that is sent, or nothing."""
        incident = self.get_object()
        given = ChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        details = cast("actions.Details", given.validated_data)
        actions.change(incident, details, actor=person_of(request), at=timezone.now())
        return self.told(incident)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, reference: str) -> Response:
        """Somebody is on it: the paging stops. Who was paged may do it, whatever their role."""
        me = person_of(request)
        if not queries.was_paged(me, self.get_object()):
            require(me, Verb.RESPOND)
        return self._do(actions.acknowledge)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, reference: str) -> Response:
        """It is real: out of triage."""
        return self._do(actions.accept)

    @extend_schema(parameters=[REFERENCE], request=DeclineSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """It is noise: out of triage and out of the figures."""
        given = DeclineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._do(actions.decline, reason=given.validated_data["reason"])

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def identify(self, request: Request, reference: str) -> Response:
        """The cause is known."""
        return self._do(actions.identify)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def mitigate(self, request: Request, reference: str) -> Response:
        """Nobody is harmed any more."""
        return self._do(actions.mitigate)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, reference: str) -> Response:
        """It is over."""
        return self._do(actions.resolve)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, reference: str) -> Response:
        """It was not over."""
        return self._do(actions.reopen)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, reference: str) -> Response:
        """Nothing is left to do."""
        return self._do(actions.close)

    @extend_schema(parameters=[REFERENCE], request=NothingSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, reference: str) -> Response:
        """Page the next people now."""
        return self._do(escalation.escalate_now)

    @extend_schema(
        methods=["POST"], operation_id="incidents_page_somebody", parameters=[REFERENCE], request=PageRequestSerializer,
        responses=IncidentSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def page(self, request: Request, reference: str) -> Response:
        """Page one person now, with a reason, beside the plan."""
        given = PageRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        typed = given.validated_data
        incident = self.get_object()
        me, at = person_of(request), timezone.now()
        actions.page_somebody(incident, typed["person"], words=typed["reason"], actor=me, at=at)
        return self.told(incident)

    @extend_schema(parameters=[REFERENCE], request=SeverityChangeSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def severity(self, request: Request, reference: str) -> Response:
        """Change how bad it is."""
        incident = self.get_object()
        given = SeverityChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        chosen = given.validated_data["severity"]
        actions.change_severity(incident, chosen, actor=person_of(request), at=timezone.now())
        return self.told(incident)

    def _do(self, verb: Callable[..., Any], **more: Any) -> Response:
        incident = self.get_object()
        verb(incident, actor=person_of(self.request), at=timezone.now(), **more)
        return self.told(incident)

    def told(self, incident: Incident, code: int = status.HTTP_200_OK) -> Response:
        """The incident as it stands now; not found, where it was closed to them while they acted."""
        fresh = _shown(Incident.objects.visible_to(person_of(self.request))).filter(pk=incident.pk).first()
        if fresh is None:
            raise Http404(incident.reference)
        return Response(IncidentSerializer(fresh).data, status=code)


def _shown(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    return rows.select_related("severity", "service", "declared_by").prefetch_related(HOLDERS)
