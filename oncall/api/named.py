"""What schedules and policies have in common: a name and a team to find them by, and a writer."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework import serializers, viewsets

from accounts.access import person_of
from accounts.fields import TeamField

Row = TypeVar("Row", bound=Model)


class NamedFilter(serializers.Serializer[Any]):
    """Which of them to list."""

    q = serializers.CharField(required=False, help_text="Words in the name.")
    team = TeamField(required=False, help_text="A team, by id or slug.")


class NamedViewSet(viewsets.ModelViewSet[Row]):
    """Listed by name or team, and written now by whoever asks."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        chosen = NamedFilter(data=self.request.query_params)
        chosen.is_valid(raise_exception=True)
        if "q" in chosen.validated_data:
            found = found.filter(name__icontains=chosen.validated_data["q"])
        return found.filter(team=chosen.validated_data["team"]) if "team" in chosen.validated_data else found

    def perform_create(self, serializer: serializers.BaseSerializer[Row]) -> None:
        serializer.save(actor=person_of(self.request), at=timezone.now())

    def perform_update(self, serializer: serializers.BaseSerializer[Row]) -> None:
        changed = serializer.save(actor=person_of(self.request), at=timezone.now())
        serializer.instance = self.get_queryset().get(pk=changed.pk)
