"""What readers narrow dashboards by. A wrong value is said at its field, and the rest still holds."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from catalog.models import Service, Severity
from core.forms import Form
from postmortems.models import ActionItem


class ItemFilter(Form):
    """Filters of the action item dashboard."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("open", _("Open")),
            ("overdue", _("Overdue")),
            ("soon", _("Due within a week")),
            ("done", _("Done")),
            ("dropped", _("Won't do")),
            ("all", _("All")),
        ],
    )
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=pgettext_lazy("action item", "Owner"),
        required=False,
        empty_label=_("Anybody"),
    )
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("Any team"))
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, choices=[("", _("Any priority")), *ActionItem.Priority.choices]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any kind")), *ActionItem.Kind.choices])
    q = forms.CharField(label=_("Search"), required=False, max_length=100)


class MeasureFilter(Form):
    """Filters of the measures page."""

    days = forms.TypedChoiceField(
        label=_("Period"), required=False, coerce=int, empty_value=None,
        choices=[("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
    )  # fmt: skip
    severity = forms.ModelChoiceField(
        Severity.objects.all(), label=_("Severity"), required=False, empty_label=_("Any severity")
    )
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("Any team"))
    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("Service"), required=False, empty_label=_("Any service")
    )
