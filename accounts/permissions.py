"""One table: which role may do what. A role has every verb of the roles to its left."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do in the whole installation, from least to most."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Verb(StrEnum):
    """What an edge asks permission for."""

    LOOK = "look"  # see everything that is not private
    RESPOND = "respond"  # declare and work incidents, acknowledge, override a shift, own action items
    CONFIGURE = "configure"  # services, schedules, policies, sources, status pages, objectives
    MANAGE = "manage"  # everybody's action items, waivers, reviews, severities
    ADMINISTER = "administer"  # people, roles, private incidents, messages of others


FIRST_ROLE_WITH: dict[Verb, Role] = {
    Verb.LOOK: Role.VIEWER,
    Verb.RESPOND: Role.RESPONDER,
    Verb.CONFIGURE: Role.MANAGER,
    Verb.MANAGE: Role.MANAGER,
    Verb.ADMINISTER: Role.ADMINISTRATOR,
}

_RANK = {role: rank for rank, role in enumerate(Role)}


def role_may(role: str, verb: Verb) -> bool:
    """Whether `role` carries `verb`; an unknown role carries nothing."""
    return role in _RANK and _RANK[Role(role)] >= _RANK[FIRST_ROLE_WITH[verb]]
