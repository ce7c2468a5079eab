"""Fields of the API that several rooms use."""

import re
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    _Mixin = GenericViewSet[Any]
else:
    _Mixin = object

LARGEST_ID = 2**63 - 1
LOOKUP = r"[-\w]+"
_WORD = re.compile(r"[-\w]{1,200}", re.ASCII)


def found_by(rows: QuerySet[Any], word: str, *, slug: str = "slug") -> Any | None:
    """The row whose id (digits) or slug is `word`; None if there is none."""
    if word.isascii() and word.isdigit():
        return rows.filter(pk=int(word)).first() if len(word) < 20 and int(word) <= LARGEST_ID else None
    return rows.filter(**{f"{slug}__iexact": word}).first() if _WORD.fullmatch(word) else None


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class IdOrSlugField(serializers.RelatedField[Any, Any, int]):
    """Takes an id (7) or a slug ("checkout"); answers with the id."""

    default_error_messages = {
        "does_not_exist": "There is nothing called “{value}”.",
        "incorrect_type": "Give an id (a number) or a slug (a word).",
    }

    def __init__(self, *, slug: str = "slug", **more: Any) -> None:
        self.slug = slug
        super().__init__(**more)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("incorrect_type")
        rows = self.get_queryset()
        assert rows is not None
        found = self.find(rows, str(data).strip())
        if found is None:
            self.fail("does_not_exist", value=str(data)[:80])
        return found

    def find(self, rows: QuerySet[Any], word: str) -> Any | None:
        """The row that `word` means."""
        return found_by(rows, word, slug=self.slug)

    def to_representation(self, value: Any) -> int:
        return int(value.pk)

    def use_pk_only_optimization(self) -> bool:
        return True


class ByIdOrSlug(_Mixin):
    """A viewset whose rows are found by id or by slug: /services/7/ and /services/checkout/."""

    lookup_value_regex = LOOKUP
    lookup_field = "pk"
    slug_field = "slug"

    def get_object(self) -> Any:
        rows = self.filter_queryset(self.get_queryset())
        found = found_by(rows, str(self.kwargs[self.lookup_url_kwarg or self.lookup_field]), slug=self.slug_field)
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found
