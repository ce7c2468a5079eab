"""Pages of insights/: the home page and the dashboards."""

from django.urls import path

from insights.views import home, measures, promises

app_name = "insights"
urlpatterns = [
    path("", home.show, name="home"),
    path("action-items/", promises.dashboard, name="action-items"),
    path("action-items.csv", promises.as_csv, name="action-items-csv"),
    path("insights/", measures.show, name="measures"),
]
