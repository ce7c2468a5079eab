"""The base of every form: what is wrong is said in Muster's words, whichever library found it."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentences = dict[str, str | Promise]

CHOOSE = _("Choose one of those that are offered.")
EVERYWHERE: Sentences = {
    "required": _("Fill this in."),
    "max_length": _("This is too long: %(show_value)s characters, and %(limit_value)s have room."),
    "min_length": _("This is too short: it takes at least %(limit_value)s characters."),
    "max_value": _("This is too much: %(limit_value)s is the most."),
    "min_value": _("This is too little: %(limit_value)s is the least."),
    "step_size": _("Only multiples of %(limit_value)s."),
    "max_digits": _("This has too many digits: %(max)s are the most."),
    "max_decimal_places": _("Too many digits after the point: %(max)s are the most."),
    "max_whole_digits": _("Too many digits before the point: %(max)s are the most."),
    "null_characters_not_allowed": _("There is a character in it that cannot be kept."),
    "unique": _("There is one like this already."),
}
# By kind of field; the last that fits goes first, so the special stands below the general.
BY_KIND: list[tuple[type[forms.Field], Sentences]] = [
    (forms.BooleanField, {"required": _("Tick this first.")}),
    (forms.ChoiceField, {"required": _("Choose one."), "invalid_choice": CHOOSE}),
    (forms.ModelChoiceField, {"required": _("Choose one."), "invalid_choice": CHOOSE}),
    (
        forms.MultipleChoiceField,
        {"required": _("Choose at least one."), "invalid_choice": CHOOSE, "invalid_list": CHOOSE},
    ),
    (
        forms.ModelMultipleChoiceField,
        {
            "required": _("Choose at least one."),
            **dict.fromkeys(("invalid_choice", "invalid_list", "invalid_pk_value"), CHOOSE),
        },
    ),
    (forms.IntegerField, {"invalid": _("This is not a whole number.")}),
    (forms.FloatField, {"invalid": _("This is not a number.")}),
    (forms.DecimalField, {"invalid": _("This is not a number.")}),
    (forms.DateField, {"required": _("Choose a day."), "invalid": _("This is not a date.")}),
    (forms.TimeField, {"required": _("Choose a time."), "invalid": _("This is not a time of day, such as 09:30.")}),
    (
        forms.DateTimeField,
        {"required": _("Choose a day and a time."), "invalid": _("This is not a date and a time.")},
    ),
    (forms.EmailField, {"invalid": _("This is not an e-mail address: it should look like name@example.com.")}),
    (forms.URLField, {"invalid": _("This is not a web address: it begins with https:// or http://.")}),
    (forms.SlugField, {"invalid": _("Only letters without accents, digits, hyphens and underscores.")}),
    (SimpleArrayField, {"item_invalid": _("Entry %(nth)s:")}),
]


class Worded(forms.BaseForm):
    """Says what is wrong in Muster's words; what a field says of its own stands."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == BLANK_CHOICE_DASH[0][1]:
                field.empty_label = _("Choose…")

    def full_clean(self) -> None:
        for field in self.fields.values():
            reword(field)
        super().full_clean()


class Form(Worded, forms.Form):
    """A form."""


class ModelForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A form of one row."""


def reword(field: forms.Field) -> None:
    """The field says what is wrong in Muster's words, but for what was written for it alone."""
    said, library = field.error_messages, _library(field)
    for code, sentence in _sentences(field):
        if code not in said or said[code] is library.get(code):
            said[code] = sentence
    if isinstance(field, SimpleArrayField):
        reword(field.base_field)


def _sentences(field: forms.Field) -> Iterator[tuple[str, Any]]:
    found = dict(EVERYWHERE)
    for kind, sentences in BY_KIND:
        if isinstance(field, kind):
            found.update(sentences)
    yield from found.items()


def _library(field: forms.Field) -> dict[str, Any]:
    """What Django says for this kind of field by itself."""
    found: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        if kind.__module__.startswith("django."):
            found.update(kind.__dict__.get("default_error_messages", {}))
    return found
