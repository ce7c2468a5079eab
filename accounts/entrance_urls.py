"""Addresses of django-allauth that have a page of our own instead."""

from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("email/", RedirectView.as_view(pattern_name="accounts:profile")),
    path("sessions/", RedirectView.as_view(pattern_name="accounts:sessions")),
]
