"""The API under /api/v1/: each room brings its own addresses."""

from django.urls import include, path
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

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
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
]
