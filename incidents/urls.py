"""Pages of incidents/."""

from django.urls import path

from incidents.views import declaring, dialogs, lists, saying, verbs, war_room

app_name = "incidents"
urlpatterns = [
    path("", lists.incidents, name="list"),
    path("declare/", declaring.declare, name="declare"),
    path("similar/", declaring.similar, name="similar"),
    path("of-service/<slug:slug>/", lists.of_service, name="of-service"),
    path("<str:reference>/", war_room.room, name="room"),
    path("<str:reference>/live/", war_room.live, name="live"),
    path("<str:reference>/timeline/", war_room.timeline, name="timeline"),
    path("<str:reference>/say/", saying.say, name="say"),
    path("<str:reference>/move/<str:verb>/", verbs.move, name="move"),
    path("<str:reference>/escalate/", verbs.escalate, name="escalate"),
    path("<str:reference>/roles/", verbs.roles, name="roles"),
    path("<str:reference>/visibility/", verbs.visibility, name="visibility"),
    path("<str:reference>/admission/", verbs.admission, name="admission"),
    path("<str:reference>/form/<str:name>/", dialogs.dialog, name="dialog"),
]
