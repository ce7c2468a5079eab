"""Pages of objectives and their error budgets."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import needs, person_of
from accounts.permissions import Verb
from catalog.models import Service
from core.errors import Refused
from reliability import actions, queries
from reliability.forms import ObjectiveForm
from reliability.models import Objective


@needs(Verb.LOOK)
def listing(request: HttpRequest) -> HttpResponse:
    """Every promise and where it stands, the worst first."""
    standings = queries.standings(person_of(request), at=timezone.now())
    return render(request, "reliability/list.html", {"standings": standings, "has_services": Service.objects.exists()})


@needs(Verb.LOOK)
def of_service(request: HttpRequest, slug: str) -> HttpResponse:
    """A panel of the service's page."""
    service = get_object_or_404(Service, slug=slug)
    standings = queries.standings(person_of(request), at=timezone.now(), service=service)
    return render(request, "reliability/of_service.html", {"standings": standings, "service": service})


@needs(Verb.CONFIGURE)
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a promise, or change one."""
    row = get_object_or_404(Objective, pk=pk) if pk else None
    chosen = Service.objects.filter(slug=request.GET.get("service", "")).first()
    form = ObjectiveForm(request.POST or None, instance=row, initial={"service": chosen} if chosen else None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            kept = Objective.objects.get(pk=pk) if pk else None
            try:
                actions.set_objective(kept, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
                return HttpResponseRedirect(reverse("reliability:list"))
            except Refused as refused:
                form.add_error(None, refused.sentence)
        status = 422
    return render(request, "reliability/edit.html", {"form": form, "objective": row}, status=status)


@needs(Verb.CONFIGURE)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a promise back (POST)."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    actions.remove_objective(get_object_or_404(Objective, pk=pk), actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(reverse("reliability:list"))
