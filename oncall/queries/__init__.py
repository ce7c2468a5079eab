"""Who is on call, and what a policy means."""

from oncall.queries.books import Book, Shift, book_of, books, hours_of, needs_holidays, places_of, turns_of
from oncall.queries.checks import Coverage, Preview, coverage_of, layers, preview
from oncall.queries.on_call import (
    Standing,
    everyone_on_call,
    next_on_call,
    on_call_now,
    shifts,
    shifts_of,
    standing_of,
    standings,
)
from oncall.queries.policies import (
    Called,
    called_by,
    called_first,
    called_last,
    plan_of,
    plans_of,
    policy_for,
    target_of,
    zone_of,
)

__all__ = [
    "Book",
    "Called",
    "Coverage",
    "Preview",
    "Shift",
    "Standing",
    "book_of",
    "books",
    "called_by",
    "called_first",
    "called_last",
    "coverage_of",
    "everyone_on_call",
    "hours_of",
    "layers",
    "needs_holidays",
    "next_on_call",
    "on_call_now",
    "places_of",
    "plan_of",
    "plans_of",
    "policy_for",
    "preview",
    "shifts",
    "shifts_of",
    "standing_of",
    "standings",
    "target_of",
    "turns_of",
    "zone_of",
]
