"""The address of the one-tap links, /p/<token>/."""

from django.urls import path

from incidents import chatops
from incidents.views import page_link

app_name = "pages"
urlpatterns = [
    path("<str:token>/", page_link.page_link, name="link"),
    path("<str:token>/keypad/", chatops.keypad, name="keypad"),
]
