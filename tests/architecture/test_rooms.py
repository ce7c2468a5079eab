"""Imports point the way the data falls, between rooms and inside each."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_keeps_to_the_plan_of_the_house() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_there_are_no_rooms_without_a_noun() -> None:
    banned = {"utils", "helpers", "common", "manager", "managers", "services", "routing", "misc"}
    found = [
        path.relative_to(ROOT)
        for path in ROOT.glob("*/*.py")  # views/services.py of the catalog is about services, and so is well named
        if path.stem in banned and not {".venv", "var", "node_modules"} & set(path.parts)
    ]
    assert found == []
