"""The page behind a one-tap link: big buttons, no sign-in, no script needed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents import acknowledging, by_link, messages
from incidents.acknowledging import STATUS


# The token in the address is the proof, and a signed-out phone has no cookie to forge with: nothing is gained from a
# CSRF token, and a mail reader without cookies would be locked out at 3 am.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show how it stands and change nothing (mail scanners follow links); POST acknowledges or, with
    `do`, escalates, takes command or hands over."""
    at, wanted, refused = timezone.now(), request.POST.get("do", ""), ""
    if wanted:
        found, status, refused = by_link.do(token, wanted, at=at)
    elif request.method == "POST":
        found, status = acknowledging.press(token, at=at)
    else:
        found = acknowledging.find(token, at=at)
        status = STATUS[found.standing]
    if found.page is None:
        return _shown(request, {"found": found}, status)
    done = wanted.partition(":")[0] if wanted and not refused else ""
    context = {"found": found, "may": by_link.may(found, at=at), "done": done, "refused": refused}
    with messages.speaking_to(found.page.person):
        return _shown(request, context, status)


def _shown(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    answer = render(request, "incidents/page_link.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
