"""The forms of on call."""

from oncall.forms.override import OverrideForm
from oncall.forms.policy import PolicyForm
from oncall.forms.rotation import RotationForm
from oncall.forms.schedule import NewScheduleForm, ScheduleForm

__all__ = ["NewScheduleForm", "OverrideForm", "PolicyForm", "RotationForm", "ScheduleForm"]
