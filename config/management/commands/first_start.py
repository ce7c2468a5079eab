"""An empty installation gets its administrator; the address and the password are printed this once."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts import actions
from accounts.models import User
from catalog.defaults import ensure_severities
from catalog.models import Service, Severity

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that could be misread from a screen
LOCK = 7_305_120_226


class Command(BaseCommand):
    help = "Make the administrator of an empty installation and print how to sign in. Does nothing afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="Fill the installation with an example world.")
        parser.add_argument("--email", default="admin@example.com", help="The administrator's e-mail address.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = _password()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            ensure_severities(Severity)
            is_empty = not User.objects.exists()
            if is_empty:
                actions.add_person(
                    email=options["email"],
                    name="Administrator",
                    role="administrator",
                    password=password,
                    actor=None,
                    at=timezone.now(),
                )
        try:
            if options["demo"] and "demo" in get_commands() and not Service.objects.exists():
                call_command("demo", stdout=self.stdout)
        finally:
            if is_empty:
                self._tell(options["email"], password)

    def _tell(self, email: str, password: str) -> None:
        lines = [
            "Muster is new here. Sign in as its administrator; this password is shown only now:",
            "",
            f"    address   {settings.PUBLIC_URL}/",
            f"    e-mail    {email}",
            f"    password  {password}",
            "",
            "Change the e-mail address and the password under your name, then invite your colleagues.",
        ]
        self.stdout.write("\n".join(["", *lines, ""]))


def _password() -> str:
    """Four groups of five: about 99 bits, and still to be typed by hand."""
    return "-".join("".join(secrets.choice(LETTERS) for _letter in range(5)) for _group in range(4))
