"""Pages of services."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs, person_of
from accounts.models import Team
from accounts.permissions import Verb
from catalog import actions, queries
from catalog.forms import TIERS, ServiceForm
from catalog.models import Service
from core.api_fields import found_by
from core.errors import Refused

PANELS = ("oncall:of-service", "incidents:of-service", "alerts:of-service", "reliability:of-service")


@needs(Verb.LOOK)
@require_http_methods(["GET", "HEAD"])
def listing(request: HttpRequest) -> HttpResponse:
    """What we run, by tier; filters by words, team and tier."""
    text, tier, owner = (request.GET.get(name, "").strip()[:200] for name in ("q", "tier", "owner"))
    archived = request.GET.get("show") == "archived"
    found = Service.objects.filter(archived_at__isnull=not archived).select_related("owner")
    found = queries.holding(text, found.prefetch_related("depends_on"))
    team = found_by(Team.objects.all(), owner) if owner else None
    if owner:
        found = found.filter(owner=team) if team else found.none()
    if tier in {"1", "2", "3", "4"}:
        found = found.filter(tier=int(tier))
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "text": text,
        "tier": tier,
        "team": team,
        "tiers": TIERS,
        "teams": Team.objects.all(),
        "archived": archived,
        "filtered": bool(text or tier or owner or archived),
    }
    return render(request, "catalog/services.html", context)


@needs(Verb.LOOK)
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One service: who answers, what burns, what it needs, and who suffers when it fails."""
    service = get_object_or_404(Service.objects.select_related("owner"), slug=slug)
    context = {
        "service": service,
        "needs": service.depends_on.filter(archived_at=None),
        "impact": queries.impact_of(service),
        "panels": [address for name in PANELS if (address := _address(name, service.slug))],
    }
    return render(request, "catalog/service.html", context)


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a service. Adding one names its policy too: oncall/ does it."""
    service = get_object_or_404(Service, slug=slug)
    form = ServiceForm(request.POST if request.method == "POST" else None, service=service)
    if form.is_valid():
        actor, at = person_of(request), timezone.now()
        try:
            fresh = actions.change_service(service, actor=actor, at=at, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("“%(service)s” is saved.") % {"service": fresh})
            return HttpResponseRedirect(reverse("catalog:service", args=[fresh.slug]))
    return render(
        request, "catalog/service_edit.html", {"form": form, "service": service}, status=422 if form.errors else 200
    )


@needs(Verb.CONFIGURE)
@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """We do not run it any more."""
    service = get_object_or_404(Service, slug=slug)
    actions.archive_service(service, actor=person_of(request), at=timezone.now())
    messages.success(request, _("“%(service)s” is archived.") % {"service": service})
    return HttpResponseRedirect(reverse("catalog:service", args=[slug]))


@needs(Verb.CONFIGURE)
@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """We run it again."""
    service = get_object_or_404(Service, slug=slug)
    actions.restore_service(service, actor=person_of(request), at=timezone.now())
    messages.success(request, _("“%(service)s” is back.") % {"service": service})
    return HttpResponseRedirect(reverse("catalog:service", args=[slug]))


def _address(url_name: str, slug: str) -> str:
    try:
        return reverse(url_name, kwargs={"slug": slug})
    except NoReverseMatch:
        return ""
