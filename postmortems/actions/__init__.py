"""The verbs of lessons and promises."""

from postmortems.actions.drafting import drafts_due, write_one
from postmortems.actions.editing import add_factor, edit, remove_factor, set_author
from postmortems.actions.items import (
    add_item,
    change_item,
    drop_item,
    finish_item,
    postpone_item,
    reassign_item,
    remove_item,
    reopen_item,
    require_near,
    start_item,
)
from postmortems.actions.moving import approve, may_approve, move, publish, reopen, send_back, submit, waive

__all__ = [
    "add_factor",
    "add_item",
    "approve",
    "change_item",
    "drafts_due",
    "drop_item",
    "edit",
    "finish_item",
    "may_approve",
    "move",
    "postpone_item",
    "publish",
    "reassign_item",
    "remove_factor",
    "remove_item",
    "reopen",
    "reopen_item",
    "require_near",
    "send_back",
    "set_author",
    "start_item",
    "submit",
    "waive",
    "write_one",
]
