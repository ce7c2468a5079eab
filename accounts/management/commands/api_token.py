"""`bin/manage api_token EMAIL` prints a new token and nothing else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tokens
from accounts.models import User


class Command(BaseCommand):
    help = "Make an API token for a person and print it. It cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="bin/manage")
        parser.add_argument("--scope", choices=["read", "full"], default="full")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody with an active account has the address {options['email']}.")
        _, text = tokens.create_token(person, name=options["name"], at=timezone.now(), scope=options["scope"])
        self.stdout.write(text)
