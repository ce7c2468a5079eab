"""The one form of objectives."""

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from catalog.models import Service
from core import names
from core.forms import ModelForm
from reliability.models import Objective


class ObjectiveForm(ModelForm):
    """Service, name, percent, window."""

    class Meta:
        model = Objective
        fields = ["service", "name", "percent", "window_days"]
        error_messages = {
            NON_FIELD_ERRORS: {"unique_together": _("This service has an objective of this name already.")}
        }
        help_texts = {
            "percent": _("99.9 % over 30 days allows 43 minutes of harm."),
            "window_days": _("The promise is judged over this many days, up to now."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(names.visible)
        self.fields["service"].queryset = Service.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("percent", "99.9")
