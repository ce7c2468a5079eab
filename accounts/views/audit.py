"""The audit log, for administrators."""

from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import audit_words, queries
from accounts.access import needs
from accounts.forms import AuditForm
from accounts.permissions import Verb

PAGE = 50


@needs(Verb.ADMINISTER)
@require_http_methods(["GET", "HEAD"])
def log(request: HttpRequest) -> HttpResponse:
    """The newest lines first; filters by word, person and day (in the reader's zone)."""
    form = AuditForm(request.GET)
    entries = []
    older = None
    if form.is_valid():
        asked = form.cleaned_data
        zone = timezone.get_current_timezone()
        found = queries.audit_entries(
            text=asked["q"],
            actor=asked["actor"],
            since=datetime.combine(asked["since"], time(), zone) if asked["since"] else None,
            until=datetime.combine(asked["until"] + timedelta(days=1), time(), zone) if asked["until"] else None,
        ).order_by("-id")
        before = request.GET.get("before", "")
        if before.isascii() and before.isdigit() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
        rows = list(found[: PAGE + 1])
        older = rows[PAGE - 1].pk if len(rows) > PAGE else None
        entries = [(entry, audit_words.verb(entry.verb), queries.changes(entry)) for entry in rows[:PAGE]]
    context = {"form": form, "entries": entries, "older": older, "filtered": any(request.GET.values())}
    return render(request, "accounts/audit.html", context, status=422 if form.errors else 200)
