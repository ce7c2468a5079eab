"""Pages about public pages, by noun."""
