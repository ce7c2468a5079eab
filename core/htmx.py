"""What htmx asks of an answer."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of a page (and not for a whole, boosted or restored one)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to `address`: a redirect, or htmx's header for the same."""
    if is_partial(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
