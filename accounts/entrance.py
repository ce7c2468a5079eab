"""The forms of the entrance, in the words the rest of Muster uses."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import Form


class _Labelled(Form):
    """Labels of our own, and no grey words within the fields that repeat them."""

    words: dict[str, Any] = {}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, label in self.words.items():
            if name in self.fields:
                self.fields[name].label = label
        for field in self.fields.values():
            if isinstance(field.widget, forms.widgets.Input):
                field.widget.attrs.pop("placeholder", None)


class SignInForm(_Labelled, account.LoginForm):
    """E-mail address and password."""

    words = {"login": _("E-mail address"), "password": _("Password"), "remember": _("Stay signed in")}


class ForgottenPasswordForm(_Labelled, account.ResetPasswordForm):
    """Where to send a way back in."""

    words = {"email": _("E-mail address")}


class _Twice(_Labelled):
    """A password that is typed twice."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        typed = [self.data.get(self.add_prefix(name)) for name in ("password1", "password2")]
        if all(typed) and typed[0] != typed[1]:
            self.errors.pop("password2", None)
            self.add_error("password2", _("The two passwords differ."))
        return given


class NewPasswordForm(_Twice, account.ResetPasswordKeyForm):
    """The password from now on, by the link that was mailed."""

    words = {"password1": _("New password"), "password2": _("The new password once more")}


class ChangePasswordForm(_Twice, account.ChangePasswordForm):
    """The password until now, and from now on."""

    words = {"oldpassword": _("Your password until now"), **NewPasswordForm.words}


class FirstPasswordForm(_Twice, account.SetPasswordForm):
    """A password for somebody who signed in elsewhere until now."""

    words = NewPasswordForm.words


class WhoAreYouForm(_Labelled, account.ReauthenticateForm):
    """The password once more, before something grave."""

    words = {"password": _("Your password")}


class SecondStepForm(_Labelled, mfa.AuthenticateForm):
    """The code of the second step."""

    words = {"code": _("Code")}


class SecondStepAgainForm(_Labelled, mfa.ReauthenticateForm):
    """The same, before something grave."""

    words = {"code": _("Code")}


class AuthenticatorForm(_Labelled, ActivateTOTPForm):
    """The first code of a new authenticator."""

    words = {"code": _("The code it shows now")}
