"""Pages of catalog/."""

from django.urls import path

from catalog.views import services, severities

app_name = "catalog"
urlpatterns = [
    path("", services.listing, name="services"),
    path("severities/", severities.listing, name="severities"),
    path("severities/<slug:code>/", severities.edit, name="severity"),
    path("<slug:slug>/", services.detail, name="service"),
    path("<slug:slug>/edit/", services.edit, name="edit-service"),
    path("<slug:slug>/archive/", services.archive, name="archive-service"),
    path("<slug:slug>/restore/", services.restore, name="restore-service"),
]
