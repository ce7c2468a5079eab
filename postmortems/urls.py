"""Pages of postmortems/."""

from django.urls import URLPattern

app_name = "postmortems"
urlpatterns: list[URLPattern] = []
