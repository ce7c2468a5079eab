"""Questions about what we run."""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from catalog import graph, naming
from catalog.models import Service, Severity

LARGEST_ID = 2**63 - 1


def services() -> QuerySet[Service]:
    """The services we run, archived ones left out, the most important first."""
    return Service.objects.filter(archived_at=None).select_related("owner")


def severity_named(text: str | int) -> Severity | None:
    """The severity with this id, code, alias or name ("SEV1", "sev-1", "P1", "Critical", 4); None if there is none.

    A number, or digits alone, is an id. Aliases are the rows' own; the defaults take P0–P3 and P1–P4 both
    (docs/decisions/severity-aliases.md).
    """
    word = str(text).strip()
    if word.isascii() and word.isdigit():
        return Severity.objects.filter(pk=int(word)).first() if int(word) <= LARGEST_ID else None
    return naming.named(word, Severity.objects.all())


class Impact(NamedTuple):
    """One service that suffers, and the way the failure takes to it (the failing service first)."""

    service: Service
    way: list[Service]

    @property
    def is_direct(self) -> bool:
        return len(self.way) == 2

    @property
    def through(self) -> list[Service]:
        """Those in between, from the failing service on."""
        return self.way[1:-1]


def dependency_edges(among: QuerySet[Service]) -> dict[int, list[int]]:
    """Service id → ids of what it needs, both ends `among` those given."""
    edges: dict[int, list[int]] = {}
    rows = Service.depends_on.through.objects.filter(from_service__in=among, to_service__in=among)
    for needing, needed in rows.values_list("from_service_id", "to_service_id"):
        edges.setdefault(needing, []).append(needed)
    return edges


def impact_of(service: Service) -> list[Impact]:
    """Who needs `service`, directly or through others, nearest first and then the most important tier."""
    ways = graph.reach(graph.reversed_edges(dependency_edges(services())), service.pk)
    known = services().in_bulk({number for way in ways.values() for number in way} - {service.pk})
    known[service.pk] = service
    found = [Impact(known[number], [known[step] for step in way]) for number, way in ways.items()]
    return sorted(found, key=lambda hit: (len(hit.way), hit.service.tier, hit.service.name))


def holding(text: str, among: QuerySet[Service]) -> QuerySet[Service]:
    """Those `among` the given services whose name, slug, description or owner holds every word of `text`."""
    found = among
    for word in text.split()[:8]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(slug__icontains=word)
            | Q(description__icontains=word)
            | Q(owner__name__icontains=word)
        )
    return found
