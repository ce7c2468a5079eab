"""Every template compiles, and none carries a script, a style or a handler of its own (the CSP would drop it)."""

import re
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.template import engines
from django.urls import get_resolver

from core.forms import Worded

ROOT = Path(__file__).parents[2] / "templates"
NAMES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.suffix in {".html", ".txt", ".xml"})
INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an htmx handler that needs eval": re.compile(r"\shx-(on|vals=.js:|vars)[:=-]", re.IGNORECASE),
    "a script address": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "a file from elsewhere": re.compile(
        r"<(script|link|img|iframe)[^>]+(src|href)\s*=\s*[\"'](https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name: str) -> None:
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".html")])
def test_a_template_carries_nothing_inline(name: str) -> None:
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", (ROOT / name).read_text(), flags=re.DOTALL)
    found = [what for what, pattern in INLINE.items() if pattern.search(text)]
    assert found == [], f"{name} has {', '.join(found)}"


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".html")])
def test_a_form_leaves_it_to_muster_to_say_what_is_wrong(name: str) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}", "", (ROOT / name).read_text(), flags=re.DOTALL)
    silent = [tag for tag in re.findall(r"<form\b[^>]*>", text) if "novalidate" not in tag]
    assert silent == [], "the browser's own bubbles would go before our sentences: add novalidate"


def test_every_form_speaks_with_the_one_voice() -> None:
    get_resolver().url_patterns  # noqa: B018 (imports every view, and so every form)
    waiting, found = [forms.BaseForm], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.add(kind)
    rooms = {config.name for config in apps.get_app_configs() if (ROOT.parent / config.name).is_dir()}
    ours = {kind for kind in found if kind.__module__.split(".")[0] in rooms}
    assert len(ours) > 40
    assert {str(kind) for kind in ours if not issubclass(kind, Worded)} == set()
