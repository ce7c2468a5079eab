"""The verbs of on call, by noun: schedules, rotations, overrides, swaps, absences, policies."""

from oncall.actions.absences import absences_due, add_absence, withdraw_absence
from oncall.actions.guard import coverage_due
from oncall.actions.overrides import add_override, remove_override
from oncall.actions.policies import add_policy, change_policy, remove_policy, set_service_policy
from oncall.actions.rotations import add_rotation, change_rotation, remove_rotation, set_rotations
from oncall.actions.schedules import add_schedule, add_team_schedule, change_schedule, remove_schedule
from oncall.actions.swaps import Exchange, accept_swap, decline_swap, offer_shift, swaps_due, withdraw_swap
from oncall.actions.templates import days_and_nights, follow_the_sun, lay_out, team_of

__all__ = [
    "Exchange",
    "absences_due",
    "accept_swap",
    "add_absence",
    "add_override",
    "add_policy",
    "add_rotation",
    "add_schedule",
    "add_team_schedule",
    "change_policy",
    "change_rotation",
    "change_schedule",
    "coverage_due",
    "days_and_nights",
    "decline_swap",
    "follow_the_sun",
    "lay_out",
    "offer_shift",
    "remove_override",
    "remove_policy",
    "remove_rotation",
    "remove_schedule",
    "set_rotations",
    "set_service_policy",
    "swaps_due",
    "team_of",
    "withdraw_absence",
    "withdraw_swap",
]
