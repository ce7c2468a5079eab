"""The API under /api/v1/: each room brings its own addresses."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

import accounts.api
import accounts.schema
import alerts.api
import catalog.api
import incidents.api
import insights.api
import notifications.api
import oncall.api
import postmortems.api
import reliability.api
import statuspage.api


@csrf_exempt
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """An address without a call is answered as every error of the API is."""
    body = {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": f"There is no call at /api/v1/{rest[:100]}. /api/v1/schema/ describes those there are.",
        "code": "not_found",
    }
    return JsonResponse(body, status=404, content_type="application/problem+json")


urlpatterns = [
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    *(
        path("", include(room))
        for room in (
            accounts.api,
            oncall.api,
            catalog.api,
            notifications.api,
            incidents.api,
            alerts.api,
            statuspage.api,
            postmortems.api,
            reliability.api,
            insights.api,
        )
    ),
    re_path(r"^(?P<rest>.*)$", nowhere),
]
