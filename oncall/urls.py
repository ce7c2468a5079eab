"""Pages of oncall/."""

from django.urls import URLPattern

app_name = "oncall"
urlpatterns: list[URLPattern] = []
