"""The manager's dashboard of action items, as a page and as CSV."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core import csv_lines
from insights import promises
from insights.forms import ItemFilter
from postmortems import queries as lessons
from postmortems.models import ActionItem

COLUMNS = [
    "id",
    "what",
    "incident",
    "owner",
    "priority",
    "kind",
    "horizon",
    "state",
    "due on",
    "created on",
    "finished on",
    "evidence or reason",
]


@needs(Verb.LOOK)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Figures over everything asked for, and the list itself."""
    today = timezone.localdate()
    form, everything, asked = _asked(request, today)
    page = Paginator(asked, 50).get_page(request.GET.get("page"))
    weeks = promises.trend(everything, today=today)
    context = {
        "form": form,
        "page": page,
        "totals": promises.totals(everything, today=today),
        "owners": promises.load_by_owner(everything, today=today),
        "teams": promises.load_by_team(everything, today=today),
        "opened": [(date_format(monday, _("j M")), count) for monday, count, _done in weeks],
        "finished": [(date_format(monday, _("j M")), count) for monday, _opened, count in weeks],
        "today": today,
        "has_any": ActionItem.objects.exists(),
    }
    return render(request, "insights/action_items.html", context, status=200 if form.is_valid() else 422)


@needs(Verb.LOOK)
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file; cells that a spreadsheet would run as a formula are defused."""
    _form, _everything, asked = _asked(request, timezone.localdate())
    text = "".join(csv_lines.lines(COLUMNS, _cells(asked)))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="action-items.csv"'
    return answer


def _cells(items: "QuerySet[ActionItem]") -> Iterator[list[object]]:
    for item in items.iterator(chunk_size=500):
        finished = item.finished_at.date() if item.finished_at else ""
        yield [
            item.pk, item.title, item.incident.reference if item.incident else "", item.owner, item.priority, item.kind,
            item.horizon, item.state, item.due_on, item.created_at.date(), finished, item.evidence or item.reason,
        ]  # fmt: skip


def _asked(request: HttpRequest, today: date) -> "tuple[ItemFilter, QuerySet[ActionItem], QuerySet[ActionItem]]":
    """The form, the items of its people and kinds, and of these the ones in the state it shows."""
    form = ItemFilter(request.GET or None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if not form.is_bound:
        form = ItemFilter({"show": "open"})
        form.is_valid()
    found = lessons.action_items_visible_to(person_of(request)).select_related(
        "owner", "incident", "incident__severity"
    )
    if given.get("owner"):
        found = found.filter(owner=given["owner"])
    if given.get("team"):
        found = found.filter(owner__memberships__team=given["team"])
    if given.get("priority"):
        found = found.filter(priority=given["priority"])
    if given.get("kind"):
        found = found.filter(kind=given["kind"])
    if given.get("q"):
        found = found.filter(Q(title__icontains=given["q"]) | Q(details__icontains=given["q"]))
    week = today + timedelta(days=7)
    shown = {
        "overdue": promises.OPEN & Q(due_on__lt=today),
        "soon": promises.OPEN & Q(due_on__gte=today, due_on__lt=week),
        "done": Q(state="done"),
        "dropped": Q(state="wont_do"),
        "all": Q(),
    }.get(given.get("show") or "open", promises.OPEN)
    return form, found, found.filter(shown).order_by("due_on", "id")
