"""What was recorded about an incident, as values. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Happening:
    """One line of the story: who did what, when. `kind`: the timeline's own word. `text`: what was written below it."""

    at: datetime
    kind: str
    who: str
    words: str
    text: str = ""


@dataclass(frozen=True)
class Part:
    """A person in a role, for a while; `until` is None for who held it to the end."""

    role: str
    person: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Asked:
    """One page: who was asked to come, by which step (0 is the first), and when they answered."""

    person: str
    step: int
    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class Promises:
    """What the severity promises, in minutes; None where it promises nothing."""

    acknowledge: int | None = None
    restore: int | None = None
    commander: int | None = None
    public_update: int | None = None


@dataclass(frozen=True)
class Record:
    """Everything the draft is made of."""

    reference: str
    title: str
    severity: str
    service: str
    summary: str
    by_alert: bool
    impact_started_at: datetime | None
    detected_at: datetime | None
    declared_at: datetime
    acknowledged_at: datetime | None
    commander_named_at: datetime | None
    identified_at: datetime | None
    first_public_update_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime
    happenings: tuple[Happening, ...] = ()
    parts: tuple[Part, ...] = ()
    asked: tuple[Asked, ...] = ()
    promises: Promises = Promises()
    roles_required: tuple[str, ...] = ()

    @property
    def begun_at(self) -> datetime:
        known = [at for at in (self.impact_started_at, self.detected_at, self.declared_at) if at is not None]
        return min(known)

    @property
    def mended_at(self) -> datetime:
        return self.mitigated_at or self.resolved_at
