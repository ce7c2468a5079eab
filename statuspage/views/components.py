"""Components of a page: added, changed, moved, and a person's word about how one is."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.errors import Refused
from statuspage import actions
from statuspage.forms import ComponentForm, StateForm
from statuspage.models import Component, StatusPage
from statuspage.views.pages import page_url


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new component of the page."""
    page = get_object_or_404(StatusPage, slug=slug)
    form = ComponentForm(request.POST or None, initial={"group": request.GET.get("group", "")[:120]})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_component(page, **form.cleaned_data, actor=person_of(request), at=timezone.now())
            return HttpResponseRedirect(page_url(page))
        except Refused as refusal:
            form.add_error("name", refusal.sentence)
    return _form(request, form, page, None)


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, group or services."""
    component = _found(pk)
    known: dict[str, Any] = {name: getattr(component, name) for name in ("name", "group", "description")}
    form = ComponentForm(request.POST or None, initial={**known, "services": component.services.all()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_component(component, **form.cleaned_data, actor=person_of(request), at=timezone.now())
            return HttpResponseRedirect(page_url(component.page))
        except Refused as refusal:
            form.add_error("name", refusal.sentence)
    return _form(request, form, component.page, component)


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word about how the component is."""
    component = _found(pk)
    form = StateForm(request.POST or None, initial={"state": component.state, "reason": component.hand_reason})
    if request.method == "POST" and form.is_valid():
        actions.set_state(component, **form.cleaned_data, actor=person_of(request), at=timezone.now())
        messages.success(request, _("The public sees it in a moment."))
        return HttpResponseRedirect(page_url(component.page))
    context = {"form": form, "component": component, "page": component.page}
    return render(request, "statuspage/state_form.html", context, status=422 if form.errors else 200)


@needs(Verb.RESPOND)
@require_POST
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person's word back."""
    component = actions.follow_incidents(_found(pk), actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(page_url(component.page))


@needs(Verb.CONFIGURE)
@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    component = _found(pk)
    up = -1 if request.POST.get("to") == "down" else 1
    actions.place_component(component, up=up, actor=person_of(request), at=timezone.now())
    return HttpResponseRedirect(f"{page_url(component.page)}#component-{component.pk}")


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The component leaves its page."""
    component = _found(pk)
    actions.remove_component(component, actor=person_of(request), at=timezone.now())
    messages.success(request, _("%(component)s is gone from the page.") % {"component": component})
    return HttpResponseRedirect(page_url(component.page))


def _found(pk: int) -> Component:
    return get_object_or_404(Component.objects.select_related("page"), pk=pk)


def _form(request: HttpRequest, form: ComponentForm, page: StatusPage, component: Component | None) -> HttpResponse:
    groups = sorted({row.group for row in page.components.all() if row.group})
    context = {"form": form, "page": page, "component": component, "groups": groups}
    return render(request, "statuspage/component_form.html", context, status=422 if form.errors else 200)
