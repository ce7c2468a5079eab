"""Who answers, and when: schedules of rotations, overrides, and the policies that page them."""

from oncall.models.policies import EscalationPolicy, ServicePolicy, Step, Target
from oncall.models.schedules import Duty, Override, Rotation, RotationMember, RotationQuerySet, Schedule, Turn

__all__ = [
    "Duty",
    "EscalationPolicy",
    "Override",
    "Rotation",
    "RotationMember",
    "RotationQuerySet",
    "Schedule",
    "ServicePolicy",
    "Step",
    "Target",
    "Turn",
]
