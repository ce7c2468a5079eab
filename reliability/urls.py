"""Pages of reliability/."""

from django.urls import path

from reliability import views

app_name = "reliability"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.edit, name="new"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("of/<str:slug>/", views.of_service, name="of-service"),
]
