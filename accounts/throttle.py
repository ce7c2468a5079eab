"""How fast one program may call the API."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken
from core import buckets

BURST_SECONDS = 5


class PerToken(BaseThrottle):
    """MUSTER_API_PER_SECOND calls a second for each token, and five seconds' worth of them at once."""

    _wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        rate = float(settings.API_PER_SECOND)
        if rate == 0 or not isinstance(request.auth, ApiToken):
            return True
        self._wait = buckets.take(f"api:{request.auth.pk}", rate=rate, burst=rate * BURST_SECONDS)
        return self._wait == 0

    def wait(self) -> float | None:
        return self._wait or None
