"""Forms for public pages and for what is said on them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.forms import ZoneField
from catalog.models import Service
from core import names
from core.forms import Form
from incidents import public
from incidents.models import Incident
from statuspage import announcing, rollup, words
from statuspage.actions.telling import words_open_to
from statuspage.models import AffectedComponent, Component, ComponentState, StatusPage

PROMISES = (0, 15, 30, 60, 120, 240, 1440)


class PageForm(Form):
    """A page: what it is called, where it stands, and how it tells the time."""

    name = forms.CharField(
        validators=[names.visible],
        label=_("Name"),
        max_length=120,
        help_text=_("The heading of the page; mostly your company."),
    )
    slug = forms.SlugField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("The word after /status/. Left empty, it is made from the name."),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences below the name."),
    )
    time_zone = ZoneField(help_text=_("Times on the page are told in it."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class ComponentForm(Form):
    """A component: a name customers know, and the services behind it."""

    name = forms.CharField(
        validators=[names.visible],
        label=_("Name"),
        max_length=120,
        help_text=_("What customers call it, such as “Payments”."),
    )
    group = forms.CharField(
        validators=[names.visible],
        label=_("Group"),
        max_length=120,
        required=False,
        help_text=_("Components of one group stand together."),
    )
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    services = forms.ModelMultipleChoiceField(
        label=_("Services"),
        queryset=Service.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "When an incident of one of these is told to the public, the component shows it. They stay inside."
        ),
    )

    def __init__(self, *data: Any, **more: Any) -> None:
        super().__init__(*data, **more)
        field = self.fields["services"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Service.objects.filter(archived_at=None)


class StateForm(Form):
    """A person's word about a component."""

    state = forms.ChoiceField(label=_("State"), choices=ComponentState.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("For your colleagues. The public sees the state alone.")
    )


class TellForm(Form):
    """A public update: a title for customers, words, the state they are said under, what they say of components, and
    the next promise."""

    public_title = forms.CharField(
        validators=[names.visible], label=_("Public title"), max_length=200, help_text=_("Customers read this.")
    )
    text = forms.CharField(
        label=_("What customers should know"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What they notice, what you do, when you write again. No names, hosts or causes you are not sure of."
        ),
    )
    status = forms.ChoiceField(label=_("State"))
    next_minutes = forms.TypedChoiceField(label=_("Next update"), coerce=int)

    def __init__(self, *data: Any, incident: Incident, **more: Any) -> None:
        more["auto_id"] = "tell_%s"  # the room has a field “text” of its own
        super().__init__(*data, **more)
        self.incident = incident
        self.fields["public_title"].initial = title_so_far(incident)
        self.components = _components_for(incident)
        said = {
            line.component_id: line for line in AffectedComponent.objects.filter(announcement__incident_id=incident.pk)
        }
        open_words = words_open_to(incident)
        status, promise = self.fields["status"], self.fields["next_minutes"]
        assert isinstance(status, forms.ChoiceField)
        assert isinstance(promise, forms.ChoiceField)
        status.choices = [(word, words.status_words(word)) for word in open_words]
        if len(open_words) > 1:
            status.help_text = _now("Another state than the present one moves the incident too.")
        promise.choices = [(minutes, _promise_words(minutes)) for minutes in PROMISES]
        cadence = incident.severity.public_update_minutes or 0
        promise.initial = next((minutes for minutes in PROMISES if minutes >= cadence), 0) if cadence else 0
        derived = rollup.state_for(incident.severity.rank)
        for component, is_tied in self.components:
            line = said.get(component.pk)
            automatic = (
                _now("By severity: %(state)s") % {"state": words.state_words(derived)}
                if is_tied
                else _now("Not affected")
            )
            self.fields[f"component_{component.pk}"] = forms.ChoiceField(
                label=component.name,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
                initial=line.state if line is not None and line.chosen else "",
                choices=[("", automatic), *((state, words.state_words(state)) for state in ComponentState.values)],
            )

    def component_fields(self) -> list[tuple[str, list[Any]]]:
        """The fields of components by page; a page without any is left out."""
        found: dict[str, list[Any]] = {}
        for component, _is_tied in self.components:
            found.setdefault(component.page.name, []).append(self[f"component_{component.pk}"])
        return list(found.items())

    def chosen(self) -> dict[int, str]:
        """The states a person gave, by component id."""
        found = {
            component.pk: self.cleaned_data[f"component_{component.pk}"] for component, _is_tied in self.components
        }
        return {pk: state for pk, state in found.items() if state}

    def next_update_at(self, at: datetime) -> datetime | None:
        minutes = self.cleaned_data["next_minutes"]
        return at + timedelta(minutes=minutes) if minutes else None


def title_so_far(incident: Incident) -> str:
    """What the public calls it; before it was told, the words of the person who declared it. A machine's words name
    hosts and metrics: those are not offered."""
    told = public.find(incident.pk)
    if told is not None:
        return told.title
    return "" if incident.origin == Incident.Origin.ALERT else incident.title


def _components_for(incident: Incident) -> list[tuple[Component, bool]]:
    """Components of the pages that tell of the incident, or would; and whether its service stands behind them."""
    homes = announcing.pages_for_service(incident.service_id)
    tied = {component.pk for _page, components in homes for component in components}
    pages = StatusPage.objects.filter(announcements__incident_id=incident.pk)
    page_ids = {page.pk for page, _components in homes} | set(pages.values_list("pk", flat=True))
    rows = Component.objects.filter(page__in=page_ids).select_related("page")
    return [(row, row.pk in tied) for row in rows.order_by("page__name", "position", "name")]


def _promise_words(minutes: int) -> str:
    if not minutes:
        return _now("No promise")
    return _now("In %(span)s") % {"span": words.span(minutes * 60)}
