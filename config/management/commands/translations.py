"""Words in two languages: collect them from the sources, compile them, and check that none is missing.

`collect` and `--check` need the development requirements (babel, enmerkar); compiling is polib's work.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
TAKES = {  # the functions of django.utils.translation that mark a text, and what they are given
    "gettext": ("text",), "gettext_lazy": ("text",), "gettext_noop": ("text",),
    "ngettext": ("text", "plural"), "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"), "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"), "npgettext_lazy": ("context", "text", "plural"),
}  # fmt: skip
LANGUAGES = ["zh_Hans"]
SKIPPED = {".venv", "var", "tests", "bench", "docs", "static", "migrations", "node_modules", ".git"}


class Command(BaseCommand):
    help = "Collect and compile translations; with --check, fail where a word is missing or a file is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = collect(Path(settings.BASE_DIR))
        faults: list[str] = []
        for language in LANGUAGES:
            path = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"
            if options["check"]:
                faults += check(path, found)
            else:
                update(path, found, language)
                left = [
                    entry.msgid for entry in polib.pofile(str(path)) if not entry.translated() and not entry.obsolete
                ]
                self.stdout.write(f"{language}: {len(found)} texts, {len(left)} not translated")
        if faults:
            raise CommandError("\n".join(faults[:40]))


def collect(root: Path) -> dict[tuple[str, str], str]:
    """Every text marked for translation: (context, text) to its plural ("" without one)."""
    texts: dict[tuple[str, str], str] = {}
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        parts = path.relative_to(root).parts
        if (
            SKIPPED & set(parts)
            or path.name.startswith(("requirements", "icons"))
            or parts[0] in {"requirements", "bin"}
        ):
            continue
        for context, single, plural in _of_python(path) if path.suffix == ".py" else _of_template(path):
            if single:
                texts[(context, single)] = plural or texts.get((context, single), "")
    return texts


def _of_python(path: Path) -> Iterator[tuple[str, str, str]]:
    """Context, text and plural of every call that marks one, by whatever name it was imported, in f-strings too."""
    tree = ast.parse(path.read_bytes(), str(path))
    marks = {
        alias.asname or alias.name: TAKES[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in TAKES
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func
        takes = marks.get(name.id, ()) if isinstance(name, ast.Name) else ()
        if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name) and name.value.id == "translation":
            takes = TAKES.get(name.attr, ())
        if isinstance(name, ast.Attribute) and ast.unparse(name) == "audit.record":
            yield from (("audit log", verb, "") for verb in _texts(node.args[1]))
        said = [one.value if isinstance(one, ast.Constant) else None for one in node.args[: len(takes)]]
        words = {what: text for what, text in zip(takes, said, strict=False) if isinstance(text, str)}
        if "text" in words:
            yield words.get("context", ""), words["text"], words.get("plural", "")


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts an expression may have: a literal, or one of the two of a condition."""
    for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _of_template(path: Path) -> Iterator[tuple[str, str, str]]:
    """Context, text and plural of everything a template marks."""
    from babel.messages.extract import extract

    for _line, message, _comments, context in extract(
        "enmerkar.extract:extract_django",
        io.BytesIO(path.read_bytes()),
        keywords=KEYWORDS,
        options={"encoding": "utf-8"},
    ):
        single, plural = message if isinstance(message, tuple) else (message, "")
        yield context or "", _as_asked(single or ""), _as_asked(plural or "")


def _as_asked(text: str) -> str:
    """A template's text as Django looks it up: it doubles every percent sign that begins no placeholder."""
    return re.sub(r"%(?!\(\w+\)s)", "%%", text)


def update(path: Path, found: dict[tuple[str, str], str], language: str) -> None:
    """Bring the catalogue to what the sources say, keep what is translated, and compile it."""
    old = {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": language,
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for (context, single), plural in sorted(found.items(), key=lambda each: (each[0][1].lower(), each[0])):
        entry = polib.POEntry(msgid=single, msgctxt=context or None)
        known = old.get((context, single))
        if plural:
            entry.msgid_plural = plural
            said = (known.msgstr_plural.get(0) or known.msgstr) if known else ""
            entry.msgstr_plural = {0: said}
        elif known:
            entry.msgstr = known.msgstr or (known.msgstr_plural or {}).get(0, "")
        if "%(" in single or "%s" in single or "%(" in plural:
            entry.flags.append("python-format")
        fresh.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))
    fresh.save_as_mofile(str(path.with_suffix(".mo")))


def check(path: Path, found: dict[tuple[str, str], str]) -> list[str]:
    """What is wrong with the catalogue, a sentence each: missing, untranslated, stale or not compiled."""
    if not path.exists():
        return [f"{path.name} does not exist: run bin/manage translations."]
    catalogue = polib.pofile(str(path))
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue}
    faults = [
        f"Not in the catalogue: {text!r} (run bin/manage translations)"
        for _, text in sorted(found.keys() - known.keys(), key=str)
    ]
    faults += [
        f"No longer in the sources: {text!r} (run bin/manage translations)"
        for _, text in sorted(known.keys() - found.keys(), key=str)
    ]
    faults += [f"Not translated: {entry.msgid!r}" for entry in catalogue if not entry.translated()]
    faults += [
        f"Placeholders differ: {entry.msgid!r}" for entry in catalogue if entry.translated() and not _same_holes(entry)
    ]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        faults.append(f"{compiled.name} is stale: run bin/manage translations.")
    return faults


def _same_holes(entry: polib.POEntry) -> bool:
    holes = re.compile(r"%\((\w+)\)s|%s|\{(\w*)\}")
    said = entry.msgstr or (entry.msgstr_plural or {}).get(0, "")
    wanted = set(holes.findall(entry.msgid_plural or entry.msgid)) | set(holes.findall(entry.msgid))
    given = set(holes.findall(said))
    return given == wanted or (bool(entry.msgid_plural) and given <= wanted)
