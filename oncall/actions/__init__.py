"""The verbs of on call, by noun: schedules, rotations, overrides, policies."""

from oncall.actions.overrides import add_override, remove_override
from oncall.actions.policies import add_policy, change_policy, remove_policy, set_service_policy
from oncall.actions.rotations import add_rotation, change_rotation, remove_rotation, set_rotations
from oncall.actions.schedules import add_schedule, add_team_schedule, change_schedule, remove_schedule

__all__ = [
    "add_override",
    "add_policy",
    "add_rotation",
    "add_schedule",
    "add_team_schedule",
    "change_policy",
    "change_rotation",
    "change_schedule",
    "remove_override",
    "remove_policy",
    "remove_rotation",
    "remove_schedule",
    "set_rotations",
    "set_service_policy",
]
