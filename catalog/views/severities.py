"""Pages of severities: everybody reads them, administrators change them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import needs, person_of
from accounts.permissions import Verb
from catalog import actions
from catalog.forms import ROLES, SeverityForm
from catalog.models import Severity
from core.errors import Refused


@needs(Verb.LOOK)
@require_http_methods(["GET", "HEAD"])
def listing(request: HttpRequest) -> HttpResponse:
    """What SEV1 to SEV4 mean, and what each promises."""
    words = dict(ROLES)
    rows = [(row, [words.get(role, role) for role in row.required_roles]) for row in Severity.objects.all()]
    return render(request, "catalog/severities.html", {"rows": rows})


@needs(Verb.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what one severity means and promises."""
    severity = get_object_or_404(Severity, code__iexact=code)
    form = SeverityForm(request.POST if request.method == "POST" else None, instance=severity)
    if form.is_valid():
        try:
            actions.change_severity(severity, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error({"word_taken": "aliases"}.get(refused.code), refused.sentence)
        else:
            messages.success(request, _("%(code)s is saved.") % {"code": severity.code})
            return HttpResponseRedirect(reverse("catalog:severities"))
    context = {"form": form, "severity": Severity.objects.get(pk=severity.pk)}
    return render(request, "catalog/severity_edit.html", context, status=422 if form.errors else 200)
