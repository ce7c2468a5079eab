"""Whether everything that must hold of paging does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import auditing


class Command(BaseCommand):
    help = "Look for whatever must never be true of paging. 0 violations and exit code 0, or a list and exit code 1."

    def handle(self, *args: Any, **options: Any) -> None:
        found = auditing.findings(timezone.now())
        for finding in found:
            self.stdout.write(f"{finding.rule.name} {finding.subject}: {finding}")
        words = f"{len(found)} violation{'' if len(found) == 1 else 's'}"
        if found:
            raise CommandError(words, returncode=1)
        self.stdout.write(words)
