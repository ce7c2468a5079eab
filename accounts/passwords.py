"""Which passwords are taken, said in Muster's words."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class NotLikeYou(password_validation.UserAttributeSimilarityValidator):
    """It does not repeat the name or the address."""

    def get_error_message(self) -> str:
        return _("This is too much like your name or your address. Choose other words.")


class LongEnough(password_validation.MinimumLengthValidator):
    """It has the letters it takes."""

    def get_error_message(self) -> str:
        return _("This is too short: it takes at least %(min_length)d characters.") % {"min_length": self.min_length}


class NotKnown(password_validation.CommonPasswordValidator):
    """It is none of those that are tried first."""

    def get_error_message(self) -> str:
        return _("This password is widely known, so it is tried first. Choose other words.")
