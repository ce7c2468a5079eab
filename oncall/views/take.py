"""The page behind the link of an offer: two big buttons, no sign-in, no script needed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from oncall import cover_words, taking
from oncall.taking import STATUS, Found

ANSWERS = {"accept", "decline"}


# As with the link of a page: the token in the address is the proof, and a signed-out phone has no cookie to forge with.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show how it stands and change nothing (mail scanners follow links); POST accepts or declines."""
    at = timezone.now()
    answer = request.POST.get("answer", "")
    if request.method != "POST":
        found = taking.find(token, at=at)
        status = STATUS[found.standing]
    elif answer not in ANSWERS:
        found, status = taking.find(token, at=at), 400
    else:
        found, status = taking.press(token, answer, at=at)
    if found.ask is None:
        return _shown(request, found, status)
    with cover_words.speaking_to(found.ask.person):
        return _shown(request, found, status)


def _shown(request: HttpRequest, found: Found, status: int) -> HttpResponse:
    answer = render(request, "oncall/take.html", {"found": found}, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
