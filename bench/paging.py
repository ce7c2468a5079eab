"""How late pages are, with two worker processes and many open timers beside them."""

import argparse
import statistics
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.frame import Row, table

TIMERS = """
import django; django.setup()
import sys
from datetime import timedelta
from django.utils import timezone
from catalog.models import Service, Severity
from incidents import escalation
from incidents.models import Escalation, Incident
at, count = timezone.now(), int(sys.argv[1])
later = at + timedelta(days=1)
severity, service = Severity.objects.get(code="SEV1"), Service.objects.get(slug="quick")
start = 10_000_000
for first in range(0, count, 5000):
    rows = Incident.objects.bulk_create(
        Incident(number=start + first + n, title="Timer", status="investigating", severity=severity, service=service,
                 declared_at=at, detected_at=at, accepted_at=at)
        for n in range(min(5000, count - first))
    )
    plan = escalation.plan_for(rows[0])
    Escalation.objects.bulk_create(
        Escalation(incident=row, policy_name=plan["name"], plan=plan, started_at=at, next_step_at=later)
        for row in rows
    )
"""


def main(words: list[str]) -> int:
    """Print the table; 1 when a bar of the requirements is missed."""
    from tests.faults.rig import running

    parser = argparse.ArgumentParser("bin/bench paging", description=__doc__)
    parser.add_argument("--incidents", type=int, default=500, help="incidents of three pages each (default 500)")
    parser.add_argument("--over", type=float, default=60, help="seconds over which they are declared (default 60)")
    parser.add_argument("--timers", type=int, default=100_000, help="open timers beside them (default 100000)")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="muster-faults-") as folder, running(Path(folder)) as rig:
        rig.python("-c", TIMERS, str(options.timers))
        print("Timers are open; incidents are declared.", flush=True)
        late = _paged(rig, options.incidents, options.over)
        print(f"{len(late)} pages came.", flush=True)
        marks = statistics.quantiles(late, n=100)
        rows = [
            Row(f"{len(late)} pages, p50", [marks[49]], "s"),
            Row("p99", [marks[98]], "s", bar="2 s"),
            Row("latest", [max(late)], "s", bar="5 s"),
        ]
        is_good = len(late) >= options.incidents * 3 and marks[98] <= 2 and max(late) <= 5
    print(table(f"Pages beside {options.timers} open timers", rows))
    return 0 if is_good else 1


def _paged(rig: Any, count: int, over: float) -> list[float]:
    """How late each page was: from its due moment to its arrival."""
    asked: list[Any] = []
    halves = 4

    def declare(share: int) -> None:
        pause = threading.Event()
        for _each in range(share):
            asked.extend(rig.declare(1))
            pause.wait(over * halves / count)

    threads = [threading.Thread(target=declare, args=[count // halves + (n < count % halves)]) for n in range(halves)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rig.settle(asked, seconds=120)
    offset = time.time() - time.monotonic()
    late: list[float] = []
    for each in asked:
        due = each.at + offset
        for row in rig.pages_of(each):
            if row.body["step"] is None:
                break
            late.append(max(row.arrived + offset - due, 0.0))
            due = datetime.fromisoformat(row.body["next"]["at"]).timestamp() if row.body.get("next") else due
    rig.end(asked)
    return late
