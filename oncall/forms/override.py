"""The form of an override: who, which duty, from when until when."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms import Form
from oncall.forms.rows import people_choices
from oncall.models import Duty, Schedule

MINUTE = "%Y-%m-%dT%H:%M"


class OverrideForm(Form):
    """Somebody takes a duty for a while. Times are in the reader's zone."""

    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label=gettext_lazy("Who takes over"), empty_label=gettext_lazy("Choose…")
    )
    duty = forms.ChoiceField(label=gettext_lazy("Duty"), choices=Duty.choices)
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"), widget=forms.DateTimeInput({"type": "datetime-local"}, MINUTE)
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"), widget=forms.DateTimeInput({"type": "datetime-local"}, MINUTE)
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, schedule: Schedule, **more: Any) -> None:
        super().__init__(*args, **more)
        chooser = self.fields["person"]
        assert isinstance(chooser, forms.ModelChoiceField)
        chooser.choices = [("", _("Choose…")), *((str(label), rows) for label, rows in people_choices(schedule.team))]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for field in ("starts_at", "ends_at"):
            if said.get(field) and not 1990 <= said[field].year <= 2150:
                self.add_error(field, _("Give a moment between 1990 and 2150."))
        if said.get("starts_at") and said.get("ends_at") and said["ends_at"] <= said["starts_at"]:
            self.add_error("ends_at", _("The end must come after the beginning."))
        return said
