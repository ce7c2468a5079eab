"""Paging while processes are killed, frozen and emptied: what was lost, what came twice, how late it was."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path


def main(words: list[str]) -> int:
    """Print one line a trial; 1 when a page was lost, came unexpectedly, or a rule of paging is broken at the end."""
    from tests.faults import engines, scenarios
    from tests.faults.rig import running

    parser = argparse.ArgumentParser("bin/bench faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long each trouble lasts (default 20)")
    parser.add_argument("--only", default="", help="trials with commas: T2,T13")
    parser.add_argument(
        "--storm", type=float, default=5, help="minutes of random kills at the end (default 5; 0: none)"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args(words)
    chosen = [name for name in options.only.split(",") if name] or list(scenarios.TRIALS)
    is_good = True
    with tempfile.TemporaryDirectory(prefix="muster-faults-") as folder, running(Path(folder)) as rig:
        for name in chosen:
            begun = time.monotonic()
            found = scenarios.TRIALS[name](rig, options.seconds)
            is_good = _say(found, begun) and is_good
        if options.storm:
            begun = time.monotonic()
            found = engines.storm(rig, options.storm * 60, options.seed)
            is_good = _say(found, begun) and is_good
    return 0 if is_good else 1


def _say(found: object, begun: float) -> bool:
    print(found, f"({time.monotonic() - begun:.0f} s)", flush=True)
    for kind in ("lost", "unexpected", "unmarked"):
        for line in getattr(found, kind):
            print(f"    {kind}: {line}", flush=True)
    return bool(getattr(found, "is_good", False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
