"""Pages of alerts/."""

from django.urls import path

from alerts.views import lists, payloads, sources, verbs

app_name = "alerts"
urlpatterns = [
    path("", lists.alerts, name="list"),
    path("<int:pk>/", lists.alert, name="alert"),
    path("<int:pk>/acknowledge/", verbs.acknowledge, name="acknowledge"),
    path("<int:pk>/resolve/", verbs.resolve, name="resolve"),
    path("of/<str:reference>/", lists.of_incident, name="of-incident"),
    path("of-service/<slug:slug>/", lists.of_service, name="of-service"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.new_source, name="new-source"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/edit/", sources.edit_source, name="edit-source"),
    path("sources/<int:pk>/key/", sources.new_key, name="new-key"),
    path("sources/<int:pk>/switch/", sources.switch, name="switch-source"),
    path("sources/<int:pk>/test/", sources.test, name="test-source"),
    path("sources/<int:pk>/replay/", sources.replay_unreadable, name="replay-unreadable"),
    path("sources/payloads/<int:pk>/", payloads.payload, name="payload"),
    path("sources/payloads/<int:pk>/replay/", payloads.replay, name="replay"),
]
