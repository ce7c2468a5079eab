"""Real processes are killed, frozen and emptied; no page is lost, and none comes twice without saying so.

The short form of `bin/bench faults`. One Muster runs for all of the trials, so they are one test.
"""

from tests.faults import scenarios
from tests.faults.rig import Rig

SHORT = {"T28": 0, "T27": 0, "T25": 6, "T13": 2, "T2": 1, "T16": 1, "T8": 0}


def test_no_page_is_lost_whatever_is_killed(rig: Rig) -> None:
    found = [scenarios.TRIALS[name](rig, seconds) for name, seconds in SHORT.items()]
    bad = [(str(each), each.lost, each.unexpected, each.unmarked) for each in found if not each.is_good]
    assert not bad
