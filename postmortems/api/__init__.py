"""The API of postmortems/: lessons and promises."""

from core.api import router
from postmortems.api.items import ActionItemViewSet
from postmortems.api.lessons import PostmortemViewSet

_router = router()
_router.register("postmortems", PostmortemViewSet, basename="postmortem")
_router.register("action-items", ActionItemViewSet, basename="action-item")
urlpatterns = _router.urls
