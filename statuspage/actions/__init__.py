"""The verbs of public pages: what they hold, what their components are, and what the public is told."""

from statuspage.actions.components import (
    add_component,
    change_component,
    follow_incidents,
    place_component,
    remove_component,
    set_state,
)
from statuspage.actions.pages import add_page, change_page, make_default, remove_page
from statuspage.actions.telling import tell_public

__all__ = [
    "add_component",
    "add_page",
    "change_component",
    "change_page",
    "follow_incidents",
    "make_default",
    "place_component",
    "remove_component",
    "remove_page",
    "set_state",
    "tell_public",
]
