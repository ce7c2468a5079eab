"""Permission at the edges: who is asking, and whether their role carries the verb."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.models import ROLE_CHOICES, User
from accounts.permissions import FIRST_ROLE_WITH, Verb
from core.errors import NotAllowed

View = Callable[..., HttpResponseBase]


def require(person: User, verb: Verb) -> None:
    """Raise `NotAllowed`, with the role it would take, unless `person` may do `verb`."""
    if not person.may(verb):
        raise NotAllowed(
            _("Your role does not allow this. This needs the role %(role)s.")
            % {"role": dict(ROLE_CHOICES)[FIRST_ROLE_WITH[verb]]}
        )


def needs(verb: Verb = Verb.LOOK, *, to_write: Verb | None = None) -> Callable[[View], View]:
    """A view for signed-in people whose role carries `verb` (`to_write` for anything but GET and HEAD, where given).

    Others are led to the sign-in page, or refused with a sentence.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, User):
                if request.headers.get("HX-Request") == "true":
                    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
                return redirect_to_login(request.get_full_path())
            asks = to_write if to_write and request.method not in {"GET", "HEAD"} else verb
            require(request.user, asks)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def person_of(request: HttpRequest | Request) -> User:
    """The signed-in person of a view guarded by `needs`; in the API, the person whose token it is."""
    assert isinstance(request.user, User)
    return request.user
