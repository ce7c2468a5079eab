"""Random rotations through ten years of every clock there is, compared with a walk along the wall."""

import zoneinfo
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.oncall.walking import disagreement, some_rotation, zones_that_differ

ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


@pytest.mark.parametrize("part", range(2))
def test_ten_years_of_any_rotation_have_one_holder_at_every_moment_of_its_hours(part: int) -> None:
    seed = Random().randrange(10**9)
    for name in zones_that_differ(ZONES)[part::2]:
        turns = some_rotation(Random(f"{seed}/{name}"), ZoneInfo(name))
        assert not disagreement(turns), f"seed {seed}, {name}"
