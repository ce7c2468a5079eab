"""Forms for people, teams, invitations, tokens, and for reading the audit log."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts import zones
from accounts.models import ROLE_CHOICES, Team, User
from core import names
from core.forms import Form
from core.moments import reckonable

AS_THE_BROWSER = "auto"
LIFETIMES = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365), "never": None}


class ZoneSelect(forms.Select):
    """The zones that are offered, and the one that stands, though it may go by an old name."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        groups: list[Any] = super().optgroups(name, value, attrs)
        offered = {option["value"] for _group, options, _index in groups for option in options}
        for standing in value:
            if standing not in offered and zones.is_known(standing):
                option = self.create_option(name, standing, standing, selected=True, index=len(groups), attrs=attrs)
                groups.append((None, [option], len(groups)))
        return groups


class ZoneField(forms.ChoiceField):
    """A time zone: UTC and the places of the world are offered, every IANA name is taken. `empty`: what none means."""

    widget = ZoneSelect
    default_error_messages = {"invalid_choice": _("There is no time zone called “%(value)s”.")}

    def __init__(self, *, empty: Any = None, **more: Any) -> None:
        label = more.pop("label", _("Time zone"))
        super().__init__(choices=zones.choices, label=label, required=empty is None, **more)
        if empty is not None:
            self.choices = [("", empty), *zones.choices()]

    def valid_value(self, value: Any) -> bool:
        return zones.is_known(str(value))


class LanguageField(forms.ChoiceField):
    """English, Chinese, or whatever the browser asks for."""

    def __init__(self, **more: Any) -> None:
        choices = [(AS_THE_BROWSER, _("As the browser asks")), *settings.LANGUAGES]
        super().__init__(choices=choices, label=_("Language"), **more)

    def prepare_value(self, value: Any) -> Any:
        return value or AS_THE_BROWSER

    def clean(self, value: Any) -> str:
        found = str(super().clean(value or AS_THE_BROWSER))
        return "" if found == AS_THE_BROWSER else found


class ProfileForm(Form):
    """What people say about themselves. A new e-mail address takes the password, where there is one."""

    name = forms.CharField(
        validators=[names.visible],
        max_length=120,
        label=_("Name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = ZoneField()
    language = LanguageField()
    theme = forms.ChoiceField(
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        label=_("Theme"),
        help_text=_("For every device; the menu under your name changes it for one."),
    )
    email = forms.EmailField(
        max_length=254,
        label=_("E-mail address"),
        help_text=_("You sign in with it, and it is paged when nothing else is."),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        label=_("Your password"),
        help_text=_("Only to change the e-mail address."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, person: User, **more: Any) -> None:
        self.person = person
        fields = ("name", "time_zone", "language", "theme", "email")
        more["initial"] = {field: getattr(person, field) for field in fields}
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        moves = given.get("email", "").lower() != self.person.email.lower()
        if "email" in given and moves and self.person.has_usable_password():
            if not given.get("password"):
                self.add_error("password", _("Give your password to change the e-mail address."))
            elif not self.person.check_password(given["password"]):
                self.add_error("password", _("This is not your password."))
        return given


class PersonForm(Form):
    """What an administrator corrects of a person."""

    name = forms.CharField(validators=[names.visible], max_length=120, label=_("Name"))
    email = forms.EmailField(max_length=254, label=_("E-mail address"))
    time_zone = ZoneField()


class RoleForm(Form):
    """A role for a person."""

    role = forms.ChoiceField(choices=ROLE_CHOICES, label=_("Role"))


class InviteForm(Form):
    """Whom to let in, and as what."""

    email = forms.EmailField(max_length=254, label=_("E-mail address"))
    name = forms.CharField(validators=[names.visible], max_length=120, required=False, label=_("Name"))
    role = forms.ChoiceField(choices=ROLE_CHOICES, initial="responder", label=_("Role"))
    team = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        label=_("Team"),
        empty_label=_("No team"),
        help_text=_("They join it at once."),
    )


class JoinForm(Form):
    """What a new person tells when they accept an invitation."""

    name = forms.CharField(
        validators=[names.visible],
        max_length=120,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        label=_("Password"),
        help_text=_("At least ten characters, and none that are widely known."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    time_zone = ZoneField(help_text=_("Every time you are shown is in this zone."))
    language = LanguageField()

    def __init__(self, *args: Any, email: str, **more: Any) -> None:
        self.email = email
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("password"):
            try:
                validate_password(given["password"], User(email=self.email, name=given.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class TeamForm(Form):
    """A team and its leads and members."""

    name = forms.CharField(validators=[names.visible], max_length=120, label=_("Name"))
    description = forms.CharField(
        max_length=20_000, required=False, label=_("Description"), widget=forms.Textarea(attrs={"rows": 3})
    )


class MemberForm(Form):
    """Who joins a team."""

    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label=_("Person"), empty_label=_("Choose a person")
    )
    is_lead = forms.BooleanField(required=False, label=_("Leads the team"))


class TokenForm(Form):
    """A new API token."""

    name = forms.CharField(
        validators=[names.visible],
        max_length=120,
        label=_("Name"),
        help_text=_("What will use it, so that you know it again."),
    )
    scope = forms.ChoiceField(
        choices=[("full", _("Everything I may do")), ("read", _("Read only"))], label=_("Scope"), initial="full"
    )
    lifetime = forms.ChoiceField(
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("never", _("Never"))],
        label=_("Expires after"),
        initial="90",
    )


class AuditForm(Form):
    """Which lines of the audit log to show."""

    q = forms.CharField(max_length=200, required=False, label=_("What"))
    actor = forms.ModelChoiceField(User.objects.all(), required=False, label=_("Who"), empty_label=_("Everyone"))
    since = forms.DateField(
        required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}), validators=[reckonable]
    )
    until = forms.DateField(
        required=False, label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}), validators=[reckonable]
    )
