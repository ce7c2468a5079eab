"""The forms of the templates: one page lays out an empty schedule."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import ZoneField
from accounts.models import User
from core.errors import Refused
from core.forms import Form
from oncall import actions
from oncall.forms.rotation import CLOCK, FIRST_DAY, LAST_DAY
from oncall.models import Schedule
from oncall.values import RotationValues

PLACES = (1, 2, 3)


def _people(label: Any, **more: Any) -> Any:
    everyone = User.objects.filter(is_active=True)
    return forms.ModelMultipleChoiceField(everyone, label=label, widget=forms.CheckboxSelectMultiple, **more)


def _clock(label: Any, initial: time) -> Any:
    return forms.TimeField(label=label, widget=forms.TimeInput(CLOCK, "%H:%M"), initial=initial)


class TemplateForm(Form):
    """What every template asks; `schedule` is the one to lay out."""

    starts_on = forms.DateField(
        label=gettext_lazy("First handoff on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *args: Any, schedule: Schedule, **more: Any) -> None:
        super().__init__(*args, **more)
        self.schedule = schedule
        self.rotations: Sequence[RotationValues] = ()
        self.order_fields([name for name in self.fields if name != "starts_on"])

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Give a day between 1990 and 2150."))
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            try:
                self.rotations = self.wanted(said)
            except Refused as error:
                self.add_error(None, str(error))
        return said

    def wanted(self, said: dict[str, Any]) -> Sequence[RotationValues]:
        """The rotations that this form means; none for the common ground."""
        return ()


class TeamForm(TemplateForm):
    """Weekly primary and secondary."""

    people = _people(gettext_lazy("Who takes turns"))
    handoff_time = _clock(gettext_lazy("Handoff at"), time(10))

    def wanted(self, said: dict[str, Any]) -> Sequence[RotationValues]:
        return actions.team_of(list(said["people"]), starts_on=said["starts_on"], handoff_time=said["handoff_time"])


class SunForm(TemplateForm):
    """Two or three places, each from its nine o'clock until the next one's."""

    zone_1 = ZoneField(label=gettext_lazy("First place"))
    people_1 = _people(gettext_lazy("Who works there"))
    zone_2 = ZoneField(label=gettext_lazy("Second place"))
    people_2 = _people(gettext_lazy("Who works there"))
    zone_3 = ZoneField(label=gettext_lazy("Third place"), empty=gettext_lazy("None"))
    people_3 = _people(gettext_lazy("Who works there"), required=False)

    @property
    def places(self) -> list[tuple[Any, Any]]:
        """The rows of the form."""
        return [(self[f"zone_{number}"], self[f"people_{number}"]) for number in PLACES]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("zone_3") and not self.cleaned_data.get("people_3"):
            self.add_error("people_3", _("Choose at least one person."))
        return super().clean()

    def wanted(self, said: dict[str, Any]) -> Sequence[RotationValues]:
        sites = [(said[f"zone_{number}"], list(said[f"people_{number}"])) for number in PLACES
                 if said.get(f"zone_{number}")]  # fmt: skip
        return actions.follow_the_sun(sites, zone=self.schedule.time_zone, starts_on=said["starts_on"])


class NightsForm(TemplateForm):
    """Working hours for some, everything else for others."""

    by_day = _people(gettext_lazy("By day"))
    by_night = _people(gettext_lazy("Nights and weekends"))
    opens = _clock(gettext_lazy("The day begins at"), time(9))
    closes = _clock(gettext_lazy("and ends at"), time(17))

    def wanted(self, said: dict[str, Any]) -> Sequence[RotationValues]:
        return actions.days_and_nights(
            list(said["by_day"]), list(said["by_night"]), starts_on=said["starts_on"], opens=said["opens"],
            closes=said["closes"], holidays=self.schedule.holidays,
        )  # fmt: skip


FORMS: dict[str, type[TemplateForm]] = {"team": TeamForm, "sun": SunForm, "nights": NightsForm}
