"""A sender that is killed at one point of its work: `python -m tests.faults.lame NUMBER` (the points: engines.py).

It runs the product's own sweeps as a worker does. Only this module knows of points at which to die.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def die(*_anything: Any, **_more: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_before(function: Callable[..., Any]) -> Callable[..., Any]:
    return die


def dies_after(function: Callable[..., Any], *, if_any: bool = False) -> Callable[..., Any]:
    """The same function, after which the process ends; with `if_any` only where it did something."""

    def wrapped(*values: Any, **more: Any) -> Any:
        answer = function(*values, **more)
        return answer if if_any and not answer else die()

    return wrapped


def arm(number: int) -> None:
    """Let the point `number` be deadly."""
    from django.db import transaction

    from incidents import escalation
    from notifications import delivery
    from notifications.models import Attempt

    if number == 0:
        escalation.fire = dies_after(escalation.fire)
    elif number == 1:
        escalation.escalations_due = dies_after(escalation.escalations_due, if_any=True)
    elif number == 2:
        Attempt.objects.bulk_create = dies_before(Attempt.objects.bulk_create)  # type: ignore[method-assign]
    elif number == 3:
        delivery.claim = dies_after(delivery.claim, if_any=True)
    elif number == 4:
        delivery.attempt = dies_before(delivery.attempt)
    elif number == 5:
        delivery.attempt = dies_after(delivery.attempt)
    elif number == 6:
        delivery.record = transaction.atomic(dies_after(delivery.record))
    elif number == 7:
        delivery.record = dies_after(delivery.record)


def main(number: int) -> None:
    django.setup()
    arm(number)
    from config import clocks

    for _round in range(20):
        clocks.run_now("escalations", ran_by="lame")
        clocks.run_now("messages", ran_by="lame")


if __name__ == "__main__":
    main(int(sys.argv[1]))
