"""The one rule of names and titles that people type: somebody must be able to see them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.errors import Refused
from core.letters import has_visible


def require_visible(*names: str) -> None:
    """Refused where one of `names` shows nothing: empty, or spaces, joiners and controls alone."""
    if not all(has_visible(name) for name in names):
        raise Refused(_sentence(), code="name_required", status=400)


def visible(name: str) -> None:
    """The same as a validator of forms and serializers. Whether it may be empty is the field's own word."""
    if name and not has_visible(name):
        raise ValidationError(_sentence(), code="invisible")


def _sentence() -> str:
    return _("Nothing of this can be seen. Write at least one letter or digit.")
