"""Pages of lessons and promises, by noun."""
