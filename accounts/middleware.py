"""What holds for the pages of django-allauth."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from core.middleware import Answer


class RefusedFormMiddleware:
    """A form that was refused is answered 422, as everywhere in Muster; django-allauth would say 200."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Looks at the forms the page is given."""
        if request.method == "POST" and response.status_code == 200:
            given = (response.context_data or {}).values()
            if any(isinstance(form, BaseForm) and form.is_bound and form.errors for form in given):
                response.status_code = 422
        return response
