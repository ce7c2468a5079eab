"""`bin/manage demo`: fill an empty installation with the example world."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from alerts.actions import create_source
from alerts.models import AlertSource
from catalog.models import Service, Severity
from config.demo import company, month, telling
from incidents.models import Escalation
from notifications.models import Message

ALERTED = sorted({case.service for case in month.CASES if case.alert})


class Command(BaseCommand):
    help = "Fill an empty installation with the example world: people, services, schedules, a month of incidents."

    def handle(self, *args: Any, **options: Any) -> None:
        if Service.objects.exists():
            raise CommandError("There are services already; the example world is for an empty installation.")
        now = timezone.now()
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            made = company.found(password, at=now)
            sources = {name: self._source(made.services[name], now=now) for name in ALERTED}
            for case in month.CASES:
                telling.tell(case, made, sources, now=now)
            Message.objects.filter(state="queued").update(state="withdrawn")
            Escalation.objects.filter(state="running", incident__declared_at__lt=now - timedelta(hours=1)).update(
                state="stopped", next_step_at=None, stopped_at=now
            )
        self.stdout.write(
            f"The example world stands. Its people sign in as mira@{company.DOMAIN}, … with the password {password}"
        )

    def _source(self, service: Service, *, now: datetime) -> AlertSource:
        source, _key = create_source(
            name=f"Alertmanager of {service}",
            kind="alertmanager",
            service=service,
            actor=None,
            at=now - timedelta(days=60),
            default_severity=Severity.objects.get(code="SEV3"),
        )
        return source
