"""Everything that changes who we are and what each may do. Every change stands in the audit log."""

from accounts.actions.invitations import accept_invitation, find_invitation, invite, revoke_invitation
from accounts.actions.people import add_person, change_person, change_role, deactivate, reactivate, reset_second_factor
from accounts.actions.teams import add_team, change_team, put_member, remove_member, remove_team

__all__ = [
    "accept_invitation",
    "add_person",
    "add_team",
    "change_person",
    "change_role",
    "change_team",
    "deactivate",
    "find_invitation",
    "invite",
    "put_member",
    "reactivate",
    "remove_member",
    "remove_team",
    "reset_second_factor",
    "revoke_invitation",
]
