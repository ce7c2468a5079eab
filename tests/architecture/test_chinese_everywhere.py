"""A person who reads Chinese is shown none of our English: no text of the catalogue stands untranslated on any page."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.utils import translation

from accounts.models import User
from tests import crawler
from tests.architecture.words_on_pages import Words
from tests.world import World

CATALOGUE = Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
HOLE = re.compile(r"%\(\w+\)[sdg]|%[sd]")
OURS = {  # columns that hold sentences of ours, kept in English and told in the reader's language
    *("incidents.TimelineEvent.text", "incidents.Page.reason", "accounts.AuditEntry.verb", "alerts.Payload.failure"),
    *("notifications.Message.failure", "notifications.Attempt.detail", "notifications.Attempt.outcome"),
}
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    with translation.override("en"):
        yield


def ours() -> tuple[set[str], re.Pattern[str]]:
    """The English texts of the catalogue: those without holes, and one pattern for those with."""
    texts = {
        text.replace("%%", "%")
        for entry in polib.pofile(str(CATALOGUE))
        if not HAN.search(entry.msgid) and HAN.search(entry.msgstr or entry.msgstr_plural.get(0, ""))
        for text in (entry.msgid, entry.msgid_plural)
        if text
    }
    exact = {" ".join(text.split()) for text in texts if not HOLE.search(text)}
    holed = [text for text in texts if HOLE.search(text) and len(re.findall("[a-z]{3,}", HOLE.sub(" ", text))) >= 2]
    patterns = [".+".join(re.escape(" ".join(part.split(" "))) for part in HOLE.split(text)) for text in holed]
    return exact, re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def theirs() -> set[str]:
    """Everything people and machines have named, or chose as a key, in the whole database."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
            if is_text and f"{model._meta.label}.{field.name}" not in OURS:
                found |= set(model._default_manager.values_list(field.name, flat=True).distinct())
    return found


def test_no_page_shows_a_reader_of_chinese_a_text_of_ours_in_english(world: World) -> None:
    call_command("demo", verbosity=0)
    world.tick()
    data = theirs()
    exact, holed = ours()
    reader = User.objects.get(email="ada.admin@example.com")
    reader.language, reader.name = "zh-hans", "林梅"
    reader.save()
    client = world.browser(reader)
    seen: dict[str, str] = {}

    def get(address: str) -> tuple[int, str]:
        answer = client.get(address)
        is_page = not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html")
        return answer.status_code, answer.content.decode() if is_page else ""

    for address, _name, _status, html in crawler.follow(get):
        for text in Words(html).said:
            seen.setdefault(text, address)
    assert len(seen) > 300
    english = {
        text: address
        for text, address in seen.items()
        if text not in data and not HAN.search(text) and (text in exact or holed.fullmatch(text))
    }
    assert english == {}
