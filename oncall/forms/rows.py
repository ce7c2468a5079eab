"""Rows that people add, remove and move before they save: plain server round trips, nothing typed is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User

Row = TypeVar("Row")
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A button pressed: what ("person"), how ("add", "remove", "up", "down") and at which place."""

    what: str
    how: str
    place: int = -1


class Group(NamedTuple):
    """An <optgroup>."""

    label: str | Promise
    choices: list[Choice]


def wish_of(pressed: str) -> Wish | None:
    """The button's value read: "person-up-2"; None for save, preview and whatever else."""
    words = pressed.split("-")
    if len(words) < 2 or words[1] not in {"add", "remove", "up", "down"}:
        return None
    place = (
        int(words[2]) if len(words) > 2 and words[2].isascii() and words[2].isdecimal() and len(words[2]) < 5 else -1
    )
    return Wish(words[0], words[1], place)


def rearranged(rows: list[Row], wish: Wish, blank: Row) -> list[Row]:
    """The rows as wished; a place that is not there changes nothing."""
    found = list(rows)
    if wish.how == "add":
        return [*found, blank]
    if not 0 <= wish.place < len(found):
        return found
    if wish.how == "remove":
        del found[wish.place]
        return found
    other = wish.place + (-1 if wish.how == "up" else 1)
    if 0 <= other < len(found):
        found[wish.place], found[other] = found[other], found[wish.place]
    return found


def people_choices(team: Team | None = None, besides: Iterable[User] = ()) -> list[Group]:
    """Everybody who may be on call, the team's people first; `besides` are listed even when they are not active."""
    active = list(User.objects.filter(is_active=True))
    known = {person.pk for person in active}
    everyone = [*active, *(person for person in besides if person.pk not in known)]
    inside = set(team.memberships.values_list("person_id", flat=True)) if team else set()
    groups = []
    if team and inside:
        groups.append(Group(team.name, [_choice(person) for person in everyone if person.pk in inside]))
    others = [_choice(person) for person in everyone if person.pk not in inside]
    if others:
        groups.append(Group(_("Everyone else") if groups else _("Everyone"), others))
    return groups


def active_person(raw: str) -> User | None:
    """The active person whose id was sent."""
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 19):
        return None
    return User.objects.filter(pk=int(raw), is_active=True).first()


def _choice(person: User) -> Choice:
    return str(person.pk), str(person)
