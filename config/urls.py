"""Every address Django answers. The intake, the public status pages and websockets stand beside it in asgi.py."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import TemplateView

from accounts.views import invitations
from config import health, paging_health, reference
from incidents import chatops
from notifications.views.hooks import twilio_status
from notifications.views.invitations import invite
from oncall.views.services import add as add_service
from oncall.views.take import take

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", reference.show, name="api-reference"),
    path("api/v1/", include("config.api")),
    path("accounts/", include("accounts.entrance_urls")),
    path("accounts/", include("allauth.urls")),
    path("join/<str:secret>/", invitations.join, name="join"),
    path("settings/people/invite/", invite, name="invite"),
    path("settings/paging-health/", paging_health.show, name="paging-health"),
    path("settings/", include("accounts.urls")),
    path("me/", include("notifications.urls")),
    path("hooks/twilio/<int:pk>/", twilio_status, name="hook-twilio"),
    path("hooks/slack/", chatops.slack_button, name="hook-slack"),
    path("p/", include("incidents.page_urls")),
    path("take/<str:token>/", take, name="take"),
    path("services/new/", add_service, name="new-service"),
    path("services/", include("catalog.urls")),
    path("oncall/", include("oncall.urls")),
    path("incidents/", include("incidents.urls")),
    path("alerts/", include("alerts.urls")),
    path("status-pages/", include("statuspage.urls")),
    path("postmortems/", include("postmortems.urls")),
    path("reliability/", include("reliability.urls")),
    path("", include("insights.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("style/", TemplateView.as_view(template_name="core/style.html"), name="style")]

handler400 = "core.errors_views.bad_request"
handler403 = "core.errors_views.not_allowed"
handler404 = "core.errors_views.not_found"
handler500 = "core.errors_views.broken"
