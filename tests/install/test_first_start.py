"""An empty installation gets its administrator, once; and what production is warned about."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AuditEntry, User
from catalog.models import Severity
from tests.world import World

ROOT = Path(__file__).parents[2]


@pytest.mark.django_db
def test_the_first_start_prints_how_to_sign_in_and_the_second_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Severity.objects.all().delete()
    call_command("first_start")
    words = capsys.readouterr().out
    email, password = (re.search(rf"{name}\s{{2,}}(\S+)", words) for name in ("e-mail", "password"))
    assert "http://127.0.0.1" in words
    assert email
    assert password
    assert words.count(password[1]) == 1
    answer = Client().post("/accounts/login/", {"login": email[1], "password": password[1]})
    assert answer.status_code == 302
    assert User.objects.get().is_administrator
    assert Severity.objects.count() == 4
    assert password[1] not in repr(list(AuditEntry.objects.values()))
    call_command("first_start")
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1


def test_people_who_are_here_already_are_left_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("first_start")
    assert capsys.readouterr().out == ""
    assert list(User.objects.all()) == [world.admin]


def test_django_has_nothing_to_warn_about_in_production() -> None:
    environment = {**os.environ, "MUSTER_PUBLIC_URL": "https://muster.example.com"}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests set it for themselves
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
