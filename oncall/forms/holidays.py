"""The field for a country or region whose public holidays count."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from oncall.queries import public_holidays


class NamesCountries:
    """A form that offers the countries whose holidays are known."""

    @property
    def countries(self) -> Mapping[str, str]:
        return public_holidays.countries()


class HolidaysField(forms.CharField):
    """Takes "DE", "DE-BY" or "Germany", and offers every country that is known; empty is nobody's."""

    def __init__(self, **more: Any) -> None:
        more = {"label": _("Public holidays of"), "required": False, "max_length": 60, **more}
        super().__init__(**more)
        self.widget.attrs |= {"list": "countries", "autocomplete": "off", "placeholder": "DE-BY"}

    def clean(self, value: Any) -> str:
        try:
            return public_holidays.read(super().clean(value))
        except Refused as error:
            raise forms.ValidationError(str(error)) from None
