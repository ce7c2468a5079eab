"""Pages of on call: now, schedules, rotations, overrides, policies, and the panel of a service."""
