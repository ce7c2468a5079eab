"""The forms of a schedule: made by the template of a team, or empty; and its own words."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import ZoneField
from accounts.models import Team, User
from core import names
from core.forms import Form
from oncall.forms.holidays import HolidaysField, NamesCountries
from oncall.forms.rotation import FIRST_DAY, LAST_DAY
from oncall.models import Schedule


class ScheduleForm(NamesCountries, Form):
    """A schedule's own values."""

    name = forms.CharField(validators=[names.visible], label=gettext_lazy("Name"), max_length=120)
    team = forms.ModelChoiceField(
        Team.objects.all(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("No team")
    )
    time_zone = ZoneField(help_text=gettext_lazy("Handoffs keep their time on this zone’s wall clock."))
    holidays = HolidaysField(
        help_text=gettext_lazy(
            "A country, or a country and its region. Rotations may leave these days out, or mean them."
        )
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, standing: Schedule | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.standing = standing

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        same = Schedule.objects.filter(name__iexact=name)
        if (same.exclude(pk=self.standing.pk) if self.standing else same).exists():
            raise forms.ValidationError(_("There is a schedule called “%(name)s” already.") % {"name": name})
        return name


class NewScheduleForm(ScheduleForm):
    """A new schedule. With two people or more it is the template of a team; without anybody it is empty."""

    people = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True),
        label=gettext_lazy("Who takes turns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Each week one of them is primary and the next one secondary: whoever is secondary this week is primary "
            "the next. Their order can be changed afterwards. Choose nobody to begin with an empty schedule."
        ),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First handoff on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    handoff_time = forms.TimeField(
        label=gettext_lazy("Handoff at"), widget=forms.TimeInput({"type": "time"}, "%H:%M"), initial=time(10)
    )

    def clean_people(self) -> list[User]:
        people = list(self.cleaned_data["people"])
        if len(people) == 1:
            raise forms.ValidationError(
                _("It takes at least two people: one is primary while another is secondary. Choose nobody to begin "
                  "with an empty schedule.")
            )  # fmt: skip
        return people

    def clean_starts_on(self) -> Any:
        day = self.cleaned_data["starts_on"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Give a day between 1990 and 2150."))
        return day
