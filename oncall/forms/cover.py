"""The forms of cover: a shift that is offered, and an absence."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms import Form
from oncall.actions import Exchange
from oncall.cover_words import span
from oncall.forms.override import MINUTE
from oncall.models import AbsenceKind
from oncall.queries import Shift
from oncall.wallclock import moment

MORNING, NOON, MIDNIGHT = "morning", "noon", time()
Choices = list[tuple[str, str]]


def key_of(shift: Shift) -> str:
    """A shift as the value of a choice."""
    return f"{shift.schedule.pk}.{shift.duty}.{int(shift.starts_at.timestamp())}.{shift.person.pk}"


def _label(shift: Shift) -> str:
    words = {"schedule": shift.schedule, "duty": shift.duty.label, "span": span((shift.starts_at, shift.ends_at))}
    return _("%(schedule)s, %(duty)s: %(span)s") % words


class SwapForm(Form):
    """Offer a shift or a part of it. Times are in the reader's zone."""

    shift = forms.ChoiceField(label=gettext_lazy("Which shift"))
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Only from"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, MINUTE)
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Only until"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, MINUTE)
    )
    to = forms.ChoiceField(label=gettext_lazy("Who is asked"), required=False)
    in_return = forms.ChoiceField(label=gettext_lazy("In return you take"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, mine: Sequence[Shift], theirs: Sequence[Shift], person: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.mine, self.theirs = {key_of(each): each for each in mine}, {key_of(each): each for each in theirs}
        people = User.objects.filter(is_active=True).exclude(pk=person.pk)
        self.people = {str(each.pk): each for each in people if each.can_respond}
        _offer(self.fields["shift"], [("", _("Choose…")), *((key, _label(each)) for key, each in self.mine.items())])
        _offer(
            self.fields["to"], [("", _("Everybody of the schedule")), *((k, str(v)) for k, v in self.people.items())]
        )
        returned = ((key, f"{each.person}: {_label(each)}") for key, each in self.theirs.items())
        _offer(self.fields["in_return"], [("", _("Nothing")), *returned])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        shift = self.mine.get(said.get("shift") or "")
        if shift is None or self.errors:
            return said
        begin, end = said.get("starts_at") or shift.starts_at, said.get("ends_at") or shift.ends_at
        if begin < shift.starts_at:
            self.add_error("starts_at", _("Your shift begins later than that."))
        if end > shift.ends_at:
            self.add_error("ends_at", _("Your shift ends earlier than that."))
        if not self.errors and end <= begin:
            self.add_error("ends_at", _("The end must come after the beginning."))
        given, to = self.theirs.get(said.get("in_return") or ""), self.people.get(said.get("to") or "")
        if given is not None:
            if to is not None and given.person.pk != to.pk:
                self.add_error("in_return", _("This is a shift of %(person)s.") % {"person": given.person})
            if given.schedule.pk != shift.schedule.pk:
                self.add_error("in_return", _("Both shifts must be of one schedule."))
            to = given.person
        said["wish"] = {
            "schedule": shift.schedule,
            "duty": shift.duty.value,
            "starts_at": begin,
            "ends_at": end,
            "to": to,
            "in_return": Exchange(given.duty.value, given.starts_at, given.ends_at) if given else None,
            "reason": said.get("reason", ""),
        }
        return said


class AbsenceForm(Form):
    """Days away, half days at both ends if wanted, on the wall clock of whoever is away."""

    kind = forms.ChoiceField(label=gettext_lazy("Why"), choices=AbsenceKind.choices)
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}))
    first_half = forms.ChoiceField(
        label=gettext_lazy("It begins"),
        choices=[(MORNING, gettext_lazy("in the morning")), (NOON, gettext_lazy("at noon"))],
    )
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput({"type": "date"}))
    last_half = forms.ChoiceField(
        label=gettext_lazy("It ends"),
        choices=[(MORNING, gettext_lazy("with the day")), (NOON, gettext_lazy("at noon"))],
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **more: Any) -> None:
        super().__init__(*args, **more)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for field in ("first_day", "last_day"):
            if said.get(field) and not 1990 <= said[field].year <= 2150:
                self.add_error(field, _("Give a day between 1990 and 2150."))
        if self.errors:
            return said
        begin = _moment(said["first_day"], said["first_half"] == NOON, self.zone)
        at_noon = said["last_half"] == NOON
        end = _moment(said["last_day"] + timedelta(days=0 if at_noon else 1), at_noon, self.zone)
        if end <= begin:
            self.add_error("last_day", _("The end must come after the beginning."))
        said["period"] = (begin, end)
        return said


def _moment(day: date, at_noon: bool, zone: ZoneInfo) -> datetime:
    return moment(datetime.combine(day, time(12) if at_noon else MIDNIGHT), zone)


def _offer(field: forms.Field, choices: Choices) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
