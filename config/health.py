"""Is this process alive, is everything it needs there, and figures for Prometheus."""

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from config import clocks, measures
from core import patience

DATABASE_SECONDS = 1.5


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database, Redis and every clock are well; else 503 with what is not. Says so within seconds."""
    faults: dict[str, str] = {}
    try:
        with patience.within(DATABASE_SECONDS):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            faults.update({f"clock:{name}": clocks.lateness(seconds) for name, seconds in clocks.late().items()})
    except Exception as error:
        faults["database"] = type(error).__name__
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
            client.ping()
    except Exception as error:
        faults["redis"] = type(error).__name__
    return JsonResponse({"status": "unready" if faults else "ready", "faults": faults}, status=503 if faults else 200)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text format; no words of people or machines in labels."""
    return HttpResponse(generate_latest(measures.registry()), content_type=CONTENT_TYPE_LATEST)
