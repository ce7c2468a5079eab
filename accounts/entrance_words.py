"""What the entrance says where something is wrong, instead of the words of the library behind it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NOT_YOU = _("This address and this password do not belong together.")
SENTENCES: dict[str, Any] = {
    "account_inactive": _("This account is closed. An administrator can open it again."),
    "email_password_mismatch": NOT_YOU,
    "invalid_login": NOT_YOU,
    "enter_current_password": _("This is not your password."),
    "incorrect_password": _("This is not your password."),
    "incorrect_code": _("This is not the code."),
    "invalid_or_expired_key": _("This link was used already, or is too old."),
    "invalid_password_reset": _("This link was used already, or is too old."),
    "same_as_current": _("This is what it was before. Choose another."),
    "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
    "rate_limited": _("Too many tries. Wait a little, then try again."),
}
