"""One running Muster for the whole folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.rig import Rig, running


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="muster-faults-") as folder, running(Path(folder)) as made:
        yield made
