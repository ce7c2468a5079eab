"""What people fill in about alert sources."""

from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from alerts.models import AlertSource, Payload, SourceKind
from catalog import queries as catalog
from catalog.models import Service, Severity
from core import names
from core.forms import Form


class SourceForm(Form):
    """A new source: three inputs."""

    name = forms.CharField(
        validators=[names.visible],
        label=_("Name"),
        max_length=120,
        help_text=_("As your team calls it: “Prometheus, production”."),
    )
    kind = forms.ChoiceField(label=_("Tool"), choices=SourceKind.choices)
    service = forms.ModelChoiceField(
        label=_("Service"),
        queryset=Service.objects.none(),
        empty_label=None,
        help_text=_("Its alerts open incidents here, and its escalation policy says who is paged."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["service"]
        chosen.queryset = catalog.services()


class SourceChangeForm(SourceForm):
    """What may change of a source later. It carries the values it was opened with, so that what a person left alone
    does not undo what another has changed meanwhile."""

    default_severity = forms.ModelChoiceField(
        label=_("Severity when the alert names none"),
        queryset=Severity.objects.all(),
        required=False,
        empty_label=_("SEV3, as Muster does by itself"),
    )

    def __init__(self, *args: Any, source: AlertSource, **more: Any) -> None:
        standing = {"name": source.name, "service": source.service_id, "default_severity": source.default_severity_id}
        super().__init__(*args, initial=standing, **more)
        del self.fields["kind"]
        for field in self.fields.values():
            field.show_hidden_initial = True
        chosen: Any = self.fields["service"]
        chosen.queryset = chosen.queryset | Service.objects.filter(pk=source.service_id).select_related("owner")

    @property
    def as_opened(self) -> SafeString:
        """Hidden inputs with the values it was opened with."""
        return format_html_join("", "{}", ((bound.as_hidden(only_initial=True),) for bound in self))

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed, by name."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class TrialForm(Form):
    """How a test is sent."""

    trial = forms.ChoiceField(
        label=_("Should it page?"),
        choices=[
            (Payload.Trial.QUIET, _("No: show me what would become of it")),
            (Payload.Trial.PAGING, _("Yes: declare a drill and page who is on call")),
        ],
        widget=forms.RadioSelect,
    )
