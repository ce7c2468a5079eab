"""The API of insights/: the measures of a period."""

from datetime import timedelta
from typing import Any

from django.urls import re_path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Verb
from core.errors import Refused
from insights import measures
from insights.forms import MeasureFilter


class MeasureSerializer(serializers.Serializer[Any]):
    """One measure; spans in seconds, null where nothing could be measured."""

    key = serializers.CharField()
    n = serializers.IntegerField()
    missing = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    p90_seconds = serializers.FloatField(allow_null=True)
    change_percent = serializers.FloatField(allow_null=True)


class MeasuresSerializer(serializers.Serializer[Any]):
    """The measures of a period."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    incidents = serializers.IntegerField()
    measures = MeasureSerializer(many=True)


class MeasuresView(APIView):
    """How incidents went in the last 7, 30, 90 or 365 days."""

    read_verb = Verb.LOOK

    @extend_schema(
        operation_id="measures_retrieve",
        parameters=[
            OpenApiParameter("days", int, enum=[7, 30, 90, 365]),
            *(OpenApiParameter(name, int) for name in ("severity", "team", "service")),
        ],
        responses=MeasuresSerializer,
    )
    def get(self, request: Request) -> Response:
        form = MeasureFilter(request.query_params)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Refused(f"{name}: {errors[0]}", code="invalid", status=400)
        given, until = form.cleaned_data, timezone.now()
        asked = measures.Asked(
            until - timedelta(days=given["days"] or 30), until, given["severity"], given["team"], given["service"]
        )
        lines = [
            {
                "key": line.key,
                "n": line.now.n,
                "missing": line.now.missing,
                "median_seconds": line.now.median.total_seconds() if line.now.median is not None else None,
                "p90_seconds": line.now.p90.total_seconds() if line.now.p90 is not None else None,
                "change_percent": line.change,
            }
            for line in measures.lines(asked)
        ]
        body = {
            "since": asked.since,
            "until": asked.until,
            "incidents": measures.incidents_in(asked).count(),
            "measures": lines,
        }
        return Response(MeasuresSerializer(body).data)


urlpatterns = [re_path(r"^measures/?$", MeasuresView.as_view(), name="measures")]
