"""Where tools post their alerts."""

from django.conf import settings


def intake_url(kind: str, key: str) -> str:
    """The absolute address of the door for this key (or for what stands in its place on a page)."""
    return f"{settings.PUBLIC_URL}/in/{kind}/{key}"
