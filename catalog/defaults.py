"""The severities a new installation starts with (requirements CAT-2). Administrators edit the rows."""

from typing import Any

ALL_ROLES = ["commander", "technical_lead", "communications_lead", "scribe"]
DAY = 24 * 60

SEVERITIES: list[dict[str, Any]] = [
    {
        "code": "SEV1",
        "aliases": ["P0", "P1"],
        "name": "Critical",
        "rank": 1,
        "description": "Outage, security breach, data loss, or more than half of all users are affected.",
        "urgency": "high",
        "acknowledge_minutes": 5,
        "required_roles": ALL_ROLES,
        "commander_minutes": 5,
        "internal_update_minutes": 15,
        "public_update_minutes": 15,
        "restore_minutes": 15,
        "lose_at_most_minutes": 5,
        "postmortem_required": True,
        "meeting_hours": 48,
        "publish_hours": 72,
        "due_days_immediate": 7,
        "due_days_short": 30,
        "due_days_long": 90,
    },
    {
        "code": "SEV2",
        "aliases": ["P2"],
        "name": "Major",
        "rank": 2,
        "description": "A core function fails, more than 5 % errors, or 20–50 % of users are affected.",
        "urgency": "high",
        "acknowledge_minutes": 15,
        "required_roles": ALL_ROLES[:3],
        "commander_minutes": 10,
        "internal_update_minutes": 30,
        "public_update_minutes": 30,
        "restore_minutes": 60,
        "lose_at_most_minutes": 15,
        "postmortem_required": True,
        "meeting_hours": 48,
        "publish_hours": 7 * 24,
        "due_days_immediate": 30,
        "due_days_short": 30,
        "due_days_long": 90,
    },
    {
        "code": "SEV3",
        "aliases": ["P3"],
        "name": "Moderate",
        "rank": 3,
        "description": "Something that is not core fails, or fewer than 20 % of users are affected.",
        "urgency": "high",
        "acknowledge_minutes": 30,
        "required_roles": ["technical_lead"],
        "commander_minutes": 30,
        "internal_update_minutes": 60,
        "public_update_minutes": 60,
        "restore_minutes": 4 * 60,
        "lose_at_most_minutes": 30,
        "due_days_immediate": 90,
        "due_days_short": 90,
        "due_days_long": 90,
    },
    {
        "code": "SEV4",
        "aliases": ["P4"],
        "name": "Minor",
        "rank": 4,
        "description": "Cosmetic, or a risk that has not hurt anybody yet.",
        "urgency": "low",
        "required_roles": [],
        "internal_update_minutes": DAY,
        "restore_minutes": DAY,
        "lose_at_most_minutes": 120,
        "due_days_immediate": 90,
        "due_days_short": 90,
        "due_days_long": 90,
    },
]


def ensure_severities(model: Any) -> None:
    """Add the severities that are missing to the table of `model`; rows that stand are left alone."""
    columns = {field.name for field in model._meta.get_fields()}
    for row in SEVERITIES:
        known = {name: value for name, value in row.items() if name in columns}
        model.objects.get_or_create(code=row["code"], defaults=known)
