"""The one failure this package knows."""


class CannotStart(Exception):
    """Something stands in the way of a start. The text is one sentence or two, fit to show."""
