"""The page in the shape of Statuspage's public API v2, so that existing readers and widgets work unchanged.

https://metastatuspage.com/api; keys and traps: wire formats, 2.1. Arrays are there even when empty.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from statuspage.rollup import worst
from statuspage.site import Part, Said, Site, Told
from statuspage.words import V2_DESCRIPTION, V2_INDICATOR, V2_STATUS

NEWEST = 50


def documents(site: Site) -> Iterator[tuple[str, bytes]]:
    """Every document of the API: its path below the page, and its bytes."""
    components = _components(site)
    told = [_incident(site, incident) for incident in site.told[:NEWEST]]
    unresolved = [_incident(site, incident) for incident in site.open]
    status = {"status": {"indicator": V2_INDICATOR[site.state], "description": V2_DESCRIPTION[site.state]}}
    bodies: dict[str, dict[str, Any]] = {
        "summary": {"components": components, "incidents": unresolved, "scheduled_maintenances": [], **status},
        "status": status,
        "components": {"components": components},
        "incidents": {"incidents": told},
        "incidents/unresolved": {"incidents": unresolved},
        "scheduled-maintenances": {"scheduled_maintenances": []},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": []},
        "scheduled-maintenances/active": {"scheduled_maintenances": []},
    }
    for name, body in bodies.items():
        document = {"page": _page(site), **body}
        yield f"api/v2/{name}.json", json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _page(site: Site) -> dict[str, Any]:
    return {
        "id": site.public_id,
        "name": site.name,
        "url": site.address,
        "time_zone": "Etc/UTC" if site.zone.key == "UTC" else site.zone.key,
        "updated_at": _moment(site, site.changed_at),
    }


def _moment(site: Site, moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(site.zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _group_id(site: Site, name: str) -> str:
    return hashlib.sha256(f"{site.public_id}/{name}".encode()).hexdigest()[:12]


def _components(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, parts in site.groups():
        held = [_component(site, part) for part in parts]
        if name:
            found.append(_group(site, name, parts))
        found += held
    for position, component in enumerate(found, start=1):
        component["position"] = position
    return found


def _component(site: Site, part: Part) -> dict[str, Any]:
    return {
        "id": part.public_id,
        "name": part.name,
        "status": V2_STATUS[part.state],
        "created_at": _moment(site, part.created_at),
        "updated_at": _moment(site, part.changed_at),
        "position": part.position,
        "description": part.description or None,
        "showcase": True,
        "start_date": part.created_at.astimezone(UTC).date().isoformat(),
        "group_id": _group_id(site, part.group) if part.group else None,
        "page_id": site.public_id,
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(site: Site, name: str, parts: list[Part]) -> dict[str, Any]:
    return {
        **_component(site, parts[0]),
        "id": _group_id(site, name),
        "name": name,
        "status": V2_STATUS[worst(part.state for part in parts)],
        "created_at": _moment(site, min(part.created_at for part in parts)),
        "updated_at": _moment(site, max(part.changed_at for part in parts)),
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "group": True,
        "components": [part.public_id for part in parts],
    }


def _incident(site: Site, told: Told) -> dict[str, Any]:
    affected = {public_id for public_id, _name, _state in told.affected}
    return {
        "id": told.public_id,
        "name": told.title,
        "status": told.status,
        "created_at": _moment(site, told.created_at),
        "updated_at": _moment(site, told.changed_at),
        "monitoring_at": _moment(site, told.monitoring_at),
        "resolved_at": _moment(site, told.resolved_at),
        "impact": told.impact,
        "shortlink": f"{site.address}incidents/{told.public_id}/",
        "started_at": _moment(site, told.started_at),
        "page_id": site.public_id,
        "incident_updates": [_update(site, told, update) for update in told.updates],
        "components": [component for component in _components(site) if component["id"] in affected],
    }


def _update(site: Site, told: Told, update: Said) -> dict[str, Any]:
    posted = _moment(site, update.posted_at)
    return {
        "id": update.public_id,
        "status": update.status,
        "body": update.text,
        "incident_id": told.public_id,
        "created_at": posted,
        "updated_at": posted,
        "display_at": posted,
        "affected_components": [
            {
                "code": line["code"],
                "name": line["name"],
                "old_status": V2_STATUS[line["old"]],
                "new_status": V2_STATUS[line["new"]],
            }
            for line in update.affected
        ]
        or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
