"""Alert sources: the list, one source with its set-up, health and last payloads, and what people do to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from alerts import actions, addresses, queries
from alerts.forms import SourceChangeForm, SourceForm, TrialForm
from alerts.health import health_of
from alerts.models import AlertSource, Payload
from alerts.sources import TOOLS
from catalog import queries as catalog
from core.api_fields import LARGEST_ID
from core.errors import Refused

LAST_PAYLOADS = 50
SHOWN_ONCE = "alert source key"


@needs()
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """Every source and how it is."""
    at = timezone.now()
    rows = list(queries.sources_with_figures(at).order_by("disabled_at", "name"))
    context = {"rows": [(row, _health(row, at)) for row in rows], "has_services": catalog.services().exists()}
    return render(request, "alerts/sources.html", context)


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    """Three inputs; then its page shows the key."""
    chosen = catalog.services().filter(slug=request.GET.get("service", "")).first()
    form = SourceForm(request.POST or None, initial={"service": chosen})
    if request.method != "POST":
        return render(request, "alerts/source_form.html", {"form": form})
    if form.is_valid():
        try:
            source, key = actions.create_source(**form.cleaned_data, actor=person_of(request), at=timezone.now())
        except Refused as refused:
            form.add_error("name", refused.sentence)
        else:
            return _show_once(request, source, key)
    return render(request, "alerts/source_form.html", {"form": form}, status=422)


@needs()
@require_GET
@never_cache
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """One source. Right after it was made or its key rotated, and only then, its key."""
    at = timezone.now()
    row = get_object_or_404(queries.sources_with_figures(at), pk=min(pk, LARGEST_ID))
    held = request.session.get(SHOWN_ONCE)
    key = ""
    if held and held[0] == row.pk:
        key = held[1]
        del request.session[SHOWN_ONCE]
    return render(request, "alerts/source.html", _page(request, row, key))


def _page(request: HttpRequest, row: Any, key: str, form: TrialForm | None = None) -> dict[str, Any]:
    at = timezone.now()
    keys = [one for one in row.keys.all() if one.is_valid(at)]
    url = addresses.intake_url(row.kind, key or (f"in_{keys[0].prefix}…" if keys else "…"))
    rate = queries.rate_of(row, at=at)
    payloads = list(row.payloads.defer("body")[:LAST_PAYLOADS])
    return {
        "source": row,
        "health": _health(row, at),
        "key": key,
        "keys": keys,
        "url": url,
        "snippet": TOOLS[row.kind].setup(url),
        "file": TOOLS[row.kind].setup_file,
        "became": queries.became(person_of(request), payloads, most=3),
        "rate": [count for _minute, count in rate],
        "trial_form": form or TrialForm(initial={"trial": Payload.Trial.QUIET}),
    }


@needs(Verb.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, service or severity."""
    row = _source(pk)
    form = SourceChangeForm(request.POST or None, source=row)
    if request.method != "POST":
        return render(request, "alerts/source_form.html", {"form": form, "source": row})
    if form.is_valid():
        try:
            actions.change_source(row, **form.changes, actor=person_of(request), at=timezone.now())
        except Refused as refused:
            form.add_error("name", refused.sentence)
        else:
            return redirect("alerts:source", pk=row.pk)
    return render(request, "alerts/source_form.html", {"form": form, "source": row}, status=422)


@needs(Verb.CONFIGURE)
@require_POST
def new_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key, shown on the next page."""
    row = _source(pk)
    _row, key = actions.rotate_key(row, actor=person_of(request), at=timezone.now())
    return _show_once(request, row, key)


@needs(Verb.CONFIGURE)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Off or on, as the button says."""
    verb = actions.enable_source if request.POST.get("to") == "on" else actions.disable_source
    verb(_source(pk), actor=person_of(request), at=timezone.now())
    return redirect("alerts:source", pk=pk)


@needs(Verb.CONFIGURE)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test alert; the page of its payload shows what becomes of it."""
    form = TrialForm(request.POST)
    if not form.is_valid():
        row = get_object_or_404(queries.sources_with_figures(timezone.now()), pk=min(pk, LARGEST_ID))
        return render(request, "alerts/source.html", _page(request, row, "", form), status=422)
    payload = actions.send_test(
        _source(pk), trial=form.cleaned_data["trial"], actor=person_of(request), at=timezone.now()
    )
    return redirect("alerts:payload", pk=payload.pk)


@needs(Verb.CONFIGURE)
@require_POST
def replay_unreadable(request: HttpRequest, pk: int) -> HttpResponse:
    """Read every unreadable payload again."""
    count = actions.replay_unreadable(_source(pk), actor=person_of(request), at=timezone.now())
    words = ngettext("%(count)s payload is read again.", "%(count)s payloads are read again.", count)
    messages.success(request, words % {"count": count} if count else _("There was nothing left to read again."))
    return redirect("alerts:source", pk=pk)


def _source(pk: int) -> AlertSource:
    return get_object_or_404(AlertSource.objects.select_related("service"), pk=min(pk, LARGEST_ID))


def _show_once(request: HttpRequest, row: AlertSource, key: str) -> HttpResponse:
    request.session[SHOWN_ONCE] = [row.pk, key]
    return redirect(reverse("alerts:source", args=[row.pk]))


def _health(row: Any, at: Any) -> Any:
    return health_of(
        is_disabled=row.disabled_at is not None,
        last_seen_at=row.last_seen_at,
        waiting=row.waiting,
        refused=row.lost or row.refused_last_hour > 0,
        in_part=row.lost_in_part,
        overloaded=row.overloaded_last_hour > 0,
        at=at,
    )
