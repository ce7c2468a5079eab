"""The page behind a one-tap link: one big button, no sign-in, no script needed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents import acknowledging, messages
from incidents.acknowledging import STATUS, Found


# The token in the address is the proof, and a signed-out phone has no cookie to forge with: nothing is gained from a
# CSRF token, and a mail reader without cookies would be locked out at 3 am.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show how it stands and change nothing (mail scanners follow links); POST acknowledges."""
    at = timezone.now()
    if request.method == "POST":
        found, status = acknowledging.press(token, at=at)
    else:
        found = acknowledging.find(token, at=at)
        status = STATUS[found.standing]
    if found.page is None:
        return _shown(request, found, status)
    with messages.speaking_to(found.page.person):
        return _shown(request, found, status)


def _shown(request: HttpRequest, found: Found, status: int) -> HttpResponse:
    answer = render(request, "incidents/page_link.html", {"found": found}, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
