"""Pages of insights/: the home page and the dashboards."""

from django.urls import path

from insights.views import measures

app_name = "insights"
urlpatterns = [
    path("insights/", measures.show, name="measures"),
]
