"""What holds for every page: the reader's zone and language, and refusals told as sentences."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from core import origin, patience
from core.errors import Refused
from core.errors_views import bad_request

REQUEST_SECONDS = 15.0
Answer = Callable[[HttpRequest], HttpResponse]


class OriginMiddleware:
    """Remembers from where a request comes, and turns away addresses that hold a NUL: no table could hold it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, ValueError("NUL in the address"))
        with origin.of(request):
            return self.get_response(request)


class PatienceMiddleware:
    """No request waits for PostgreSQL longer than fifteen seconds in all; then it is answered 503."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with patience.within(REQUEST_SECONDS):
            return self.get_response(request)


class ReaderMiddleware:
    """Renders times in the reader's zone and words in the reader's language."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zone_or_utc(user.time_zone)):
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            return self.get_response(request)


def zone_or_utc(name: str) -> zoneinfo.ZoneInfo:
    """The named IANA zone; UTC where no such zone is known on this machine."""
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


class RefusedMiddleware:
    """Answers a `Refused` from any page with its status and its sentence."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The refusal as a small partial for htmx, as a page otherwise; other errors are not ours."""
        if not isinstance(error, Refused):
            return None
        template = "_refused.html" if request.headers.get("HX-Request") else "errors/refused.html"
        answer = render(request, template, {"sentence": error.sentence, "code": error.code}, status=error.status)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#refusals", "innerHTML"
        return answer
