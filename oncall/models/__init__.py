"""Who answers, and when: schedules of rotations, overrides, and the policies that page them."""

from oncall.models.cover import Absence, AbsenceKind, AbsenceQuerySet, Swap, SwapAsk, SwapQuerySet, SwapState
from oncall.models.policies import EscalationPolicy, ServicePolicy, Step, Target
from oncall.models.schedules import Duty, Override, Rotation, RotationMember, RotationQuerySet, Schedule, Turn

__all__ = [
    "Absence",
    "AbsenceKind",
    "AbsenceQuerySet",
    "Duty",
    "EscalationPolicy",
    "Override",
    "Rotation",
    "RotationMember",
    "RotationQuerySet",
    "Schedule",
    "ServicePolicy",
    "Step",
    "Swap",
    "SwapAsk",
    "SwapQuerySet",
    "SwapState",
    "Target",
    "Turn",
]
