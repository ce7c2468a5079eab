"""The API of incidents/."""

from django.urls import re_path

from core.api import router
from incidents.api.incidents import IncidentViewSet
from incidents.paging_api import IncidentPages

routes = router()
routes.register("incidents", IncidentViewSet, basename="incident")

urlpatterns = [
    re_path(r"^incidents/(?P<reference>[A-Za-z0-9-]+)/pages/?$", IncidentPages.as_view(), name="incident-pages"),
    *routes.urls,
]
