"""Forms for services and severities."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from catalog import links
from catalog.actions import SEVERITY_FIELDS, promise_trouble
from catalog.models import Service, Severity
from core import names
from core.errors import Refused
from core.forms import Form, ModelForm
from core.letters import has_visible

TIERS = [
    (1, _("1: customers miss it at once")),
    (2, _("2: a core function")),
    (3, _("3: supports others")),
    (4, _("4: internal, can wait")),
]
ROLES = [
    ("commander", _("Commander")),
    ("technical_lead", _("Technical lead")),
    ("communications_lead", _("Communications lead")),
    ("scribe", _("Scribe")),
]


FIELDS = {"name_taken": "name", "circular": "depends_on", "slug_taken": "name"}  # what a refusal is about


class LinksField(forms.CharField):
    """Links, one a line: a title, then the address. Cleans to [{"title", "url"}]."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **more)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{link['title']} {link['url']}" for link in value)
        return value

    def clean(self, value: Any) -> list[links.Link]:
        typed = enumerate(str(super().clean(value) or "").splitlines(), start=1)
        lines = [(number, line.strip()) for number, line in typed if line.strip()]
        if len(lines) > links.MOST:
            raise forms.ValidationError(now("At most %(most)d links.") % {"most": links.MOST})
        found: list[links.Link] = []
        wrong = []
        for number, line in lines:
            title, _space, url = line.rpartition(" ")
            trouble = links.trouble_with(url)
            if trouble:
                wrong.append(now("Line %(number)d: %(trouble)s") % {"number": number, "trouble": trouble})
                continue
            found.append({"title": title.strip()[:120] if has_visible(title) else links.title_of(url), "url": url})
        if wrong:
            raise forms.ValidationError(wrong)
        return found


class ServiceForm(Form):
    """What we run."""

    name = forms.CharField(validators=[names.visible], max_length=120, label=_("Name"))
    description = forms.CharField(
        max_length=20_000,
        required=False,
        label=_("Description"),
        help_text=_("What it does, and for whom. Markdown."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    tier = forms.TypedChoiceField(choices=TIERS, coerce=int, initial=2, label=_("Tier"))
    owner = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        label=_("Owner"),
        empty_label=_("No team yet"),
        help_text=_("Who answers for it."),
    )
    depends_on = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        required=False,
        label=_("Depends on"),
        help_text=_("What must work for this to work."),
        widget=forms.CheckboxSelectMultiple,
    )
    links = LinksField(
        label=_("Links"), help_text=_("One a line: a title, then the address. Dashboards, code, documents.")
    )

    def __init__(self, *args: Any, service: Service | None, **more: Any) -> None:
        if service is not None:
            fields = ("name", "description", "tier", "owner", "links")
            more["initial"] = {
                **{field: getattr(service, field) for field in fields},
                "depends_on": list(service.depends_on.all()),
            }
        super().__init__(*args, **more)
        choices = Service.objects.filter(archived_at=None)
        if service is not None:
            choices = (choices | Service.objects.filter(needed_by=service)).distinct().exclude(pk=service.pk)
        self.fields["depends_on"].queryset = choices.order_by("name")  # type: ignore[attr-defined]
        if not choices.exists():
            del self.fields["depends_on"]

    def refuse(self, refused: Refused) -> None:
        """The sentence at the field it is about."""
        field = FIELDS.get(refused.code)
        self.add_error(field if field in self.fields else None, refused.sentence)


class SeverityForm(ModelForm):
    """What a severity means and promises."""

    aliases = SimpleArrayField(
        forms.CharField(validators=[names.visible], max_length=20),
        required=False,
        max_length=20,
        label=_("Also known as"),
        help_text=_("With commas. Understood wherever a severity is named: P1, critical, Sev-1."),
    )
    required_roles = forms.MultipleChoiceField(
        choices=ROLES, required=False, label=_("Roles required"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Severity
        fields = SEVERITY_FIELDS
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["name"].validators.append(names.visible)
        roles = self.fields["required_roles"]
        known = {value for value, _label in ROLES}
        extra = [(role, role) for role in self.instance.required_roles if role not in known]
        roles.choices = [*ROLES, *extra]  # type: ignore[attr-defined]
        for name in SEVERITY_FIELDS:
            if name.endswith(("_minutes", "_hours")) or name.startswith("due_days"):
                self.fields[name].widget.attrs.update({"min": 0, "max": 1_000_000, "inputmode": "numeric"})

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, value in list(given.items()):
            trouble = promise_trouble(name, value)
            if trouble:
                self.add_error(name, trouble)
        return given

    def groups(self) -> list[tuple[Any, list[list[Any]]]]:
        """The fields in the order in which an incident meets them, in rows of those that belong together."""
        parts = [
            (_("What it means"), [["name"], ["description"], ["aliases"]]),
            (_("Waking people"), [["urgency"], ["acknowledge_minutes", "commander_minutes"], ["required_roles"]]),
            (_("Telling people"), [["internal_update_minutes", "public_update_minutes"]]),
            (_("Restoring"), [["restore_minutes", "lose_at_most_minutes"]]),
            (_("Learning"), [["postmortem_required"], ["meeting_hours", "publish_hours"]]),
            (_("Action items due after"), [["due_days_immediate", "due_days_short", "due_days_long"]]),
        ]
        return [(title, [[self[name] for name in row] for row in rows]) for title, rows in parts]
