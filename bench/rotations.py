"""Random rotations through ten years of every time zone, each quarter of an hour, against a walk along the wall."""

import argparse
import time
import zoneinfo
from datetime import timedelta
from random import Random, SystemRandom
from zoneinfo import ZoneInfo

from tests.oncall.walking import disagreement, some_rotation


def main(words: list[str]) -> int:
    """1 when schedule and walk ever differ."""
    parser = argparse.ArgumentParser("bin/bench rotations", description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="random rotations for each zone (default 1)")
    parser.add_argument("--years", type=int, default=10, help="how many years (default 10)")
    parser.add_argument("--minutes", type=int, default=15, help="how often the wall is looked at (default 15)")
    parser.add_argument("--zones", default="", help="only zones whose name begins so")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**9))
    options = parser.parse_args(words)
    names = [name for name in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
             if name.startswith(options.zones)]  # fmt: skip
    print(f"seed {options.seed}, {len(names)} zones, {options.times} rotations each, {options.years} years")
    wrong, begun = 0, time.monotonic()
    for name in names:
        for number in range(options.times):
            random = Random(f"{options.seed}/{name}/{number}")
            turns = some_rotation(random, ZoneInfo(name), least_hours=1)
            found = disagreement(turns, years=options.years, step=timedelta(minutes=options.minutes))
            if found:
                wrong += 1
                print(f"{name}: {found}")
    looked = len(names) * options.times * round(options.years * 365.25 * 1440 / options.minutes)
    print(f"{looked:,} moments in {time.monotonic() - begun:.0f} s, {wrong} rotations wrong")
    return 1 if wrong else 0
