"""The form of a rotation: who takes turns, how long, when they hand over, and at which hours."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import zones
from accounts.forms import ZoneField
from accounts.models import User
from core import names
from core.forms import Form
from oncall import words
from oncall.forms.holidays import HolidaysField, NamesCountries
from oncall.forms.rows import Group, Wish, active_person, people_choices, rearranged
from oncall.models import Duty, Rotation, Schedule, Turn
from oncall.restrictions import MOST as MOST_WINDOWS
from oncall.values import LONGEST_TURN, MOST_PEOPLE, RotationValues

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2150, 1, 1)
CLOCK = {"type": "time"}
SAID = ("opens", "closes", "holidays")
SCALARS = [
    *("name", "duty", "layer", "turn", "turn_length", "handoff_time", "starts_on", "ends_on", "time_zone"),
    *("holidays", "is_shadow"),
]


@dataclass
class PersonRow:
    """One person in the order of turns, as typed; `beside`: holds the turn of the one above together with them."""

    value: str = ""
    beside: bool = False
    error: str = ""


class WindowForm(Form):
    """Hours of the week in which the rotation holds."""

    days = forms.MultipleChoiceField(
        label=gettext_lazy("On"),
        choices=[(str(day), str(day)) for day in range(7)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )
    opens = forms.TimeField(label=gettext_lazy("From"), widget=forms.TimeInput(CLOCK, "%H:%M"))
    closes = forms.TimeField(label=gettext_lazy("Until"), widget=forms.TimeInput(CLOCK, "%H:%M"))
    holidays = forms.ChoiceField(
        label=gettext_lazy("Public holidays"),
        required=False,
        choices=[
            ("", gettext_lazy("As any other day")),
            ("except", gettext_lazy("Not on public holidays")),
            ("only", gettext_lazy("Only on public holidays")),
        ],
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        days = self.fields["days"]
        assert isinstance(days, forms.MultipleChoiceField)
        days.choices = [(str(day), words.day_name(day)) for day in range(7)]

    def restriction(self) -> dict[str, Any]:
        """The hours as they are kept."""
        said = self.cleaned_data
        found: dict[str, Any] = {
            "weekdays": sorted(int(day) for day in said["days"]),
            "from": f"{said['opens']:%H:%M}",
            "until": f"{said['closes']:%H:%M}",
        }
        return {**found, "holidays": said["holidays"]} if said["holidays"] else found


class RotationForm(NamesCountries, Form):
    """A rotation of a schedule. `people` and `windows` are rows; everything else are plain fields."""

    name = forms.CharField(validators=[names.visible], label=gettext_lazy("Name"), max_length=120)
    duty = forms.ChoiceField(label=gettext_lazy("Duty"), choices=Duty.choices)
    turn_length = forms.IntegerField(label=gettext_lazy("A turn lasts"), min_value=1, max_value=LONGEST_TURN["hours"])
    turn = forms.ChoiceField(label=gettext_lazy("Unit"), choices=Turn.choices)
    handoff_time = forms.TimeField(label=gettext_lazy("Handoff at"), widget=forms.TimeInput(CLOCK, "%H:%M"))
    starts_on = forms.DateField(
        label=gettext_lazy("First handoff on"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Ends on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("At the handoff time of that day."),
    )  # fmt: skip
    layer = forms.IntegerField(
        label=gettext_lazy("Layer"), min_value=0, max_value=1000, required=False,
        help_text=gettext_lazy("Where two rotations of one duty both have somebody, the higher layer wins."),
    )  # fmt: skip
    time_zone = ZoneField(empty="")
    holidays = HolidaysField(help_text=gettext_lazy("If others than the schedule’s: DE, or DE-BY."))
    is_shadow = forms.BooleanField(
        label=gettext_lazy("Shadow: they learn"), required=False,
        help_text=gettext_lazy("Seen in the calendar, never paged, and no cover."),
    )  # fmt: skip

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        schedule: Schedule,
        initial: dict[str, Any] | None = None,
        people: list[PersonRow] | None = None,
        windows: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.schedule = schedule
        zone_field = self.fields["time_zone"]
        assert isinstance(zone_field, ZoneField)
        as_schedule = _("As the schedule: %(zone)s") % {"zone": schedule.time_zone}
        zone_field.choices = [("", as_schedule), *zones.choices()]
        self.people = people if people is not None else rows_of(data)
        if data is not None:
            self.windows = [WindowForm(data, prefix=f"w{key}") for key in window_keys(data)]
        else:
            self.windows = [WindowForm(prefix=f"w{key}", initial=each) for key, each in enumerate(windows or [])]
        self.chosen: list[User] = []
        self.beside: frozenset[int] = frozenset()

    @property
    def window_order(self) -> str:
        """The windows' keys, for the hidden field that keeps them."""
        return ",".join(str(window.prefix)[1:] for window in self.windows)

    @property
    def choices(self) -> list[Group]:
        return people_choices(self.schedule.team)

    def is_valid(self) -> bool:
        """Every field, every row and every window."""
        fields, windows, people = (
            super().is_valid(),
            [window.is_valid() for window in self.windows],
            self._read_people(),
        )
        return fields and all(windows) and people and self._knows_holidays()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for field in ("starts_on", "ends_on"):
            if said.get(field) and not FIRST_DAY <= said[field] <= LAST_DAY:
                self.add_error(field, _("Give a day between 1990 and 2150."))
        longest = LONGEST_TURN.get(said.get("turn", ""), 0)
        if said.get("turn_length") and longest and said["turn_length"] > longest:
            most = {"most": longest, "unit": Turn(said["turn"]).label.lower()}
            self.add_error("turn_length", _("A turn lasts at most %(most)s %(unit)s.") % most)
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] <= said["starts_on"]:
            self.add_error("ends_on", _("A rotation must end after it starts."))
        return said

    def _knows_holidays(self) -> bool:
        """Whether hours that speak of public holidays have a country to go by."""
        speaking = [window for window in self.windows if window.cleaned_data.get("holidays")]
        if self.cleaned_data.get("holidays") or self.schedule.holidays:
            return True
        for window in speaking:
            window.add_error("holidays", _("Whose public holidays? Name a country below, or for the whole schedule."))
        return not speaking

    def values(self) -> RotationValues:
        """What was asked for, of a valid form."""
        said = {name: self.cleaned_data[name] for name in SCALARS}
        said["layer"] = said["layer"] or 0
        restrictions = [window.restriction() for window in self.windows]
        return RotationValues(people=self.chosen, beside=self.beside, restrictions=restrictions, **said)

    def _read_people(self) -> bool:
        self.chosen, beside, place = [], set(), set[int]()
        for row in self.people:
            person = active_person(row.value) if row.value else None
            shares = row.beside and bool(self.chosen)
            if person is None:
                row.error = _("This person is not active; choose another.") if row.value else ""
            elif shares and person.pk in place:
                row.error = _("%(person)s holds this turn already.") % {"person": person}
            else:
                beside |= {len(self.chosen)} if shares else set()
                place = {*place, person.pk} if shares else {person.pk}
                self.chosen.append(person)
        self.beside = frozenset(beside)
        if not self.chosen and not any(row.error for row in self.people):
            if not self.people:
                self.people = [PersonRow()]
            self.people[0].error = _("Choose at least one person.")
        if len(self.people) > MOST_PEOPLE:
            self.people[-1].error = _("At most %(most)s people take turns.") % {"most": MOST_PEOPLE}
        return not any(row.error for row in self.people)


def rows_of(data: QueryDict | None) -> list[PersonRow]:
    """The people's rows as sent."""
    if data is None:
        return []
    shared = set(data.getlist("beside"))
    people = data.getlist("person")[: MOST_PEOPLE + 1]
    return [PersonRow(value, number > 0 and str(number) in shared) for number, value in enumerate(people)]


def window_keys(data: QueryDict) -> list[int]:
    """The windows' keys as sent, in order."""
    keys = [key for key in data.get("windows", "").split(",") if key.isascii() and key.isdecimal() and len(key) < 4]
    return list(dict.fromkeys(int(key) for key in keys))[:MOST_WINDOWS]


def as_it_stands(row: Rotation) -> RotationForm:
    """The form of a rotation before anything is typed; people who are not active any more are left out."""
    windows = [
        {
            "days": [str(day) for day in each["weekdays"]],
            "opens": each["from"],
            "closes": each["until"],
            "holidays": each.get("holidays", ""),
        }
        for each in row.restrictions
    ]
    people, last = [], None
    for member in row.members.select_related("person"):
        if member.person.is_active:
            people.append(PersonRow(str(member.person_id), member.position == last))
            last = member.position
    initial = {name: getattr(row, name) for name in SCALARS}
    return RotationForm(schedule=row.schedule, initial=initial, people=people, windows=windows)


def as_wished(data: QueryDict, wish: Wish, *, schedule: Schedule) -> RotationForm:
    """The form after a row was added, removed or moved: all that was typed, and no word about what is missing yet."""
    people, windows = rows_of(data), []
    for key in window_keys(data):
        typed = {"days": data.getlist(f"w{key}-days"), **{f: data.get(f"w{key}-{f}", "") for f in SAID}}
        windows.append(typed)
    if wish.what == "person":
        people = rearranged(people, wish, PersonRow())
    elif wish.what == "window":
        windows = rearranged(windows, wish, {"days": list("01234"), "opens": "09:00", "closes": "17:00"})
    initial = {name: data.get(name, "") for name in SCALARS}
    return RotationForm(schedule=schedule, initial=initial, people=people, windows=windows[:MOST_WINDOWS])
