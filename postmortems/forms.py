"""Forms for lessons and promises."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from core import names
from core.forms import Form
from incidents.models import Incident
from incidents.queries import number_of
from postmortems.actions.editing import LONGEST
from postmortems.merging import mark
from postmortems.models import SECTIONS, ActionItem, Postmortem, section_label

HELP = {
    "summary": _("What happened and what it meant for users, in a few sentences."),
    "impact": _("Who was hit, how many, for how long, and what they saw."),
    "timeline": _("What happened when. The whole story stays in the war room."),
    "detection": _("How it was noticed, and how it could be noticed earlier."),
    "response": _("Who did what, what worked, what was tried in vain."),
    "went_well": _("What to keep."),
    "could_be_better": _("About systems and ways of working, never about persons."),
    "lucky": _("What would have made it worse."),
    "lessons": _("What we know now and did not know before."),
}


class TextsForm(Form):
    """The sections of a postmortem. Each comes with a mark of the text this person began with (merging.py)."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *data: Any, postmortem: Postmortem, **more: Any) -> None:
        super().__init__(*data, **more)
        self.fields["version"].initial = postmortem.version
        for name in SECTIONS:
            text = getattr(postmortem, name)
            self.fields[name] = forms.CharField(
                label=section_label(name),
                help_text=HELP[name],
                required=False,
                max_length=LONGEST,
                strip=False,
                initial=text,
                widget=forms.Textarea(attrs={"rows": min(24, max(4, text.count("\n") + 3))}),
            )
            self.fields[f"base_{name}"] = forms.CharField(
                required=False, max_length=64, initial=mark(text), widget=forms.HiddenInput
            )

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in SECTIONS if name in self.data}

    def base(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"base_{name}"] for name in SECTIONS if self.cleaned_data[f"base_{name}"]}


class AuthorForm(Form):
    """Who writes it."""

    author = forms.ModelChoiceField(
        label=_("Author"), queryset=User.objects.filter(is_active=True), required=False, empty_label=_("Nobody yet")
    )


class FactorForm(Form):
    """One contributing factor."""

    text = forms.CharField(
        label=_("Contributing factor"),
        max_length=500,
        help_text=_("A condition that helped it happen. There are always several."),
    )


class ReasonForm(Form):
    """Why there will be no postmortem."""

    reason = forms.CharField(label=_("Why there will be none"), max_length=500)


class IncidentField(forms.CharField):
    """A reference such as INC-42, of an incident this reader may see."""

    def __init__(self, *, reader: User, **more: Any) -> None:
        super().__init__(required=False, max_length=20, **more)
        self.reader = reader

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        number = number_of(text.strip())
        rows = Incident.objects.visible_to(self.reader).select_related("severity")
        found = rows.filter(number=number).first() if number is not None else None
        if found is None:
            raise ValidationError(_("There is no incident “%(text)s” that you may see."), params={"text": text})
        return found


class ItemForm(Form):
    """An action item."""

    title = forms.CharField(validators=[names.visible], label=_("What will be done"), max_length=200)
    owner = forms.ModelChoiceField(
        label=pgettext_lazy("action item", "Owner"),
        queryset=User.objects.filter(is_active=True),
        empty_label=_("Choose…"),
    )
    due_on = forms.DateField(
        label=_("Due on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, the horizon and the incident’s severity choose the day."),
    )
    horizon = forms.ChoiceField(label=_("Horizon"), choices=ActionItem.Horizon.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=ActionItem.Kind.choices)
    priority = forms.ChoiceField(label=_("Priority"), choices=ActionItem.Priority.choices)
    details = forms.CharField(
        label=_("Done when"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How everybody will see that it is done."),
    )

    def __init__(self, *data: Any, reader: User, with_incident: bool, **more: Any) -> None:
        more["auto_id"] = "item_%s"  # it stands in the room, beside other forms
        super().__init__(*data, **more)
        self.fields["owner"].initial = reader.pk
        self.fields["horizon"].initial = ActionItem.Horizon.SHORT
        self.fields["priority"].initial = ActionItem.Priority.MEDIUM
        if with_incident:
            self.fields["incident"] = IncidentField(
                reader=reader, label=_("Incident"), help_text=_("Such as INC-42; empty for none.")
            )


class EvidenceForm(Form):
    """Where it can be seen that it is done."""

    evidence = forms.CharField(
        label=_("Evidence"), max_length=500, help_text=_("A link, a change, a test: what shows that it is done.")
    )


class DropForm(Form):
    """Why it will not be done."""

    reason = forms.CharField(label=_("Why it will not be done"), max_length=500)


class ListFilter(Form):
    """Which postmortems to list."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *Postmortem.State.choices]
    )
