"""Changing what we run: services, what they need, and what severities promise. Every change stands in the audit log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Team, User
from catalog import graph, naming, queries
from catalog.links import Link
from catalog.models import Service, Severity
from core.errors import Refused
from core.names import require_visible
from core.slugs import slug_from

LONGEST_PROMISE = 32_000
SEVERITY_FIELDS = [
    *("name", "description", "aliases", "urgency", "acknowledge_minutes", "required_roles", "commander_minutes"),
    *("internal_update_minutes", "public_update_minutes", "restore_minutes", "lose_at_most_minutes"),
    *("postmortem_required", "meeting_hours", "publish_hours"),
    *("due_days_immediate", "due_days_short", "due_days_long"),
]


def add_service(
    *,
    name: str,
    actor: User | None,
    at: datetime,
    slug: str = "",
    description: str = "",
    tier: int = 2,
    owner: Team | None = None,
    links: Iterable[Link] = (),
    depends_on: Iterable[Service] = (),
) -> Service:
    """A new service. Without `slug` one is made from the name."""
    with transaction.atomic():
        require_visible(name)
        _lock_services()
        _require_free(name=name, slug=slug, but=None)
        made = slug or slug_from(
            name, word="service", taken=lambda word: Service.objects.filter(slug__iexact=word).exists()
        )
        service = Service.objects.create(
            name=name, slug=made, description=description, tier=tier, owner=owner, links=list(links)
        )
        service.depends_on.set(_fit_to_need(service, list(depends_on)))
        audit.record(actor, "add service", service.name, before={}, after=_values(service), at=at)
    return service


def change_service(service: Service, *, actor: User | None, at: datetime, **changes: Any) -> Service:
    """Give the service other values: any of name, slug, description, tier, owner, links, depends_on."""
    with transaction.atomic():
        _lock_services()
        fresh = Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        before = _values(fresh)
        needed = changes.pop("depends_on", None)
        if changes.get("slug") == "":
            changes.pop("slug")
        if "name" in changes:
            require_visible(changes["name"])
        _require_free(name=changes.get("name", ""), slug=changes.get("slug", ""), but=fresh)
        for field, value in changes.items():
            setattr(fresh, field, value)
        fresh.save()
        if needed is not None:
            fresh.depends_on.set(_fit_to_need(fresh, list(needed)))
        after = _values(fresh)
        if after != before:
            audit.record(actor, "change service", fresh.name, before=before, after=after, at=at)
    return fresh


def archive_service(service: Service, *, actor: User | None, at: datetime) -> Service:
    """We do not run it any more: it leaves every list and choice; its history stays."""
    with transaction.atomic():
        _lock_services()
        fresh = Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        if fresh.archived_at is not None:
            return fresh
        needing = list(fresh.needed_by.filter(archived_at=None).values_list("name", flat=True)[:4])
        if needing:
            raise Refused(
                _("%(service)s is still needed by %(names)s. Take it out of what they depend on first.")
                % {"service": fresh, "names": ", ".join(needing)},
                code="still_needed",
            )
        fresh.archived_at = at
        fresh.save(update_fields=["archived_at"])
        audit.record(actor, "archive service", fresh.name, before={"archived": False}, after={"archived": True}, at=at)
    return fresh


def restore_service(service: Service, *, actor: User | None, at: datetime) -> Service:
    """We run it again."""
    with transaction.atomic():
        fresh = Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        if fresh.archived_at is None:
            return fresh
        fresh.archived_at = None
        fresh.save(update_fields=["archived_at"])
        audit.record(actor, "restore service", fresh.name, before={"archived": True}, after={"archived": False}, at=at)
    return fresh


def change_severity(severity: Severity, *, actor: User | None, at: datetime, **changes: Any) -> Severity:
    """Change what a severity means and promises. Its code and rank stay: history is told in them."""
    with transaction.atomic():
        rows = {row.pk: row for row in Severity.objects.select_for_update(no_key=True).order_by("rank")}
        fresh = rows[severity.pk]
        before = {field: getattr(fresh, field) for field in SEVERITY_FIELDS}
        for field in [field for field in SEVERITY_FIELDS if field in changes]:
            setattr(fresh, field, changes[field])
        require_visible(fresh.name, *fresh.aliases)
        _require_own_words(fresh, [row for row in rows.values() if row.pk != fresh.pk])
        fresh.save(update_fields=SEVERITY_FIELDS)
        after = {field: getattr(fresh, field) for field in SEVERITY_FIELDS}
        if after != before:
            audit.record(actor, "change severity", fresh.code, before=before, after=after, at=at)
    return fresh


def promise_trouble(field: str, value: Any) -> str:
    """Why a severity cannot promise `value` in `field`, as a sentence; empty if it can."""
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    if value == 0 and field.endswith(("_minutes", "_hours")):
        return _("Leave it empty for no promise; zero cannot be kept.")
    return _("This is too long to mean anything.") if value > LONGEST_PROMISE else ""


def _require_own_words(severity: Severity, others: list[Severity]) -> None:
    """No word may mean two severities."""
    for word in [severity.name, *severity.aliases]:
        holder = naming.named(word, others)
        if holder is not None:
            raise Refused(
                _("“%(word)s” already means %(code)s.") % {"word": word, "code": holder.code}, code="word_taken"
            )


def _lock_services() -> None:
    """One change of the catalog at a time, so that two of them cannot close a circle together. Readers go on."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_service_depends_on IN SHARE ROW EXCLUSIVE MODE")


def _require_free(*, name: str, slug: str, but: Service | None) -> None:
    others = Service.objects.exclude(pk=but.pk) if but else Service.objects.all()
    if name:
        holder = others.filter(Exact(Lower("name"), Lower(Value(name)))).first()
        if holder is not None:
            sentence = (
                _("There is an archived service called “%(name)s”. Restore it, or choose another name.")
                if holder.archived_at
                else _("There is a service called “%(name)s” already.")
            )
            raise Refused(sentence % {"name": holder.name}, code="name_taken")
    if slug and others.filter(slug__iexact=slug).exists():
        raise Refused(_("Another service has the address “%(slug)s” already.") % {"slug": slug}, code="slug_taken")


def _fit_to_need(service: Service, needed: list[Service]) -> list[Service]:
    """The services `service` may depend on; Refused with the circle named, or the archived one."""
    standing = set(service.depends_on.values_list("pk", flat=True))
    edges = {**queries.dependency_edges(Service.objects.all()), service.pk: []}
    for other in needed:
        if other.archived_at is not None and other.pk not in standing:
            raise Refused(_("%(service)s is archived; nothing new can depend on it.") % {"service": other})
        circle = (
            [service.pk, service.pk]
            if other.pk == service.pk
            else [service.pk, *back]
            if (back := graph.path(edges, other.pk, service.pk))
            else []
        )
        if circle:
            names = dict(Service.objects.filter(pk__in=circle).values_list("pk", "name"))
            raise Refused(
                _("A service cannot need itself, even through others: %(circle)s.")
                % {"circle": " → ".join(names[number] for number in circle)},
                code="circular",
            )
    return needed


def _values(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "slug": service.slug,
        "description": service.description,
        "tier": service.tier,
        "owner": service.owner.name if service.owner else None,
        "links": service.links,
        "depends_on": sorted(service.depends_on.values_list("name", flat=True)),
    }
