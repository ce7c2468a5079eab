"""Pages of incidents/."""
