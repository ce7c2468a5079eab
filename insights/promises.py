"""The manager's view of action items: what is overdue, by whom, and whether it gets better."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from insights import statistics
from postmortems.models import ActionItem

OPEN = Q(state__in=["open", "in_progress"])


@dataclass(frozen=True)
class Totals:
    """Of the items asked for: how many are open, overdue, due within a week; finished on time in the last 90 days;
    and the median age of the open ones in days."""

    open: int
    overdue: int
    due_soon: int
    on_time: statistics.Share
    median_age_days: float | None


def totals(items: "QuerySet[ActionItem]", *, today: date) -> Totals:
    """The figures over the list."""
    counted = items.aggregate(
        open=Count("pk", filter=OPEN),
        overdue=Count("pk", filter=OPEN & Q(due_on__lt=today)),
        soon=Count("pk", filter=OPEN & Q(due_on__gte=today, due_on__lt=today + timedelta(days=7))),
        done=Count("pk", filter=Q(state="done", finished_at__date__gte=today - timedelta(days=90))),
        in_time=Count(
            "pk",
            filter=Q(
                state="done", finished_at__date__gte=today - timedelta(days=90), finished_at__date__lte=F("due_on")
            ),
        ),
    )
    ages = sorted((today - moment.date()).days for moment in items.filter(OPEN).values_list("created_at", flat=True))
    middle = float(ages[len(ages) // 2]) if ages else None
    return Totals(
        counted["open"],
        counted["overdue"],
        counted["soon"],
        statistics.Share(counted["in_time"], counted["done"]),
        middle,
    )


@dataclass(frozen=True)
class Load:
    """What one person or team carries."""

    name: str
    person: User | None
    open: int
    overdue: int


def load_by_owner(items: "QuerySet[ActionItem]", *, today: date, most: int = 10) -> list[Load]:
    """Who carries most, the overdue first."""
    rows = (
        items.filter(OPEN)
        .order_by()
        .values("owner")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
        .order_by("-overdue", "-open")[:most]
    )
    people = User.objects.in_bulk([row["owner"] for row in rows])
    return [Load(str(people[row["owner"]]), people[row["owner"]], row["open"], row["overdue"]) for row in rows]


def load_by_team(items: "QuerySet[ActionItem]", *, today: date) -> list[Load]:
    """What the owners' teams carry; somebody in two teams counts in both."""
    rows = (
        items.filter(OPEN, owner__teams__isnull=False)
        .order_by()
        .values("owner__teams__name")
        .annotate(open=Count("pk", distinct=True), overdue=Count("pk", filter=Q(due_on__lt=today), distinct=True))
        .order_by("-overdue", "-open")
    )
    return [Load(row["owner__teams__name"], None, row["open"], row["overdue"]) for row in rows]


def trend(items: "QuerySet[ActionItem]", *, today: date, weeks: int = 12) -> list[tuple[date, int, int]]:
    """For each of the last `weeks` weeks: its Monday, how many items were opened and how many were finished."""
    first = today - timedelta(days=today.weekday() + 7 * (weeks - 1))
    opened, finished = [0] * weeks, [0] * weeks
    for created_at, finished_at in items.values_list("created_at", "finished_at"):
        for moment, counts in ((created_at, opened), (finished_at, finished)):
            index = (moment.date() - first).days // 7 if moment else -1
            if 0 <= index < weeks:
                counts[index] += 1
    return [(first + timedelta(days=7 * index), opened[index], finished[index]) for index in range(weeks)]
