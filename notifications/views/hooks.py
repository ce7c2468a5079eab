"""What providers report: doors without a session, each opened by the provider's own signature."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api_fields import LARGEST_ID
from notifications import actions
from notifications.channels import twilio
from notifications.words import one_line

SIGNATURE = "X-Twilio-Signature"


def is_from_twilio(request: HttpRequest) -> bool:
    """Whether the request carries the provider's signature for this very address."""
    fields = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return twilio.is_genuine(url, fields, request.headers.get(SIGNATURE, ""))


@csrf_exempt
@require_POST
def twilio_status(request: HttpRequest, pk: int) -> HttpResponse:
    """How a text or a call went on. Words of the provider that say nothing final change nothing."""
    if not is_from_twilio(request):
        return HttpResponse("The signature does not fit.\n", status=403, content_type="text/plain")
    given, at = request.POST, timezone.now()
    state = str(given.get("MessageStatus") or given.get("CallStatus") or "").lower()
    sid = str(given.get("MessageSid") or given.get("CallSid") or "")
    if pk > LARGEST_ID:
        return HttpResponse(status=204)
    if state in twilio.DELIVERED:
        actions.delivered(pk, provider_id=sid, at=at)
    elif state in twilio.FAILED:
        code = one_line(str(given.get("ErrorCode") or ""), longest=20)
        reason = f"{twilio.WHO} answered {code or 'later'}: {state}"
        actions.undelivered(pk, provider_id=sid, reason=reason, at=at)
    return HttpResponse(status=204)
