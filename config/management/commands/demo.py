"""`bin/manage demo`: fill an empty installation with the example world."""

import secrets
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from alerts.models import AlertSource
from catalog.models import Service, Severity
from config.demo import company, month, telling
from incidents.models import Escalation
from notifications.models import Message


class Command(BaseCommand):
    help = "Fill an empty installation with the example world: people, services, schedules, a month of incidents."

    def handle(self, *args: Any, **options: Any) -> None:
        if Service.objects.exists():
            raise CommandError("There are services already; the example world is for an empty installation.")
        now = timezone.now()
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            made = company.found(password, at=now)
            sources = {
                team: AlertSource.objects.create(
                    name=f"Alertmanager {team}", kind="alertmanager", created_at=now - timedelta(days=60),
                    service=next(s for s in made.services.values() if s.owner and s.owner.name == team),
                    default_severity=Severity.objects.get(code="SEV3"),
                )
                for team in ("Payments", "Platform", "Storefront")
            }  # fmt: skip
            for case in month.CASES:
                team = made.services[case.service].owner
                assert team is not None
                AlertSource.objects.filter(pk=sources[team.name].pk).update(service=made.services[case.service])
                sources[team.name].refresh_from_db()
                telling.tell(case, made, sources, now=now)
            Message.objects.filter(state="queued").update(state="withdrawn")
            Escalation.objects.filter(state="running", incident__declared_at__lt=now - timedelta(hours=1)).update(
                state="stopped", next_step_at=None, stopped_at=now
            )
        self.stdout.write(
            f"The example world stands. Its people sign in as mira@{company.DOMAIN}, … with the password {password}"
        )
