"""Pages: made, changed, removed. Every change stands in the audit log and moves the page's revision."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.names import require_visible
from core.slugs import slug_from
from statuspage.models import StatusPage

# Addresses of the default page's own files, which stand next to the other pages; and of the pages about pages.
RESERVED = {"history", "incidents", "api", "assets", "new", "of", "components"}
FIELDS = ("name", "slug", "description", "time_zone", "language")


def add_page(
    *,
    name: str,
    actor: User | None,
    at: datetime,
    slug: str = "",
    description: str = "",
    time_zone: str = "UTC",
    language: str = "en",
) -> StatusPage:
    """A new page, empty. Without `slug` one is made from the name. The first of all is the default one."""
    require_visible(name)
    with transaction.atomic():
        made = slug or slug_from(name, word="page", taken=lambda word: word in RESERVED or _is_taken(word, None))
        _require_free(made, None)
        page = StatusPage.objects.create(
            name=name,
            slug=made,
            description=description,
            time_zone=time_zone,
            language=language,
            is_default=not StatusPage.objects.filter(is_default=True).exists(),
            changed_at=at,
        )
        audit.record(actor, "add status page", page.name, before={}, after=_values(page), at=at)
    return page


def change_page(page: StatusPage, *, actor: User | None, at: datetime, **changes: Any) -> StatusPage:
    """Give the page other values: any of name, slug, description, time_zone, language."""
    with transaction.atomic():
        fresh = StatusPage.objects.select_for_update(no_key=True).get(pk=page.pk)
        before = _values(fresh)
        if changes.get("slug") == "":
            changes.pop("slug")
        if "slug" in changes:
            _require_free(changes["slug"], fresh)
        if "name" in changes:
            require_visible(changes["name"])
        for field in FIELDS:
            if field in changes:
                setattr(fresh, field, changes[field])
        after = _values(fresh)
        if after != before:
            fresh.save(update_fields=FIELDS)
            StatusPage.objects.filter(pk=fresh.pk).changed(at)
            audit.record(actor, "change status page", fresh.name, before=before, after=after, at=at)
    return fresh


def make_default(page: StatusPage, *, actor: User | None, at: datetime) -> StatusPage:
    """This page stands at /status/ from now on; the one before keeps its own address."""
    with transaction.atomic():
        rows = {row.pk: row for row in StatusPage.objects.select_for_update(no_key=True).order_by("pk")}
        fresh = rows[page.pk]
        if fresh.is_default:
            return fresh
        for row in rows.values():
            if row.is_default:
                row.is_default = False
                row.save(update_fields=["is_default"])
        fresh.is_default = True
        fresh.save(update_fields=["is_default"])
        StatusPage.objects.all().changed(at)
        audit.record(actor, "make status page default", fresh.name, before={}, after={"is_default": True}, at=at)
    return fresh


def remove_page(page: StatusPage, *, actor: User | None, at: datetime) -> None:
    """The page, its components and its history go; its files with the next sweep. The default page stays."""
    with transaction.atomic():
        fresh = StatusPage.objects.select_for_update().get(pk=page.pk)
        if fresh.is_default:
            raise Refused(
                _("%(page)s is the default page, and there must be one. Make another page the default first.")
                % {"page": fresh},
                code="default_page",
            )
        audit.record(actor, "remove status page", fresh.name, before=_values(fresh), after={}, at=at)
        fresh.delete()


def _is_taken(slug: str, but: StatusPage | None) -> bool:
    others = StatusPage.objects.exclude(pk=but.pk) if but else StatusPage.objects.all()
    return others.filter(slug__iexact=slug).exists()


def _require_free(slug: str, but: StatusPage | None) -> None:
    if slug.lower() in RESERVED:
        raise Refused(
            _("“%(slug)s” is an address that the pages need for themselves.") % {"slug": slug}, code="slug_reserved"
        )
    if _is_taken(slug, but):
        raise Refused(_("Another page has the address “%(slug)s” already.") % {"slug": slug}, code="slug_taken")


def _values(page: StatusPage) -> dict[str, Any]:
    return {field: getattr(page, field) for field in FIELDS}
