"""Pages of postmortems/, under /postmortems/."""

from django.urls import path

from postmortems.views import items, lessons

app_name = "postmortems"
urlpatterns = [
    path("", lessons.listing, name="list"),
    path("action-items/new/", items.add, name="new-action-item"),
    path("action-items/<int:pk>/", items.item, name="action-item"),
    path("action-items/<int:pk>/edit/", items.edit, name="edit-action-item"),
    path("action-items/<int:pk>/remove/", items.remove, name="remove-action-item"),
    path("action-items/<int:pk>/<str:verb>/", items.move, name="move-action-item"),
    path("of/<str:reference>/", lessons.panel, name="of-incident"),
    path("of/<str:reference>/write/", lessons.write, name="write"),
    path("of/<str:reference>/action-items/new/", items.quick_add, name="add-action-item"),
    path("<str:reference>/", lessons.postmortem, name="postmortem"),
    path("<str:reference>/edit/", lessons.edit, name="edit"),
    path("<str:reference>/author/", lessons.author, name="author"),
    path("<str:reference>/markdown/", lessons.markdown, name="markdown"),
    path("<str:reference>/factors/", lessons.add_factor, name="add-factor"),
    path("<str:reference>/factors/<int:pk>/remove/", lessons.remove_factor, name="remove-factor"),
    path("<str:reference>/move/<str:verb>/", lessons.move, name="move"),
]
