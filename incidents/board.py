"""What a war room shows, read once from PostgreSQL and rendered once for each kind of reader.

The same partials are included by the page, answered to the one who acts, and pushed to everyone who watches.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.models import User
from core.middleware import zone_or_utc
from incidents import paging_lines, queries, story
from incidents.alert_words import Lead
from incidents.escalation import waits_for_hours
from incidents.models import (
    Admission,
    Escalation,
    Incident,
    Page,
    Presence,
    Role,
    RoleAssignment,
    TimelineEvent,
    Update,
)
from incidents.moves_shown import ACKNOWLEDGE, BUTTONS, Button, buttons
from notifications.models import Message, MessageState
from oncall import policy, reasons

PRESENCE_LASTS = timedelta(seconds=25)  # a row not renewed for so long belongs to a process that was killed
PAGES_SHOWN = 30
MOST_LINES = 200  # in one message

# The live parts: the id of the root element → its partial. A pushed partial never holds an input.
PARTS = {
    "room-head": "incidents/_head.html",
    "room-moves": "incidents/_moves.html",
    "room-here": "incidents/_here.html",
    "room-paging": "incidents/_paging.html",
    "room-roles": "incidents/_roles.html",
    "room-updates": "incidents/_updates.html",
    "room-facts": "incidents/_facts.html",
    "room-admitted": "incidents/_admitted.html",
}
LINE = "incidents/_line.html"
_MOVING = re.compile(r"(<[^>]*\bdata-(?:clock-since|clock-until|when)=[^>]*>)[^<]*")


@dataclass(frozen=True)
class Reader:
    """What a rendering depends on besides the room itself. Readers who are equal are sent the same bytes."""

    language: str
    zone: str
    can_respond: bool
    is_called: bool = False  # they were paged and have not answered

    @classmethod
    def of(cls, person: User, *, browser: str | None, called: Collection[int] = ()) -> "Reader":
        """`browser`: the language their browser asks for, which holds where the person has chosen none. `called`: the
        ids of those whose answer is still awaited."""
        language = person.language or browser or settings.LANGUAGE_CODE
        return cls(language, person.time_zone, person.can_respond, person.pk in called)


@dataclass(frozen=True)
class Paged:
    """One page and how each of its messages fares."""

    page: Page
    messages: list[Message]


@dataclass(frozen=True)
class Coming:
    """The next step of the running escalation: whom it calls, and when. `is_again`: everyone was paged, and the last
    ones are paged once more. `waits`: it goes when working hours begin."""

    at: datetime
    policy_name: str
    targets: list[Mapping[str, Any]]
    is_fallback: bool
    is_again: bool = False
    waits: bool = False

    @property
    def when(self) -> str:
        """ "Monday 09:00" in the reader's zone."""
        return paging_lines.day_and_time(self.at)

    @property
    def names(self) -> list[str]:
        """As the reader calls them: said where they are shown, not where the room was read."""
        return [name for name in map(reasons.target_name, self.targets) if name]


@dataclass(frozen=True)
class Board:
    """The room as it stands."""

    incident: Incident
    here: list[User]
    holders: list[tuple[str, str | Promise, list[RoleAssignment]]]
    paged: list[Paged]
    escalation: Escalation | None
    coming: Coming | None
    updates: list[Update]
    admitted: list[Admission]
    buttons: list[Button] = field(default_factory=list)
    called: frozenset[int] = frozenset()
    lead: Lead | None = None

    @property
    def has_acknowledge(self) -> bool:
        return any(button.verb == ACKNOWLEDGE for button in self.buttons)

    @property
    def acknowledge(self) -> Button:
        return BUTTONS[ACKNOWLEDGE]

    @property
    def commander(self) -> User | None:
        return next((held[0].person for role, _label, held in self.holders if role == Role.COMMANDER and held), None)

    @property
    def promise(self) -> Update | None:
        return story.next_update_due(self.incident, self.updates)

    @property
    def has_public_side(self) -> bool:
        return not self.incident.private and not self.incident.drill

    @property
    def is_unanswered(self) -> bool:
        return self.incident.is_open and bool(self.paged) and not _is_answered(self.incident, self.escalation)

    @property
    def is_used_up(self) -> bool:
        """Everyone in the plan was paged, and nobody has answered."""
        if self.escalation is None or not self.is_unanswered:
            return False
        if self.escalation.state == Escalation.State.EXHAUSTED:
            return True
        here = policy.next_step(self.escalation.plan, self.escalation.round, self.escalation.step)
        return isinstance(here, policy.Fallback) and here.number > 0


def read(pk: int, *, at: datetime) -> Board:
    """The room of the incident `pk`, in a handful of queries whatever its size."""
    incident = Incident.objects.select_related("severity", "service", "declared_by").get(pk=pk)
    escalation = Escalation.objects.filter(incident=incident).order_by("-id").first()
    return Board(
        incident=incident,
        here=_here(pk, at),
        holders=_holders(incident),
        paged=_paged(incident),
        escalation=escalation,
        coming=_coming(incident, escalation, at),
        updates=list(Update.objects.filter(incident=incident).select_related("author")[:20]),
        admitted=list(Admission.objects.filter(incident=incident).select_related("person").order_by("person__name"))
        if incident.private
        else [],
        buttons=buttons(incident.status, is_acknowledged=_is_answered(incident, escalation)),
        called=queries.awaited(incident, escalation),
        lead=queries.lead_of(incident),
    )


def pulse(pk: int, *, at: datetime) -> tuple[Any, ...] | None:
    """A cheap value that differs whenever the room looks different; None when there is no such incident.

    Deliveries and presence move without a line in the story, so they are looked at beside it.
    """
    row = Incident.objects.filter(pk=pk).values_list("head", "private", "status").first()
    if row is None:
        return None
    topics = [f"page/{page}" for page in Page.objects.filter(incident=pk).values_list("pk", flat=True)[:PAGES_SHOWN]]
    messages = Message.objects.filter(topic__in=topics).order_by("pk").values_list("pk", "state", "attempts")
    timers = Escalation.objects.filter(incident=pk).values_list("pk", "state", "next_step_at")
    return (*row, tuple(messages) if topics else (), tuple(timers), tuple(person.pk for person in _here(pk, at)))


def render(board: Board, reader: Reader) -> dict[str, str]:
    """Every live part as HTML, by the id of its root element, for one kind of reader."""
    with _as_read_by(reader):
        context = context_of(board, reader)
        return {part: render_to_string(template, context).strip() for part, template in PARTS.items()}


def render_lines(events: list[TimelineEvent], reader: Reader) -> list[tuple[int, str]]:
    """The lines as (number, HTML), for one kind of reader."""
    with _as_read_by(reader):
        return [
            (event.seq, render_to_string(LINE, {"line": story.tell(event), "reader": reader}).strip())
            for event in events
        ]


def message(board: Board, reader: Reader, *, after: int | None, html: dict[str, str]) -> dict[str, Any]:
    """What a browser is sent, by socket, poll or answer: the newest line's number, parts to swap, and the lines after
    number `after`, oldest first. With `gap` it is too far behind and must fetch its window of the story anew."""
    head, lines = board.incident.head, []
    gap = after is not None and head - after > MOST_LINES
    if after is not None and not gap and after < head:
        events = queries.timeline_after(board.incident, after, most=MOST_LINES)
        lines = render_lines([event for event in events if event.seq <= head], reader)
    return {"kind": "parts", "head": head, "parts": html, "lines": lines, "gap": gap}


def at_rest(html: str) -> str:
    """The part without what browsers keep moving by themselves, clocks and “4 min ago”: to tell whether it changed."""
    return _MOVING.sub(r"\1", html)


def context_of(board: Board, reader: Reader) -> dict[str, Any]:
    """What the partials are given."""
    return {"board": board, "incident": board.incident, "reader": reader}


def _is_answered(incident: Incident, escalation: Escalation | None) -> bool:
    """Whether somebody is on it, and nobody was called anew since."""
    return escalation.is_answered(incident.acknowledged_at) if escalation else incident.acknowledged_at is not None


class _as_read_by:  # noqa: N801 - reads as a word in `with`
    """The reader's language and zone, for as long as the block runs."""

    def __init__(self, reader: Reader) -> None:
        self.language = translation.override(reader.language)
        self.zone = timezone.override(zone_or_utc(reader.zone))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *trouble: Any) -> None:
        self.zone.__exit__(*trouble)
        self.language.__exit__(*trouble)


def _here(pk: int, at: datetime) -> list[User]:
    rows = Presence.objects.filter(incident=pk, seen_at__gt=at - PRESENCE_LASTS).select_related("person")
    people = {row.person_id: row.person for row in rows}
    return sorted(people.values(), key=lambda person: (str(person).lower(), person.pk))


def _holders(incident: Incident) -> list[tuple[str, str | Promise, list[RoleAssignment]]]:
    rows = list(RoleAssignment.objects.filter(incident=incident, left_at=None).select_related("person"))
    return [(role.value, role.label, [row for row in rows if row.role == role.value]) for role in Role]


def _paged(incident: Incident) -> list[Paged]:
    pages = list(Page.objects.filter(incident=incident).select_related("person")[:PAGES_SHOWN])
    by_topic: dict[str, list[Message]] = {page.topic: [] for page in pages}
    if pages:
        rows = Message.objects.filter(topic__in=list(by_topic)).exclude(state=MessageState.WITHDRAWN).order_by("pk")
        for message in rows:
            by_topic[message.topic].append(message)
    return [Paged(page, by_topic[page.topic]) for page in pages]


def _coming(incident: Incident, escalation: Escalation | None, at: datetime) -> Coming | None:
    if escalation is None or escalation.next_step_at is None:
        return None
    due = escalation.next_step_at
    answer = policy.next_step(escalation.plan, escalation.round, escalation.step)
    if isinstance(answer, policy.Silence):  # nobody is paged then: what people wait for comes after it
        due += timedelta(seconds=policy.wait_after(escalation.plan, answer))
        answer = policy.next_step(escalation.plan, *answer.then)
    return Coming(
        at=due,
        policy_name=escalation.policy_name,
        targets=list(answer.targets) if isinstance(answer, policy.Next) else [],
        is_fallback=isinstance(answer, policy.Fallback),
        is_again=isinstance(answer, policy.Fallback) and answer.number > 0,
        waits=waits_for_hours(incident, escalation, at=at),
    )
