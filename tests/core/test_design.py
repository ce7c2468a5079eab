"""What the look promises: no inline code, icons that exist, vendored files as noted, a small public stylesheet."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ICONS = {line for line in (ROOT / "static" / "icons.txt").read_text().splitlines() if line and line[0] != "#"}


@pytest.fixture(autouse=True)
def _plain_static_addresses(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def render(text: str, **values: object) -> str:
    return Template(text).render(Context(values))


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a style attribute", r"<[a-z][^>]*\sstyle\s*="),
        ("a style element", r"<style"),
        ("an event attribute", r"<[a-z][^>]*\son[a-z]+\s*="),
        ("hx-on", r"\shx-on"),
        ("computed htmx values", r"js:|javascript:"),
        ("an htmx trigger filter", r"hx-trigger=\"[^\"]*\["),
        ("a script with code", r"<script(?![^>]*\b(src|type=\"application/json\"))[^>]*>"),
    ],
)
def test_no_template_holds_what_the_security_policy_forbids(what: str, pattern: str) -> None:
    found = [f"{path.relative_to(ROOT)}: {what}" for path in TEMPLATES if re.search(pattern, path.read_text())]
    assert found == []


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
    assert sprite == ICONS
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in TEMPLATES
        for name in re.findall(r'{%\s*(?:icon|empty_state)\s+"([^"]+)"', path.read_text())
    }
    assert {place for place in named if place[1] not in ICONS} == set()


def test_vendored_files_are_what_vendor_md_says() -> None:
    rows = re.findall(r"^\| `([^`]+)` .*\| `([0-9a-f]{64})` \|$", (ROOT / "static/vendor/VENDOR.md").read_text(), re.M)
    assert len(rows) >= 6
    wrong = [name for name, noted in rows if hashlib.sha256((ROOT / name).read_bytes()).hexdigest() != noted]
    assert wrong == []
    assert [path.name for path in (ROOT / "static").rglob("*.[cj]s*") if "sourceMappingURL=" in path.read_text()] == []


def test_the_public_stylesheet_is_small() -> None:
    assert (ROOT / "static/status/status.css").stat().st_size < 20_000


def test_a_severity_is_known_by_its_word_and_by_its_row() -> None:
    class Row:
        code, name, rank = "SEV2", "Major", 2

    assert "sev-1" in render("{% severity_badge s %}", s="P1")
    shown = render("{% severity_badge s %}", s=Row())
    assert "sev-2" in shown
    assert 'title="Major"' in shown


def test_an_unknown_word_is_shown_and_not_an_error() -> None:
    assert "Something new" in render("{% status_badge 'something_new' %}")
    assert "tl-node" in render("{% kind_icon 'never_heard_of' %}")
    assert render("{% severity_badge s %}", s=None) != ""


def test_what_people_write_is_escaped_in_every_tag() -> None:
    evil = "<script>alert(1)</script>"
    for text in (
        "{% badge e %}",
        "{% avatar e name=True %}",
        "{% copyable e %}",
        "{% stat e e note=e %}",
        "{{ e|prose }}",
    ):
        assert "<script>" not in render(text, e=evil)


def test_the_tags_speak_chinese_when_the_reader_does() -> None:
    with translation.override("zh-hans"):
        assert "SEV1" in render("{% severity_badge 'SEV1' %}")


def test_the_style_page_shows_every_component() -> None:
    request = RequestFactory().get("/style/")
    request.user = AnonymousUser()
    shown = render_to_string("core/style.html", {"user": request.user}, request=request)
    for name in ("timeline", "table-cards", "empty", "chart-plot", "lanes", "meter", "codeblock", "field-error"):
        assert f'class="{name}' in shown or f" {name}" in shown, name
