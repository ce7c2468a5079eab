"""The form of a policy: its words, and steps with waits and targets as rows."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from core import names
from core.forms import Form
from oncall.forms.rows import Group, Wish, people_choices, rearranged
from oncall.models import Duty, EscalationPolicy, Schedule
from oncall.queries import plan_of
from oncall.values import LONGEST_WAIT, MOST_REPEATS, MOST_STEPS, MOST_TARGETS, StepValues, TargetValues

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600}
SCALARS = ["name", "description", "team", "repeat_times", "fallback"]


@dataclass
class TargetRow:
    """Whom a step calls, as chosen: "schedule:3:primary", "team:2", "person:7"."""

    value: str = ""
    error: str = ""


@dataclass
class StepRow:
    """One step as typed."""

    wait: str = "5"
    unit: str = "minutes"
    targets: list[TargetRow] = field(default_factory=lambda: [TargetRow()])
    error: str = ""  # about its wait
    empty: str = ""  # about the step being there at all


class PolicyForm(Form):
    """A policy. `steps` are rows; everything else are plain fields."""

    name = forms.CharField(validators=[names.visible], label=gettext_lazy("Name"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 2})
    )
    team = forms.ModelChoiceField(
        Team.objects.all(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("No team")
    )
    repeat_times = forms.IntegerField(
        label=gettext_lazy("Walk all steps again"), min_value=0, max_value=MOST_REPEATS, initial=1,
        help_text=gettext_lazy("So many times more when nobody has answered."),
    )  # fmt: skip
    fallback = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=gettext_lazy("Finally call"),
        required=False,
        empty_label=gettext_lazy("Every administrator"),
        help_text=gettext_lazy("When every step was walked and nobody answered. A page never ends in silence."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        standing: EscalationPolicy | None = None,
        initial: dict[str, Any] | None = None,
        steps: list[StepRow] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.standing = standing
        self.steps = steps if steps is not None else rows_of(data)
        self.units = [("seconds", _("seconds")), ("minutes", _("minutes")), ("hours", _("hours"))]
        self.read: list[StepValues] = []

    @property
    def choices(self) -> list[Group]:
        """Everything a step may call."""
        on_call = [
            (f"schedule:{schedule.pk}:{duty.value}",
             _("%(duty)s of %(schedule)s") % {"duty": duty.label, "schedule": schedule})
            for schedule in Schedule.objects.all()
            for duty in Duty
        ]  # fmt: skip
        teams = [(f"team:{team.pk}", _("Everyone in %(team)s") % {"team": team}) for team in Team.objects.all()]
        people = [(f"person:{pk}", name) for group in people_choices() for pk, name in group.choices]
        named = [(_("On call"), on_call), (_("Teams"), teams), (_("People"), people)]
        return [Group(label, choices) for label, choices in named if choices]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        same = EscalationPolicy.objects.filter(name__iexact=name)
        if (same.exclude(pk=self.standing.pk) if self.standing else same).exists():
            raise forms.ValidationError(_("There is a policy called “%(name)s” already.") % {"name": name})
        return name

    def is_valid(self) -> bool:
        """Every field and every step."""
        return super().is_valid() & self._read_steps()

    def values(self) -> list[StepValues]:
        """The steps of a valid form."""
        return self.read

    def _read_steps(self) -> bool:
        if not self.steps:
            self.steps = [StepRow(empty=_("A policy has at least one step."))]
        self.read = [StepValues(self._wait(step), self._targets(step)) for step in self.steps]
        return not any(step.error or step.empty or any(target.error for target in step.targets) for step in self.steps)

    def _wait(self, step: StepRow) -> int:
        try:
            seconds = float(step.wait.replace(",", ".") or "nothing") * UNITS[step.unit]
        except (ValueError, KeyError):
            step.error = _("Say how long to wait, as a number.")
            return 0
        if not 0 <= seconds <= LONGEST_WAIT:
            step.error = _("Wait between 0 seconds and 7 days.")
            return 0
        return round(seconds)

    def _targets(self, step: StepRow) -> list[TargetValues]:
        found = []
        for row in step.targets:
            target = target_named(row.value)
            if target is not None:
                found.append(target)
            elif row.value:
                row.error = _("This is not there any more; choose again.")
        if not found and not any(row.error for row in step.targets):
            if not step.targets:
                step.targets = [TargetRow()]
            step.targets[0].error = _("Choose whom this step calls.")
        return found


def target_named(word: str) -> TargetValues | None:
    """The target that "schedule:3:primary", "team:2" or "person:7" means, if it is there."""
    kind, _colon, rest = word.partition(":")
    key, _colon, duty = rest.partition(":")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    if kind == "schedule" and duty in Duty.values and (schedule := Schedule.objects.filter(pk=int(key)).first()):
        return TargetValues(schedule=schedule, duty=duty)
    if kind == "team" and (team := Team.objects.filter(pk=int(key)).first()):
        return TargetValues(team=team)
    if kind == "person" and (person := User.objects.filter(pk=int(key), is_active=True).first()):
        return TargetValues(person=person)
    return None


def rows_of(data: QueryDict | None) -> list[StepRow]:
    """The steps' rows as sent."""
    if data is None:
        return []
    keys = [key for key in data.get("steps", "").split(",") if key.isascii() and key.isdecimal() and len(key) < 4]
    return [
        StepRow(
            data.get(f"s{key}-wait", "").strip()[:20],
            data.get(f"s{key}-unit", ""),
            [TargetRow(value[:60]) for value in data.getlist(f"s{key}-target")[:MOST_TARGETS]],
        )
        for key in list(dict.fromkeys(keys))[:MOST_STEPS]
    ]


def as_it_stands(policy: EscalationPolicy) -> PolicyForm:
    """The form of a policy before anything is typed."""
    steps = []
    for step in plan_of(policy)["steps"]:
        targets = [TargetRow(_word(target)) for target in step["targets"]]
        steps.append(StepRow(*_typed(step["wait_seconds"]), targets or [TargetRow()]))
    initial = {name: getattr(policy, name) for name in SCALARS}
    return PolicyForm(standing=policy, initial=initial, steps=steps)


def as_wished(data: QueryDict, wish: Wish, *, standing: EscalationPolicy | None) -> PolicyForm:
    """The form after a row was added, removed or moved: all that was typed, and no word about what is missing yet."""
    steps = rows_of(data)
    if wish.what == "step":
        steps = rearranged(steps, wish, StepRow())[:MOST_STEPS]
    elif wish.what.startswith("target") and wish.what[6:].isdecimal() and int(wish.what[6:]) < len(steps):
        step = steps[int(wish.what[6:])]
        step.targets = rearranged(step.targets, wish, TargetRow())[:MOST_TARGETS]
    initial = {name: data.get(name, "") for name in SCALARS}
    return PolicyForm(standing=standing, initial=initial, steps=steps)


def _word(target: dict[str, Any]) -> str:
    return f"{target['kind']}:{target['id']}" + (f":{target['duty']}" if target["duty"] else "")


def _typed(seconds: int) -> tuple[str, str]:
    """(number, unit) with the biggest unit that needs no fraction."""
    for unit in ("hours", "minutes"):
        if seconds and seconds % UNITS[unit] == 0:
            return str(seconds // UNITS[unit]), unit
    return (str(seconds), "seconds") if seconds else ("0", "minutes")
