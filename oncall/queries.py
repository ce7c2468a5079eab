"""Who is on call: the rows of schedules read once, and the pure calculators asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from accounts.models import Team, User
from catalog.models import Service
from core.middleware import zone_or_utc
from oncall import rotation
from oncall.models import Duty, EscalationPolicy, Override, Rotation, RotationMember, Schedule, ServicePolicy, Target

LOOK_AHEAD = (timedelta(days=15), timedelta(days=70), timedelta(days=400))
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """`person` holds `duty` of `schedule` from `starts_at` until just before `ends_at`. `why`: the rotation's name, or
    "override"; then `override` is its id."""

    schedule: Schedule
    person: User
    duty: Duty
    starts_at: datetime
    ends_at: datetime
    why: str
    rotation: int | None = None
    override: int | None = None


class Called(NamedTuple):
    """Somebody a step calls, and the words that say why."""

    person: User
    reason: str


@dataclass
class Book:
    """One schedule's rotations and overrides as values, and the rows they name."""

    schedule: Schedule
    turns: list[rotation.Turns] = field(default_factory=list)
    planned: list[rotation.Turns] = field(default_factory=list)
    laid: list[rotation.Laid] = field(default_factory=list)
    people: dict[int, User] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def held(self, since: datetime, until: datetime, at: datetime | None = None) -> dict[str, list[rotation.Held]]:
        """Who holds what within [since, until). Only active people, except before `at`: what was, was."""
        if at is None or at <= since:
            active = [laid for laid in self.laid if self.people[laid.person].is_active]
            return rotation.shifts(self.turns, active, since=since, until=until)
        before = rotation.shifts(self.planned, self.laid, since=since, until=min(at, until))
        if at >= until:
            return before
        after = self.held(at, until)
        return {duty: rotation.continued(before.get(duty, []), after.get(duty, [])) for duty in {*before, *after}}

    def shift(self, held: rotation.Held) -> Shift:
        """The held period with its rows."""
        why = _("override") if held.rotation is None else self.names[held.rotation]
        return Shift(
            self.schedule,
            self.people[held.person],
            Duty(held.duty),
            held.starts_at,
            held.ends_at,
            why,
            held.rotation,
            held.override,
        )


def books(schedules: Iterable[Schedule], *, since: datetime, until: datetime) -> list[Book]:
    """The schedules as values, with everything that touches [since, until): three queries, however many they are."""
    found = {schedule.pk: Book(schedule) for schedule in schedules}
    rows = (
        Rotation.objects.touching(since, until)
        .filter(schedule__in=found)
        .prefetch_related(Prefetch("members", RotationMember.objects.select_related("person")))
    )
    for row in rows:
        book = found[row.schedule_id]
        people = [member.person for member in row.members.all()]
        book.people |= {person.pk: person for person in people}
        book.names[row.pk] = row.name
        planned = turns_of(row, book.schedule.time_zone, tuple(person.pk for person in people))
        book.planned.append(planned)
        book.turns.append(with_people_active(planned, book.people))
    overrides = Override.objects.filter(schedule__in=found, starts_at__lt=until, ends_at__gt=since)
    for each in overrides.select_related("person"):
        book = found[each.schedule_id]
        book.people[each.person_id] = each.person
        book.laid.append(rotation.Laid(each.pk, each.duty, each.person_id, each.starts_at, each.ends_at))
    return list(found.values())


def book_of(schedule: Schedule, *, since: datetime, until: datetime) -> Book:
    """One schedule as values."""
    return books([schedule], since=since, until=until)[0]


def turns_of(row: Rotation, zone: str, people: tuple[int, ...]) -> rotation.Turns:
    """A rotation's row as values."""
    return rotation.Turns(
        key=row.pk or 0,
        duty=row.duty,
        layer=row.layer,
        zone=zone_or_utc(row.time_zone or zone),
        turn=row.turn,
        turn_length=row.turn_length,
        handoff=row.handoff_time,
        starts_on=row.starts_on,
        people=people,
        first=row.first,
        ends_on=row.ends_on,
        hours=hours_of(row.restrictions),
        since=row.in_force_since,
        until=row.in_force_until,
    )


def hours_of(restrictions: Sequence[dict[str, Any]]) -> tuple[rotation.Hours, ...]:
    """A rotation's restrictions as values; no weekdays named means every day."""
    return tuple(
        rotation.Hours(
            frozenset(each.get("weekdays") or range(7)),
            time.fromisoformat(each["from"]),
            time.fromisoformat(each["until"]),
        )
        for each in restrictions
    )


def with_people_active(turns: rotation.Turns, people: dict[int, User]) -> rotation.Turns:
    """The turns with each person who is not active replaced by the next in line."""
    active = {person for person in turns.people if people[person].is_active}
    return replace(turns, people=rotation.standing_in(turns.people, active))


def on_call_now(schedule: Schedule, *, at: datetime) -> dict[Duty, list[User]]:
    """Who holds each duty at `at`: both duties as keys, an empty list where nobody does."""
    return _holders(book_of(schedule, since=at, until=at + INSTANT), at)


def everyone_on_call(at: datetime) -> list[tuple[Schedule, dict[Duty, list[User]]]]:
    """Every schedule with who holds its duties at `at`."""
    schedules = Schedule.objects.select_related("team")
    return [(book.schedule, _holders(book, at)) for book in books(schedules, since=at, until=at + INSTANT)]


def shifts(schedule: Schedule, *, since: datetime, until: datetime, at: datetime | None = None) -> list[Shift]:
    """Who holds which duty within [since, until), in order of time, primary first. Turns to come are told with the
    people who are active; with `at`, turns before it are told as they were planned."""
    book = book_of(schedule, since=since, until=until)
    held = book.held(since, until, at)
    return sorted(
        (book.shift(each) for duty in held.values() for each in duty),
        key=lambda shift: (shift.starts_at, shift.duty != Duty.PRIMARY),
    )


def next_on_call(schedule: Schedule, *, at: datetime) -> dict[Duty, Shift | None]:
    """For each duty, the first shift after `at` of somebody else than its holder then; None where none is in sight."""
    return {duty: standing.next for duty, standing in standing_of(schedule, at=at).items()}


class Standing(NamedTuple):
    """One duty of a schedule at a moment: who holds it, until when (None: no end in sight), and who is next (with the
    moment in `next.starts_at`). `why` is the holder's rotation or override; `override` its id."""

    schedule: Schedule
    duty: Duty
    person: User | None
    until: datetime | None
    next: Shift | None
    current: Shift | None


def standing_of(schedule: Schedule, *, at: datetime) -> dict[Duty, Standing]:
    """Each duty of one schedule at `at`."""
    return {standing.duty: standing for standing in standings([schedule], at=at)}


def standings(schedules: Iterable[Schedule], *, at: datetime) -> list[Standing]:
    """Each duty of each schedule at `at`, with until when and who is next, looking ahead as far as it takes."""
    waiting = list(schedules)
    order = {schedule.pk: place for place, schedule in enumerate(waiting)}
    found: list[Standing] = []
    for ahead in LOOK_AHEAD:
        unsettled = []
        for book in books(waiting, since=at, until=at + ahead):
            held = book.held(at, at + ahead)
            both = [_standing(book, duty, held.get(duty, []), at, at + ahead) for duty in Duty]
            planned = {turns.duty for turns in book.turns if turns.people}
            if all(each.next or each.duty not in planned for each in both) or ahead == LOOK_AHEAD[-1]:
                found += both
            else:
                unsettled.append(book.schedule)
        waiting = unsettled
        if not waiting:
            break
    return sorted(found, key=lambda each: (order[each.schedule.pk], each.duty != Duty.PRIMARY))


def _standing(book: Book, duty: Duty, held: list[rotation.Held], at: datetime, horizon: datetime) -> Standing:
    current = book.shift(held[0]) if held and held[0].starts_at <= at else None
    until: datetime | None = at
    for each in held if current else []:
        if until is not None and each.starts_at <= max(until, at) and each.person == held[0].person:
            until = each.ends_at
        else:
            break
    if current is None:
        until = held[0].starts_at if held else None
    elif until is not None and until >= horizon:
        until = None
    following = next((each for each in held if current is None or each.person != held[0].person), None)
    return Standing(
        book.schedule,
        duty,
        current.person if current else None,
        until,
        book.shift(following) if following else None,
        current,
    )


def _holders(book: Book, at: datetime) -> dict[Duty, list[User]]:
    held = book.held(at, at + INSTANT)
    return {duty: [book.people[each.person] for each in held.get(duty, [])] for duty in Duty}


def shifts_of(person: User, *, since: datetime, until: datetime) -> list[Shift]:
    """When `person` is on call within [since, until), over every schedule, in order of time."""
    holds = Q(rotations__members__person=person) | Q(overrides__person=person)
    mine = list(Schedule.objects.filter(holds).distinct())
    found = [
        book.shift(each)
        for book in books(mine, since=since, until=until)
        for duty in book.held(since, until).values()
        for each in rotation.joined(duty)
        if each.person == person.pk
    ]
    return sorted(found, key=lambda shift: shift.starts_at)


def policy_for(service: Service) -> EscalationPolicy | None:
    """The policy that pages for `service`."""
    found = ServicePolicy.objects.filter(service=service).select_related("policy").first()
    return found.policy if found else None


def plan_of(policy: EscalationPolicy) -> dict[str, Any]:
    """The policy as it stands, as JSON for Escalation.plan: {"policy", "name", "repeat_times", "fallback": person id or
    None, "steps": [{"wait_seconds", "targets": [{"kind", "id", "duty", "name"}]}]}."""
    steps = policy.steps.prefetch_related(
        Prefetch("targets", Target.objects.select_related("person", "team", "schedule"))
    )
    return {
        "policy": policy.pk,
        "name": policy.name,
        "repeat_times": policy.repeat_times,
        "steps": [
            {"wait_seconds": step.wait_seconds, "targets": [target_of(target) for target in step.targets.all()]}
            for step in steps
        ],
        "fallback": policy.fallback_id,
    }


def target_of(target: Target) -> dict[str, Any]:
    """A step's target as JSON; `duty` is empty except for schedules."""
    if target.schedule is not None:
        name = _("%(duty)s of %(schedule)s") % {"duty": target.get_duty_display(), "schedule": target.schedule}
        return {"kind": target.kind, "id": target.schedule.pk, "duty": target.duty, "name": name}
    if target.team is not None:
        name = _("everyone in %(team)s") % {"team": target.team}
        return {"kind": target.kind, "id": target.team.pk, "duty": "", "name": name}
    return {"kind": target.kind, "id": target.person_id, "duty": "", "name": str(target.person)}


def called_by(targets: Sequence[dict[str, Any]], *, at: datetime) -> list[Called]:
    """The active people whom targets of a plan mean at `at`, each once, in order; empty when they mean nobody: an empty
    rotation, a schedule or person deleted since. The engine moves on then."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for target in targets:
        wanted[target["kind"]].add(target["id"])
    people = User.objects.filter(is_active=True).in_bulk(wanted["person"])
    teams = Team.objects.prefetch_related("members").in_bulk(wanted["team"])
    held: dict[int, tuple[Schedule, dict[Duty, list[User]]]] = {
        book.schedule.pk: (book.schedule, _holders(book, at))
        for book in books(Schedule.objects.filter(pk__in=wanted["schedule"]), since=at, until=at + INSTANT)
    }
    found: dict[int, Called] = {}
    for target in targets:
        kind, key = target["kind"], target["id"]
        if kind == Target.Kind.SCHEDULE and key in held:
            schedule, by_duty = held[key]
            duty = Duty(target.get("duty") or Duty.PRIMARY)
            words = {"duty": duty.label.lower(), "schedule": schedule.name}
            for person in by_duty[duty]:
                found.setdefault(person.pk, Called(person, _("on call: %(duty)s of %(schedule)s") % words))
        elif kind == Target.Kind.TEAM and key in teams:
            for person in teams[key].members.all():
                if person.is_active:
                    found.setdefault(person.pk, Called(person, _("everyone in %(team)s") % {"team": teams[key].name}))
        elif kind == Target.Kind.PERSON and key in people:
            found.setdefault(key, Called(people[key], _("named in the policy")))
    return list(found.values())


def called_last(plan: dict[str, Any], person: int | None) -> list[Called]:
    """Whom the fallback means: the person if there is one and they are active, else every active administrator."""
    reason = _("final fallback of %(policy)s") % {"policy": plan.get("name", "")}
    named = User.objects.filter(pk=person, is_active=True).first() if person else None
    if named:
        return [Called(named, reason)]
    return [Called(each, reason) for each in User.objects.filter(is_active=True, role="administrator")]
