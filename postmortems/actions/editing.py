"""Changing the words of a postmortem, so that nobody's are overwritten unseen."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents.models import Incident
from postmortems.merging import merge
from postmortems.models import SECTIONS, ContributingFactor, Postmortem
from postmortems.workflow import EDITABLE

LONGEST = 100_000
MOST_FACTORS = 50


class Conflict(Refused):
    """Somebody else changed the same words meanwhile. `theirs`: section → the text that stands now."""

    code = "edited_meanwhile"

    def __init__(self, postmortem: Postmortem, theirs: Mapping[str, str]) -> None:
        super().__init__(
            _(
                "Somebody else has changed the same words meanwhile. Both texts are shown: "
                "keep what is right, and save again."
            )
        )
        self.postmortem = postmortem
        self.theirs = dict(theirs)


def edit(
    postmortem: Postmortem,
    *,
    version: int,
    texts: Mapping[str, str],
    actor: User | None,
    at: datetime,
    base: Mapping[str, str] | None = None,
) -> Postmortem:
    """Replace sections. `version`: the one these texts began with; with `base` (marks of the texts then, merging.mark)
    sections that only one side changed are merged. Where both changed the same, `Conflict`, and nothing is kept."""
    with transaction.atomic():
        fresh = editable(postmortem)
        mine = {name: text for name, text in texts.items() if name in SECTIONS}
        too_long = [name for name, text in mine.items() if len(text) > LONGEST]
        if too_long:
            raise Refused(
                _("A section holds at most %(most)s characters: %(names)s.")
                % {"most": LONGEST, "names": ", ".join(too_long)},
                code="too_long",
                status=400,
            )
        standing = {name: getattr(fresh, name) for name in mine}
        merged = merge(mine, standing, base or {})
        if merged.conflicts and version != fresh.version:
            raise Conflict(fresh, {name: standing[name] for name in merged.conflicts})
        if merged.texts == standing:
            return fresh
        for name, text in merged.texts.items():
            setattr(fresh, name, text)
        fresh.version += 1
        fresh.save(update_fields=[*merged.texts, "version"])
    return fresh


def set_author(postmortem: Postmortem, author: User | None, *, actor: User | None, at: datetime) -> Postmortem:
    """Who writes it; somebody with an active account who may see the incident."""
    with transaction.atomic():
        fresh = locked(postmortem)
        if author is not None:
            require_insight(author, fresh.incident)
        fresh.author = author
        fresh.save(update_fields=["author"])
    return fresh


def add_factor(postmortem: Postmortem, *, text: str, actor: User | None, at: datetime) -> ContributingFactor:
    """One more of the things that together made it happen."""
    tidy = " ".join(text.split())
    if not tidy or len(tidy) > 500:
        raise Refused(_("Name the factor in one sentence of at most 500 characters."), code="text_required", status=400)
    with transaction.atomic():
        fresh = editable(postmortem)
        if fresh.factors.count() >= MOST_FACTORS:
            raise Refused(_("%(most)s factors are enough for one story.") % {"most": MOST_FACTORS}, code="too_many")
        factor, is_new = fresh.factors.get_or_create(text=tidy)
        if is_new:
            touch(fresh)
    return factor


def remove_factor(factor: ContributingFactor, *, actor: User | None, at: datetime) -> None:
    """It was none."""
    with transaction.atomic():
        fresh = editable(factor.postmortem)
        factor.delete()
        touch(fresh)


def locked(postmortem: Postmortem) -> Postmortem:
    """The fresh row, locked; the caller is in a transaction."""
    rows = Postmortem.objects.select_for_update(no_key=True)
    return rows.prefetch_related("incident__severity", "author").get(pk=postmortem.pk)


def editable(postmortem: Postmortem) -> Postmortem:
    """The fresh row, locked; refused once it is approved."""
    fresh = locked(postmortem)
    if fresh.state not in EDITABLE:
        raise Refused(
            _("It is %(state)s, so its words stand. Send it back to draft, or reopen it, to change them.")
            % {"state": fresh.get_state_display().lower()},
            code="wrong_state",
        )
    return fresh


def touch(fresh: Postmortem) -> None:
    """A person worked on it: the draft is not written again by itself."""
    fresh.version += 1
    fresh.save(update_fields=["version"])


def require_insight(person: User, incident: Incident | None) -> None:
    """Refuse somebody whose account is closed, or who may not know of the incident."""
    if not person.is_active:
        raise Refused(_("%(person)s has no active account.") % {"person": person}, code="not_active", status=400)
    if incident is not None and not Incident.objects.visible_to(person).filter(pk=incident.pk).exists():
        raise Refused(
            _("%(person)s may not see this incident. Admit them to it first.") % {"person": person},
            code="not_admitted",
            status=400,
        )
