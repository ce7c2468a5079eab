"""Writes the public pages: what changed is found by its revision, claimed, read, rendered and put on the disk."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core.middleware import zone_or_utc
from statuspage import files, rendering, site
from statuspage.announcing import announcements_due
from statuspage.models import StatusPage

__all__ = ["announcements_due", "pages_due"]
log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
PAUSE_AFTER_FAILURE = timedelta(seconds=20)


def pages_due(at: datetime) -> int:
    """Write every page that changed since it was written, whose day rolled over, whose files are gone or were made
    with another look; take away the files of pages that are no more. How many were written."""
    ensure_default_page(at)
    written = 0
    for page in StatusPage.objects.filter(Q(write_after=None) | Q(write_after__lte=at)):
        if _is_due(page, at) and (claimed := _claim(page.pk, at)) is not None:
            written += _write(claimed, at)
    names = {_name(page) for page in StatusPage.objects.all()}
    for gone in files.pages_written(_root()) - names:
        files.withdraw(_root(), gone, standing=names)
    return written


def ensure_default_page(at: datetime) -> None:
    """There is always a page at /status/: a new installation gets one."""
    if not StatusPage.objects.filter(is_default=True).exists():
        StatusPage.objects.get_or_create(is_default=True, defaults={"name": "Status", "slug": "main", "changed_at": at})


def is_written(page: StatusPage) -> bool:
    """Whether what the page should show is what the world sees."""
    return page.written_revision == page.revision


def _root() -> Path:
    return Path(settings.STATUS_ROOT)


def _name(page: StatusPage) -> str:
    """Of the page's notes: by what its files follow from, so that a renamed page's old files are found and removed."""
    return f"{page.public_id}.{'default' if page.is_default else page.slug}"


def _is_due(page: StatusPage, at: datetime) -> bool:
    if page.revision != page.written_revision or page.written_at is None or page.written_look != rendering.look():
        return True
    zone = zone_or_utc(page.time_zone)
    if page.written_at.astimezone(zone).date() != at.astimezone(zone).date():
        return True
    below = site.root_of(page).removeprefix("/status/")
    return (
        not (_root() / below / "index.html").is_file() or not (_root() / files.NOTES / f"{_name(page)}.json").is_file()
    )


def _claim(pk: int, at: datetime) -> StatusPage | None:
    """The page as it stands, leased to this writer; None if another one has it."""
    with transaction.atomic():
        page = (
            StatusPage.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(Q(write_after=None) | Q(write_after__lte=at), pk=pk)
            .first()
        )
        if page is not None:
            StatusPage.objects.filter(pk=pk).update(write_after=at + LEASE)
    return page


def _write(page: StatusPage, at: datetime) -> int:
    """Render and write; 1, or 0 where it failed (and is put off, with the reason kept for the page's managers)."""
    rows = StatusPage.objects.filter(pk=page.pk)
    try:
        for path, content in rendering.assets().values():
            if not (_root() / path).is_file():  # older ones stay: a page that is open somewhere still asks for them
                files.write(_root() / path, content)
        files.publish(_root(), _name(page), rendering.leaves(site.read(page, at=at)))
        if page.is_default:
            files.note_default(_root(), page.slug)
    except Exception as error:
        log.exception("A status page could not be written", extra={"page": page.slug})
        rows.update(write_after=at + PAUSE_AFTER_FAILURE, write_failure=f"{type(error).__name__}: {error}"[:1000])
        return 0
    # Whatever was committed after the claim has moved the revision on, so the page is found again.
    rows.update(
        written_revision=page.revision,
        written_look=rendering.look(),
        written_at=at,
        write_after=None,
        write_failure="",
    )
    return 1
