"""Components: what a page lists, which services stand behind each, and a person's word about how it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from catalog.models import Service
from core.errors import Refused
from core.names import require_visible
from statuspage import states
from statuspage.models import Component, ComponentState, StatusPage

FIELDS = ("name", "description", "group")


def add_component(
    page: StatusPage,
    *,
    name: str,
    actor: User | None,
    at: datetime,
    description: str = "",
    group: str = "",
    position: int | None = None,
    services: Iterable[Service] = (),
) -> Component:
    """A new component, last on its page unless `position` says otherwise; operational from now on."""
    require_visible(name, *filter(None, [group]))
    with transaction.atomic():
        StatusPage.objects.select_for_update(no_key=True).get(pk=page.pk)
        _require_free(page, group, name, None)
        last = page.components.aggregate(last=Max("position"))["last"]
        component = Component.objects.create(
            page=page,
            name=name,
            description=description,
            group=group,
            position=position if position is not None else (last + 1 if last is not None else 0),
            created_at=at,
            changed_at=at,
        )
        component.services.set(services)
        states.begin(component, at=at)
        StatusPage.objects.filter(pk=page.pk).changed(at)
        audit.record(actor, "add component", _subject(component), before={}, after=_values(component), at=at)
    return component


def change_component(component: Component, *, actor: User | None, at: datetime, **changes: Any) -> Component:
    """Give the component other values: any of name, description, group, position, services."""
    with transaction.atomic():
        fresh = _locked(component)
        before = _values(fresh)
        services = changes.pop("services", None)
        require_visible(changes.get("name", fresh.name), *filter(None, [changes.get("group", "")]))
        _require_free(fresh.page, changes.get("group", fresh.group), changes.get("name", fresh.name), fresh)
        for field in (*FIELDS, "position"):
            if field in changes:
                setattr(fresh, field, changes[field])
        fresh.changed_at = at
        fresh.save(update_fields=[*FIELDS, "position", "changed_at"])
        if services is not None:
            fresh.services.set(services)
        after = _values(fresh)
        if after != before:
            StatusPage.objects.filter(pk=fresh.page_id).changed(at)
            audit.record(actor, "change component", _subject(fresh), before=before, after=after, at=at)
    return fresh


def place_component(component: Component, *, up: int, actor: User | None, at: datetime) -> Component:
    """Move the component `up` places towards the top (down where negative); the page is numbered anew."""
    with transaction.atomic():
        StatusPage.objects.select_for_update(no_key=True).get(pk=component.page_id)
        rows = list(Component.objects.select_for_update(no_key=True).filter(page=component.page_id))
        place = next(index for index, row in enumerate(rows) if row.pk == component.pk)
        target = min(max(place - up, 0), len(rows) - 1)
        rows.insert(target, rows.pop(place))
        for index, row in enumerate(rows):
            if row.position != index:
                row.position = index
                row.save(update_fields=["position"])
        StatusPage.objects.filter(pk=component.page_id).changed(at)
    return rows[target]


def remove_component(component: Component, *, actor: User | None, at: datetime) -> None:
    """The component leaves its page, its record of uptime with it."""
    with transaction.atomic():
        fresh = _locked(component)
        page_id = fresh.page_id
        audit.record(actor, "remove component", _subject(fresh), before=_values(fresh), after={}, at=at)
        fresh.delete()
        StatusPage.objects.filter(pk=page_id).changed(at)


def set_state(component: Component, *, state: str, reason: str, actor: User | None, at: datetime) -> Component:
    """A person's word: the component is in `state`, whatever incidents say, until `follow_incidents`."""
    if state not in ComponentState.values:
        raise Refused(
            _("A component is one of: %(states)s.") % {"states": ", ".join(ComponentState.values)},
            code="unknown_state",
            status=400,
        )
    if not reason.strip():
        raise Refused(_("Say why, in a few words: somebody will ask in an hour."), code="reason_required", status=400)
    with transaction.atomic():
        fresh = _locked(component)
        before = {"state": fresh.state, "by hand": bool(fresh.hand_state)}
        fresh.hand_state, fresh.hand_reason, fresh.hand_by, fresh.hand_at = state, reason.strip()[:300], actor, at
        fresh.save(update_fields=["hand_state", "hand_reason", "hand_by", "hand_at"])
        states.refresh([fresh.pk], at=at)
        after = {"state": state, "by hand": True, "reason": fresh.hand_reason}
        audit.record(actor, "set component state", _subject(fresh), before=before, after=after, at=at)
    return Component.objects.get(pk=fresh.pk)


def follow_incidents(component: Component, *, actor: User | None, at: datetime) -> Component:
    """Take the person's word back: the component is again what its open incidents say."""
    with transaction.atomic():
        fresh = _locked(component)
        if not fresh.hand_state:
            return fresh
        before = {"state": fresh.state, "by hand": True}
        fresh.hand_state, fresh.hand_reason, fresh.hand_by, fresh.hand_at = "", "", None, None
        fresh.save(update_fields=["hand_state", "hand_reason", "hand_by", "hand_at"])
        states.refresh([fresh.pk], at=at)
        fresh = Component.objects.get(pk=fresh.pk)
        after = {"state": fresh.state, "by hand": False}
        audit.record(actor, "let component follow incidents", _subject(fresh), before=before, after=after, at=at)
    return fresh


def _locked(component: Component) -> Component:
    return Component.objects.select_for_update(no_key=True, of=("self",)).select_related("page").get(pk=component.pk)


def _require_free(page: StatusPage, group: str, name: str, but: Component | None) -> None:
    same = Component.objects.filter(page=page, group=group, name=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise Refused(
            _("%(page)s has a component “%(name)s” there already.") % {"page": page, "name": name}, code="name_taken"
        )


def _subject(component: Component) -> str:
    return f"{component.page.name} / {component.name}"


def _values(component: Component) -> dict[str, Any]:
    services = sorted(component.services.values_list("name", flat=True))
    return {field: getattr(component, field) for field in (*FIELDS, "position")} | {"services": services}
