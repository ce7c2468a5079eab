"""The API of statuspage/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
