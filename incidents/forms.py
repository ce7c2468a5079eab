"""What people type into a room, checked at the field."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import FIRST_ROLE_WITH, Role, Verb, role_may
from catalog import queries as catalog
from catalog.models import Service, Severity
from core import names
from core.forms import Form
from core.moments import reckonable
from incidents import words
from incidents.actions.asking import REASON_LENGTH
from incidents.actions.details import MOMENTS
from incidents.models import Incident, Update
from incidents.models import Role as Part

if TYPE_CHECKING:
    _SeverityChoice = forms.ModelChoiceField[Severity]
else:
    _SeverityChoice = forms.ModelChoiceField

NOTE = "note"
MINUTES = (15, 30, 60, 120, 240, 1440)


def responders() -> Any:
    """People who may work on incidents."""
    roles = [role.value for role in Role if role_may(role, Verb.RESPOND)]
    assert FIRST_ROLE_WITH[Verb.RESPOND] in roles
    return User.objects.filter(is_active=True, role__in=roles)


class SeverityChoice(_SeverityChoice):
    """Severities as cards: the code, the name and when to choose it."""

    def __init__(self, **more: Any) -> None:
        given = {"queryset": Severity.objects.all(), "empty_label": None, "label": gettext_lazy("Severity")}
        super().__init__(**{**given, **more})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} · {obj.name}"


class DeclareForm(Form):
    """Three inputs and two switches."""

    title = forms.CharField(
        validators=[names.visible],
        label=gettext_lazy("What is broken?"),
        max_length=words.TITLE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "enterkeyhint": "next"}),
        error_messages={"required": gettext_lazy("Say in a few words what is broken.")},
    )
    severity = SeverityChoice(
        widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Choose how bad it is; it can be changed.")}
    )
    service = forms.ModelChoiceField(
        label=gettext_lazy("Service"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=gettext_lazy("Not known yet"),
        help_text=gettext_lazy("Its escalation policy is paged at once."),
    )
    private = forms.BooleanField(
        label=gettext_lazy("Private"),
        required=False,
        help_text=gettext_lazy("Only administrators, people you admit, and people paged for it will know of it."),
    )
    drill = forms.BooleanField(
        label=gettext_lazy("Drill"),
        required=False,
        help_text=gettext_lazy("Pages for real, stays out of the figures and off the status page."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["service"].queryset = catalog.services()  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        tidy = words.one_line(self.cleaned_data["title"])
        if not tidy:
            raise ValidationError(_("Say in a few words what is broken."))
        return tidy


class SayForm(Form):
    """Words into the room: a note, or an update for everyone inside. The public is told on a page of its own."""

    what = forms.ChoiceField(
        choices=[(NOTE, gettext_lazy("Note")), (Update.Audience.INTERNAL.value, Update.Audience.INTERNAL.label)],
        initial=NOTE,
        label=gettext_lazy("What is it?"),
    )
    text = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=words.TEXT_LENGTH,
        strip=True,
        error_messages={"required": gettext_lazy("There is nothing here yet: write a few words.")},
    )
    next_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Next update"), coerce=int, empty_value=None, required=False, widget=forms.Select
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["next_minutes"]
        field.choices = [("", _("not promised")), *((number, _in(number)) for number in MINUTES)]
        field.widget.attrs["class"] = "form-select form-select-sm"


class DetailsForm(Form):
    """What it is called, how bad it is, what it hits, what is known."""

    title = forms.CharField(validators=[names.visible], label=gettext_lazy("Title"), max_length=words.TITLE_LENGTH)
    severity = SeverityChoice(widget=forms.Select)
    service = forms.ModelChoiceField(
        label=gettext_lazy("Service"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=gettext_lazy("Not known yet"),
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=words.TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What is known, what customers notice, what is being tried. Markdown works."),
    )

    def __init__(self, *args: Any, incident: Incident, **more: Any) -> None:
        first = {
            "title": incident.title,
            "severity": incident.severity_id,
            "service": incident.service_id,
            "summary": incident.summary,
        }
        super().__init__(*args, **{"initial": first, **more})
        mine = Service.objects.filter(pk__in=[incident.service_id])
        self.fields["service"].queryset = catalog.services() | mine.select_related("owner")  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        tidy = words.one_line(self.cleaned_data["title"])
        if not tidy:
            raise ValidationError(_("An incident needs a title."))
        return tidy


class TimesForm(Form):
    """When it really happened, in the reader's own zone."""

    def __init__(self, *args: Any, incident: Incident, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, label in MOMENTS.items():
            moment: datetime | None = getattr(incident, name)
            if moment is None and name not in {"impact_started_at", "detected_at", "identified_at"}:
                continue
            self.fields[name] = forms.DateTimeField(
                label=label,
                required=False,
                validators=[reckonable],
                initial=timezone.localtime(moment).replace(microsecond=0) if moment else None,
                widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
                error_messages={"invalid": gettext_lazy("This is not a date and a time.")},
            )

    def changed_moments(self) -> dict[str, datetime | None]:
        """The moments that were changed, by name."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class DeclineForm(Form):
    """Why it is no incident."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it none?"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("A deploy, a test, a known flapping check …")}),
    )


class RoleForm(Form):
    """A role for somebody."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Part.choices)
    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose a person")
    )

    def __init__(self, *args: Any, incident: Incident, **more: Any) -> None:
        super().__init__(*args, **more)
        people = responders()
        if incident.private:
            people = people.filter(admissions__incident=incident) | people.filter(role=Role.ADMINISTRATOR)
        self.fields["person"].queryset = people.distinct()  # type: ignore[attr-defined]


class PageForm(Form):
    """Somebody to page now, and why."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose a person")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why are they needed?"),
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("It stands in the page they get, and in the timeline."),
        error_messages={"required": gettext_lazy("Say in a few words why this person is needed.")},
    )

    def __init__(self, *args: Any, incident: Incident, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["person"].queryset = responders()  # type: ignore[attr-defined]
        if incident.private:
            self.fields["person"].help_text = _(
                "This incident is private: who is paged for it may see it from then on."
            )


class AdmitForm(Form):
    """Somebody who may see a private incident from now on."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose a person")
    )

    def __init__(self, *args: Any, incident: Incident, **more: Any) -> None:
        super().__init__(*args, **more)
        outside = User.objects.filter(is_active=True).exclude(admissions__incident=incident)
        self.fields["person"].queryset = outside  # type: ignore[attr-defined]


def _in(minutes: int) -> str:
    if minutes < 120:
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    return ngettext("in %(n)s hour", "in %(n)s hours", minutes // 60) % {"n": minutes // 60}
