"""Pages of reliability/."""

from django.urls import URLPattern

app_name = "reliability"
urlpatterns: list[URLPattern] = []
