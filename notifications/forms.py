"""Forms for how a person is reached."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import names
from core.errors import Refused
from core.forms import Form
from notifications.channels import CHANNELS
from notifications.models import ChannelName, ContactMethod, MessageKind, MessageState

AFTER = [
    (0, _("At once")),
    (60, _("After 1 minute")),
    (180, _("After 3 minutes")),
    (300, _("After 5 minutes")),
    (600, _("After 10 minutes")),
    (900, _("After 15 minutes")),
    (1800, _("After 30 minutes")),
]


HINTS: dict[str, Any] = {
    "email": _("name@example.com"),
    "sms": _("A phone number with its country: +49 151 23456789."),
    "voice": _("A phone number with its country. The page is read aloud, and 1 acknowledges."),
    "slack": _("Your member id (your Slack profile, ⋮, Copy member ID), or the address of an incoming webhook."),
    "teams": _("The address of a Teams workflow “When a webhook request is received”."),
    "telegram": _("The number of your chat: write to the bot first, then ask @userinfobot for your id."),
    "mattermost": _("The address of an incoming webhook."),
    "ntfy": _("The address of a topic: https://ntfy.sh/a-long-secret-name. Whoever knows it reads along."),
    "webhook": _("The https:// address of your own program; every request is signed."),
}


class KindOfMethod(NamedTuple):
    """One channel: how its addresses look, or which settings it lacks."""

    name: str
    label: Any
    hint: Any
    missing: list[str]


def kinds() -> list[KindOfMethod]:
    """Every channel whose addresses are typed, those that are not set up as well."""
    labels = dict(ChannelName.choices)
    return [
        KindOfMethod(name, labels[name], HINTS[name], CHANNELS[name].missing()) for name in CHANNELS if name in HINTS
    ]


def offered() -> list[tuple[str, Any]]:
    """The channels whose settings are there, by name. A browser subscribes to web push by its own button."""
    names = dict(ChannelName.choices)
    return [(name, names[name]) for name in CHANNELS if name != ChannelName.PUSH and not CHANNELS[name].missing()]


class MethodForm(Form):
    """A new contact method."""

    channel = forms.ChoiceField(choices=offered, label=_("Channel"))
    address = forms.CharField(
        max_length=1000,
        label=_("Address"),
        help_text=_("Where this channel reaches you; the list below says how each address looks."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    label = forms.CharField(
        validators=[names.visible],
        max_length=80,
        required=False,
        label=_("Label"),
        help_text=_("For yourself: “phone app”, “home”."),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "channel" in found and "address" in found:
            try:
                found["address"] = CHANNELS[found["channel"]].clean(found["address"])
            except Refused as refusal:
                self.add_error("address", refusal.sentence)
        return found


class CodeForm(Form):
    """The code that arrived."""

    code = forms.CharField(
        max_length=12,
        label=_("Code"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "mono"}),
    )


class RuleForm(Form):
    """One rule: this long after a page of one urgency, by one verified method."""

    after_seconds = forms.TypedChoiceField(choices=AFTER, coerce=int, label=_("When"))
    method = forms.ModelChoiceField(queryset=ContactMethod.objects.none(), label=_("By"), empty_label=None)

    def __init__(self, *args: Any, person: User, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = self.fields["method"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = ContactMethod.objects.verified().filter(person=person)


class QuietForm(Form):
    """When pages of low urgency wait."""

    starts = forms.TimeField(
        required=False, label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        required=False, label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class MessageFilterForm(Form):
    """Which messages an administrator looks at."""

    q = forms.CharField(max_length=200, required=False, label=_("Who or where"))
    state = forms.ChoiceField(choices=[("", _("Any state")), *MessageState.choices], required=False, label=_("State"))
    kind = forms.ChoiceField(choices=[("", _("Any kind")), *MessageKind.choices], required=False, label=_("Kind"))
    channel = forms.ChoiceField(
        choices=[("", _("Any channel")), *ChannelName.choices], required=False, label=_("Channel")
    )
