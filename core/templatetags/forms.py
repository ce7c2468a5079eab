"""Tags that show form fields. Part of core.templatetags.muster."""

from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select

register = template.Library()
Context = dict[str, Any]


def _widget_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return ""
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag("_field.html")
def field(bound: BoundField, draft: str = "", help: str | None = None, label: str = "", **attrs: Any) -> Context:
    """`{% field form.title %}`: label, help, widget and the error, tied together for screen readers.

    draft="incident.{{ pk }}.note" keeps what is typed; help="" leaves the field's own help out; any other keyword
    becomes an attribute (`_` becomes `-`).
    """
    if help is not None:
        bound.help_text = help
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    own = " ".join(
        filter(None, [_widget_class(bound), bound.field.widget.attrs.get("class", ""), given.pop("class", "")])
    )
    given = {**({"class": own} if own else {}), **({"data-draft": draft} if draft else {}), **given}
    widget = bound.field.widget
    choices = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=given),
        "is_check": isinstance(widget, CheckboxInput),
        "is_choices": choices,
        "is_optional": not bound.field.required and not isinstance(widget, CheckboxInput | FileInput),
        "label": label or bound.label,
        "help": bound.help_text,
    }


@register.inclusion_tag("_fields.html")
def fields(form: Any, draft: str = "") -> Context:
    """`{% fields form %}`: what is wrong with the whole form, then every field."""
    return {"form": form, "draft": draft}
