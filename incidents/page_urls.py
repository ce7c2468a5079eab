"""The address of the one-tap links, /p/<token>/."""

from django.urls import path

from incidents.views import page_link

app_name = "pages"
urlpatterns = [path("<str:token>/", page_link.page_link, name="link")]
