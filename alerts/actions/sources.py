"""Sources and their keys: made, rotated, changed, switched off and on."""

from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from alerts.models import AlertSource, SourceKey
from alerts.sources import TOOLS
from catalog.models import Service, Severity
from core import tokens
from core.errors import Refused
from core.letters import has_visible

OVERLAP = timedelta(hours=24)


@transaction.atomic
def create_source(
    *,
    name: str,
    kind: str,
    service: Service,
    actor: User | None,
    at: datetime,
    default_severity: Severity | None = None,
) -> tuple[AlertSource, str]:
    """A new source and its key's text, which nobody can read again."""
    tidy = _name(name)
    if kind not in TOOLS:
        raise Refused(_("Muster cannot read “%(kind)s” yet.") % {"kind": kind}, code="unknown_kind", status=400)
    if service.archived_at is not None:
        raise Refused(_("%(service)s is archived; choose a service that is run.") % {"service": service}, status=400)
    if AlertSource.objects.filter(name__iexact=tidy).exists():
        raise Refused(_("There is a source called “%(name)s” already.") % {"name": tidy}, code="taken")
    source = AlertSource.objects.create(
        name=tidy, kind=kind, service=service, default_severity=default_severity, created_at=at
    )
    text = _new_key(source, at=at)
    audit.record(actor, "create alert source", str(source), before={}, after=_facts(source), at=at)
    return source, text


@transaction.atomic
def rotate_key(source: AlertSource, *, actor: User | None, at: datetime) -> tuple[SourceKey, str]:
    """A new key and its text. The newest key so far stays valid for a day, so that tools can be moved without a gap;
    any older one ends now."""
    fresh = AlertSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    valid = [key for key in fresh.keys.all() if key.is_valid(at)]
    for age, key in enumerate(valid):
        until = at + OVERLAP if age == 0 else at
        key.expires_at = min(key.expires_at or until, until)
        key.save(update_fields=["expires_at"])
    text = _new_key(fresh, at=at)
    audit.record(actor, "rotate key of alert source", str(fresh), before={}, after={"overlap_hours": 24}, at=at)
    return fresh.keys.latest("created_at", "id"), text


class Changes(TypedDict, total=False):
    """What is to be changed of a source; what is not named stays."""

    name: str
    service: Service
    default_severity: Severity | None


@transaction.atomic
def change_source(source: AlertSource, *, actor: User | None, at: datetime, **changes: Unpack[Changes]) -> AlertSource:
    """Another name, service or severity. Alerts that stand keep their service and incident."""
    fresh = AlertSource.objects.select_for_update(no_key=True, of=("self",)).get(pk=source.pk)
    before = _facts(fresh)
    if "name" in changes:
        changes["name"] = _name(changes["name"])
        if AlertSource.objects.filter(name__iexact=changes["name"]).exclude(pk=fresh.pk).exists():
            sentence = _("There is a source called “%(name)s” already.") % {"name": changes["name"]}
            raise Refused(sentence, code="taken")
    for field, value in changes.items():
        setattr(fresh, field, value)
    fresh.save(update_fields=list(changes))
    if before != _facts(fresh):
        audit.record(actor, "change alert source", str(fresh), before=before, after=_facts(fresh), at=at)
    return fresh


def disable_source(source: AlertSource, *, actor: User | None, at: datetime) -> AlertSource:
    """Its keys open nothing any more, within seconds. What it has sent stays."""
    return _switch(source, disabled_at=at, actor=actor, at=at)


def enable_source(source: AlertSource, *, actor: User | None, at: datetime) -> AlertSource:
    """Its keys work again, as far as they have not ended."""
    return _switch(source, disabled_at=None, actor=actor, at=at)


@transaction.atomic
def _switch(source: AlertSource, *, disabled_at: datetime | None, actor: User | None, at: datetime) -> AlertSource:
    fresh = AlertSource.objects.select_for_update(no_key=True, of=("self",)).get(pk=source.pk)
    if (fresh.disabled_at is None) == (disabled_at is None):
        return fresh
    before = _facts(fresh)
    fresh.disabled_at = disabled_at
    fresh.save(update_fields=["disabled_at"])
    audit.record(
        actor,
        "disable alert source" if disabled_at else "enable alert source",
        str(fresh),
        before=before,
        after=_facts(fresh),
        at=at,
    )
    return fresh


def _new_key(source: AlertSource, *, at: datetime) -> str:
    minted = tokens.mint("in")
    SourceKey.objects.create(source=source, prefix=minted.prefix, digest=minted.digest, created_at=at)
    return minted.text


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not has_visible(tidy):
        raise Refused(_("A source needs a name."), code="name_required", status=400)
    return tidy[:120]


def _facts(source: AlertSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "service": str(source.service),
        "default_severity": str(source.default_severity or ""),
        "enabled": source.disabled_at is None,
    }
