"""Action items: promised, done with evidence, dropped with a reason, handed on, put off."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from core.letters import has_visible
from core.middleware import zone_or_utc
from incidents.models import Incident
from notifications.actions import notify, withdraw
from notifications.models import MessageKind
from postmortems import words
from postmortems.actions.editing import require_insight
from postmortems.models import ActionItem
from postmortems.moves_shown import refuse_item
from postmortems.reminding import next_reminder
from postmortems.workflow import ItemMove, item_leads_to, item_moves_from

DAYS = {"immediate": 30, "short": 60, "long": 90}  # where no incident's severity says otherwise
FURTHEST = timedelta(days=5 * 366)


def default_due_on(incident: Incident | None, horizon: str, *, at: datetime) -> date:
    """The day an item of this horizon falls due by the severity of its incident."""
    days = getattr(incident.severity, f"due_days_{horizon}") if incident is not None else DAYS[horizon]
    return at.date() + timedelta(days=days)


def add_item(
    *,
    title: str,
    owner: User,
    actor: User | None,
    at: datetime,
    incident: Incident | None = None,
    due_on: date | None = None,
    details: str = "",
    kind: str = ActionItem.Kind.PREVENT,
    priority: str = ActionItem.Priority.MEDIUM,
    horizon: str = ActionItem.Horizon.SHORT,
) -> ActionItem:
    """A new promise. Without a day it is due when the horizon and the incident's severity say; its owner is told."""
    tidy = " ".join(title.split())
    if not has_visible(tidy):
        raise Refused(_("Say what will be done, in a few words."), code="title_required", status=400)
    require_insight(owner, incident)
    require_near(due_on, actor=actor, at=at)
    with transaction.atomic():
        item = ActionItem(
            title=tidy[:200],
            owner=owner,
            incident=incident,
            due_on=due_on or default_due_on(incident, horizon, at=at),
            details=details.strip(),
            kind=kind,
            priority=priority,
            horizon=horizon,
            created_by=actor,
            created_at=at,
        )
        _set_timer(item, at)
        item.save()
        _tell_owner(item, actor, at)
    return item


def change_item(item: ActionItem, *, actor: User | None, at: datetime, **changes: Any) -> ActionItem:
    """Give it other values: any of title, details, kind, priority, horizon, owner, due_on."""
    with transaction.atomic():
        fresh = _locked(item)
        owner_before = fresh.owner_id
        if "owner" in changes and changes["owner"].pk != fresh.owner_id:
            require_insight(changes["owner"], fresh.incident)
        if changes.get("due_on") not in {None, fresh.due_on}:
            require_near(changes["due_on"], actor=actor, at=at)
        for name in ("title", "details", "kind", "priority", "horizon", "owner", "due_on"):
            if changes.get(name) is not None:
                setattr(fresh, name, changes[name])
        fresh.title = " ".join(fresh.title.split())[:200]
        if not has_visible(fresh.title):
            raise Refused(_("Say what will be done, in a few words."), code="title_required", status=400)
        _set_timer(fresh, at)
        fresh.save()
        if fresh.owner_id != owner_before:
            withdraw(words.topic(fresh), at=at)
            _tell_owner(fresh, actor, at)
    return fresh


def reassign_item(item: ActionItem, owner: User, *, actor: User | None, at: datetime) -> ActionItem:
    """Somebody else does it; they are told."""
    return change_item(item, owner=owner, actor=actor, at=at)


def postpone_item(item: ActionItem, *, due_on: date, actor: User | None, at: datetime) -> ActionItem:
    """Another day; the reminders move with it."""
    return change_item(item, due_on=due_on, actor=actor, at=at)


def start_item(item: ActionItem, *, actor: User | None, at: datetime) -> ActionItem:
    """Somebody works on it."""
    return _move(item, ItemMove.START, at=at)


def finish_item(item: ActionItem, *, evidence: str, actor: User | None, at: datetime) -> ActionItem:
    """Done; `evidence` says where that can be seen."""
    return _move(item, ItemMove.DONE, at=at, evidence=evidence)


def drop_item(item: ActionItem, *, reason: str, actor: User | None, at: datetime) -> ActionItem:
    """It will not be done; `reason` says why."""
    return _move(item, ItemMove.WONT_DO, at=at, reason=reason)


def reopen_item(item: ActionItem, *, actor: User | None, at: datetime) -> ActionItem:
    """It was not done after all, or it will be."""
    return _move(item, ItemMove.REOPEN, at=at)


def remove_item(item: ActionItem, *, actor: User | None, at: datetime) -> None:
    """It was never meant; what was once promised is better dropped with a reason."""
    with transaction.atomic():
        fresh = _locked(item)
        withdraw(words.topic(fresh), at=at)
        before = {"title": fresh.title, "owner": str(fresh.owner), "state": fresh.state}
        audit.record(actor, "remove action item", str(fresh.pk), before=before, after={}, at=at)
        fresh.delete()


def _move(item: ActionItem, verb: ItemMove, *, at: datetime, evidence: str = "", reason: str = "") -> ActionItem:
    said = {"evidence": " ".join(evidence.split())[:500], "reason": " ".join(reason.split())[:500]}
    with transaction.atomic():
        fresh = _locked(item)
        fresh.state = item_leads_to(fresh.state, verb) or refuse_item(fresh.state, verb, item_moves_from(fresh.state))
        if verb is ItemMove.DONE and not said["evidence"]:
            raise Refused(
                _("Say where it can be seen that this is done: a link, a change, a test."),
                code="evidence_required",
                status=400,
            )
        if verb is ItemMove.WONT_DO and not said["reason"]:
            raise Refused(_("Say why this will not be done."), code="reason_required", status=400)
        fresh.evidence, fresh.reason = said["evidence"], said["reason"]
        is_over = fresh.state in {ActionItem.State.DONE, ActionItem.State.WONT_DO}
        fresh.finished_at = at if is_over else None
        _set_timer(fresh, at)
        fresh.save()
        if is_over:
            withdraw(words.topic(fresh), at=at)
    return fresh


def _locked(item: ActionItem) -> ActionItem:
    rows = ActionItem.objects.select_for_update(no_key=True)
    return rows.prefetch_related("owner", "incident__severity").get(pk=item.pk)


def _set_timer(item: ActionItem, at: datetime) -> None:
    is_open = item.state in {ActionItem.State.OPEN, ActionItem.State.IN_PROGRESS}
    zone = zone_or_utc(item.owner.time_zone)
    item.next_reminder_at = next_reminder(item.due_on, after=at, zone=zone) if is_open else None


def require_near(due_on: date | None, *, actor: User | None, at: datetime) -> None:
    """Refused where the day is over for `actor`, or too far away."""
    if due_on is None:
        return
    today = at.astimezone(zone_or_utc(actor.time_zone if actor else "UTC")).date()
    if due_on < today:
        raise Refused(_("This day is over: choose today or a later day."), code="due_on", status=400)
    if due_on > today + FURTHEST:
        raise Refused(_("The day must lie within the next five years."), code="due_on", status=400)


def _tell_owner(item: ActionItem, actor: User | None, at: datetime) -> None:
    if actor is not None and actor.pk == item.owner_id:
        return
    said = words.assigned(item, actor)
    notify(
        item.owner,
        topic=words.topic(item),
        kind=MessageKind.NOTICE,
        urgency="low",
        subject=said.subject,
        text=said.text,
        payload=words.payload(item, "assigned"),
        key=f"action-item/{item.pk}/owner/{item.owner_id}/{at:%Y%m%dT%H%M%S%f}",
        at=at,
    )
