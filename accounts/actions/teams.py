"""Teams and who is in them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError, Value
from django.db.models.deletion import Collector
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership, Team, User
from core.errors import Refused
from core.names import require_visible
from core.slugs import slug_from


def add_team(
    *,
    name: str,
    actor: User | None,
    at: datetime,
    slug: str = "",
    description: str = "",
    members: Iterable[User] = (),
    leads: Iterable[User] = (),
) -> Team:
    """A new team. Without `slug` one is made from the name. Leads are members."""
    require_visible(name)
    with transaction.atomic():
        _require_free(name=name, slug=slug, but=None)
        made = slug or slug_from(name, word="team", taken=lambda word: Team.objects.filter(slug__iexact=word).exists())
        team = Team.objects.create(name=name, slug=made, description=description)
        _seat(team, members, leads)
        audit.record(actor, "add team", team.name, before={}, after=_values(team), at=at)
    return team


def change_team(team: Team, *, actor: User | None, at: datetime, **changes: Any) -> Team:
    """Change any of name, slug, description; `members` and `leads` replace those who were."""
    with transaction.atomic():
        fresh = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        before = _values(fresh)
        given = {field: changes[field] for field in ("name", "slug", "description") if changes.get(field) is not None}
        if given.get("slug") == "":
            del given["slug"]
        if "name" in given:
            require_visible(given["name"])
        _require_free(name=given.get("name", ""), slug=given.get("slug", ""), but=fresh)
        for field, value in given.items():
            setattr(fresh, field, value)
        fresh.save()
        if "members" in changes or "leads" in changes:
            seats = list(fresh.memberships.select_related("person"))
            leads = changes.get("leads", [seat.person for seat in seats if seat.is_lead])
            members = changes.get("members", [seat.person for seat in seats])
            if "members" in changes and "leads" not in changes:
                leads = [person for person in leads if person in members]
            _seat(fresh, members, leads)
        after = _values(fresh)
        if after != before:
            audit.record(actor, "change team", fresh.name, before=before, after=after, at=at)
    return fresh


def put_member(team: Team, person: User, *, is_lead: bool, actor: User | None, at: datetime) -> Membership:
    """The person is in the team, as a lead or not."""
    if not person.is_active:
        raise Refused(_("%(person)s has no active account.") % {"person": person})
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        before = _values(team)
        seat, _is_new = Membership.objects.update_or_create(team=team, person=person, defaults={"is_lead": is_lead})
        after = _values(team)
        if after != before:
            audit.record(actor, "change team", team.name, before=before, after=after, at=at)
    return seat


def remove_member(team: Team, person: User, *, actor: User | None, at: datetime) -> Team:
    """The person is in the team no more."""
    with transaction.atomic():
        fresh = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        before = _values(fresh)
        Membership.objects.filter(team=fresh, person=person).delete()
        after = _values(fresh)
        if after != before:
            audit.record(actor, "change team", fresh.name, before=before, after=after, at=at)
    return fresh


def remove_team(team: Team, *, actor: User | None, at: datetime) -> None:
    """The team is gone; Refused while anything would go with it or still names it as its owner."""
    with transaction.atomic():
        fresh = Team.objects.select_for_update().get(pk=team.pk)
        held = _held_by(fresh)
        if held:
            raise Refused(
                _("%(team)s still answers for: %(things)s. Give them to another team first.")
                % {"team": fresh, "things": ", ".join(held[:5])},
                code="still_needed",
            )
        audit.record(actor, "remove team", fresh.name, before=_values(fresh), after={}, at=at)
        fresh.delete()


def _held_by(team: Team) -> list[str]:
    """What stands in the way of deleting `team`, in whatever room it is: the keys know, this room does not."""
    collector = Collector(using="default")
    try:
        collector.collect([team])
    except (ProtectedError, RestrictedError) as error:
        return sorted(str(row) for row in error.args[1])
    going = [row for model, rows in collector.data.items() if model not in {Team, Membership} for row in rows]
    going += [row for rows in collector.fast_deletes if rows.model is not Membership for row in rows]
    return sorted(str(row) for row in going)


def _seat(team: Team, members: Iterable[User], leads: Iterable[User]) -> None:
    leading = {person.pk for person in leads}
    seated = {person.pk for person in members} | leading
    Membership.objects.filter(team=team).exclude(person__in=seated).delete()
    for number in seated:
        Membership.objects.update_or_create(team=team, person_id=number, defaults={"is_lead": number in leading})


def _require_free(*, name: str, slug: str, but: Team | None) -> None:
    others = Team.objects.exclude(pk=but.pk) if but else Team.objects.all()
    if name and others.filter(Exact(Lower("name"), Lower(Value(name)))).exists():
        raise Refused(_("There is a team called “%(name)s” already.") % {"name": name}, code="name_taken")
    if slug and others.filter(slug__iexact=slug).exists():
        raise Refused(_("Another team has the address “%(slug)s” already.") % {"slug": slug}, code="slug_taken")


def _values(team: Team) -> dict[str, Any]:
    seats = list(Membership.objects.filter(team=team).select_related("person"))
    return {
        "name": team.name,
        "slug": team.slug,
        "description": team.description,
        "members": sorted(seat.person.email for seat in seats),
        "leads": sorted(seat.person.email for seat in seats if seat.is_lead),
    }
