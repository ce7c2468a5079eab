"""The web process: Django, and beside it the thin endpoints that must be fast or must outlive the database."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

django_app = get_asgi_application()


from alerts.intake import after_commit, intake  # noqa: E402
from config.nudge import payloads_arrived  # noqa: E402
from incidents.room import websocket  # noqa: E402
from statuspage.serving import status_files  # noqa: E402

after_commit(payloads_arrived)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Hand the connection to whom its address belongs."""
    kind, path = scope["type"], scope.get("path", "")
    if kind == "http" and path.startswith("/in/"):
        await intake(scope, receive, send)
    elif kind == "http" and (path == "/status" or path.startswith("/status/")):
        await status_files(scope, receive, send)
    elif kind == "websocket":
        await websocket(scope, receive, send)
    else:
        await django_app(scope, receive, send)
