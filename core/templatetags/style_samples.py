"""Made-up values for the living style page (templates/core/style.html)."""

from datetime import datetime, timedelta
from typing import Any

from django import forms, template
from django.utils import timezone

from core import look
from core.charts import Shift, place
from core.forms import Form

register = template.Library()


class Face:
    """Somebody who exists on the style page only."""

    def __init__(self, pk: int, name: str) -> None:
        self.pk = pk
        self.name = name

    def __str__(self) -> str:
        return self.name


class SampleForm(Form):
    """One field of each sort."""

    title = forms.CharField(help_text="What users notice, in a few words.", max_length=80)
    severity = forms.ChoiceField(choices=[("1", "SEV1 critical"), ("2", "SEV2 major")])
    summary = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    private = forms.BooleanField(required=False, help_text="Only people you name can see it.")
    urgency = forms.ChoiceField(
        choices=[("high", "High: wakes people"), ("low", "Low: working hours")], widget=forms.RadioSelect
    )


PEOPLE = [
    Face(number, name)
    for number, name in enumerate(
        ["Ada Moreau", "Ben Ortiz", "Chen Wei", "Dana Kim", "Emeka Obi", "Freya Lind", "Goran Petrov"], start=1
    )
]


def _shifts(opens: datetime, closes: datetime, first: int, every: int) -> list[Shift]:
    shifts, start, turn = [], opens - timedelta(days=2, hours=14), first
    while start < closes:
        end = start + timedelta(days=every)
        x, width = place(max(start, opens), min(end, closes), opens, closes)
        person = PEOPLE[turn % len(PEOPLE)]
        shifts.append(Shift(x, width, person.name, person.name, look.face(person.pk), "", is_gap=False))
        start, turn = end, turn + 1
    return [shift for shift in shifts if shift.width > 0]


@register.simple_tag
def style_samples() -> dict[str, Any]:
    """Everything the style page shows."""
    now = timezone.now()
    opens = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    closes = opens + timedelta(days=14)
    return {
        "now": now,
        "people": PEOPLE,
        "ada": PEOPLE[0],
        "ben": PEOPLE[1],
        "form": SampleForm(),
        "wrong": SampleForm({"wrong-title": "", "wrong-severity": "9"}, prefix="wrong"),
        "statuses": [(word, shown) for word, shown in look.STATUS.items()][:9],
        "healths": list(look.HEALTH),
        "ago": [now - timedelta(seconds=seconds) for seconds in (20, 250, 7300, 90000, 2600000)],
        "started": now - timedelta(minutes=41, seconds=7),
        "due": now + timedelta(minutes=4, seconds=40),
        "late": now - timedelta(minutes=2, seconds=12),
        "weeks": [
            (f"W{week}", value)
            for week, value in zip(range(36, 48), (3, 5, 2, 8, 6, 4, 9, 12, 7, 5, 3, 4), strict=True)
        ],
        "trend": [4, 6, 5, 7, 9, 6, 5, 8, 12, 9, 6, 4, 3],
        "lanes": [("Primary", _shifts(opens, closes, 0, 7)), ("Secondary", _shifts(opens, closes, 1, 7))],
        "opens": opens,
        "closes": closes,
        "span": timedelta(hours=1, minutes=12),
        "snippet": "receivers:\n  - name: muster\n    webhook_configs:\n"
        "      - url: https://muster.example.org/in/alertmanager/k_7Qd2mX9\n        send_resolved: true",
        "families": ["red", "orange", "amber", "green", "blue", "violet", "slate", "accent"],
    }
