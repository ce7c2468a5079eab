"""Pages of statuspage/, under /status-pages/. The public pages themselves stand at /status/ (serving.py)."""

from django.urls import path

from statuspage.views import components, of_incident, pages

app_name = "statuspage"
urlpatterns = [
    path("", pages.listing, name="pages"),
    path("new/", pages.add, name="add-page"),
    path("of/<str:reference>/", of_incident.panel, name="of-incident"),
    path("of/<str:reference>/tell/", of_incident.tell, name="tell"),
    path("components/<int:pk>/", components.edit, name="edit-component"),
    path("components/<int:pk>/state/", components.state, name="component-state"),
    path("components/<int:pk>/follow/", components.follow, name="component-follow"),
    path("components/<int:pk>/place/", components.place, name="component-place"),
    path("components/<int:pk>/remove/", components.remove, name="remove-component"),
    path("<slug:slug>/", pages.page, name="page"),
    path("<slug:slug>/edit/", pages.edit, name="edit-page"),
    path("<slug:slug>/default/", pages.make_default, name="default-page"),
    path("<slug:slug>/remove/", pages.remove, name="remove-page"),
    path("<slug:slug>/components/new/", components.add, name="add-component"),
]
