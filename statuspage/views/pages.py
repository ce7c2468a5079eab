"""The list of pages, and one page with everything on it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.errors import Refused
from statuspage import actions, queries, site
from statuspage.forms import PageForm
from statuspage.models import StatusPage


@needs(Verb.LOOK)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every page and how it stands."""
    rows = [(found, site.root_of(found.page)) for found in queries.overviews()]
    return render(request, "statuspage/pages.html", {"rows": rows})


@needs(Verb.LOOK)
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page: its components, what it says now, and what can be changed."""
    row = get_object_or_404(StatusPage, slug=slug)
    context = {
        "page": row,
        "overview": queries.overview_of(row),
        "groups": queries.components_of(row, at=timezone.now()),
        "root": site.root_of(row),
    }
    return render(request, "statuspage/page.html", context)


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new page."""
    form = PageForm(request.POST or None, initial={"time_zone": person_of(request).time_zone, "language": "en"})
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_page(**form.cleaned_data, actor=person_of(request), at=timezone.now())
            return HttpResponseRedirect(page_url(row))
        except Refused as refusal:
            form.add_error("slug" if refusal.code.startswith("slug") else None, refusal.sentence)
    return _form(request, form, {"page": None})


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Other words, another address, another zone."""
    row = get_object_or_404(StatusPage, slug=slug)
    known = {name: getattr(row, name) for name in PageForm.base_fields}
    form = PageForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.change_page(row, **form.cleaned_data, actor=person_of(request), at=timezone.now())
            return HttpResponseRedirect(page_url(row))
        except Refused as refusal:
            form.add_error("slug" if refusal.code.startswith("slug") else None, refusal.sentence)
    return _form(request, form, {"page": row})


@needs(Verb.CONFIGURE)
@require_POST
def make_default(request: HttpRequest, slug: str) -> HttpResponse:
    """This page stands at /status/ from now on."""
    row = actions.make_default(get_object_or_404(StatusPage, slug=slug), actor=person_of(request), at=timezone.now())
    messages.success(request, _("%(page)s stands at /status/ now.") % {"page": row})
    return HttpResponseRedirect(page_url(row))


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """The page goes, its files with the next sweep."""
    row = get_object_or_404(StatusPage, slug=slug)
    actions.remove_page(row, actor=person_of(request), at=timezone.now())
    messages.success(request, _("%(page)s is gone.") % {"page": row})
    return HttpResponseRedirect(reverse("statuspage:pages"))


def page_url(row: StatusPage) -> str:
    return reverse("statuspage:page", kwargs={"slug": row.slug})


def _form(request: HttpRequest, form: PageForm, context: dict[str, Any]) -> HttpResponse:
    return render(request, "statuspage/page_form.html", {"form": form, **context}, status=422 if form.errors else 200)
