"""The channels there are: one sender a file, one line in this table."""

from collections.abc import Callable
from typing import NamedTuple

from notifications.channels import email, mattermost, ntfy, slack, sms, teams, telegram, voice, webhook
from notifications.channels.outcome import GiveUp, Outgoing, Receipt, TryAgain

__all__ = ["CHANNELS", "Channel", "GiveUp", "Outgoing", "Receipt", "TryAgain"]


class Channel(NamedTuple):
    """`send` makes one try. `clean` reads an address before it is kept, `mask` shows it to other people.
    `lane` names what shares one fate: of one lane `in_lane` tries run at a time in a process, of the channel `at_once`.
    A try that takes longer than `seconds` counts as lost. `missing` names the settings it lacks."""

    send: Callable[[Outgoing], Receipt]
    clean: Callable[[str], str]
    lane: Callable[[str], str]
    mask: Callable[[str], str]
    seconds: int
    in_lane: int
    at_once: int
    missing: Callable[[], list[str]] = list


CHANNELS: dict[str, Channel] = {
    "email": Channel(email.send, email.clean, email.lane, email.mask, seconds=15, in_lane=6, at_once=6),
    "sms": Channel(sms.send, sms.clean, sms.lane, sms.mask, 6, in_lane=6, at_once=6, missing=sms.missing),
    "voice": Channel(voice.send, voice.clean, voice.lane, voice.mask, 6, in_lane=4, at_once=4, missing=voice.missing),
    "slack": Channel(slack.send, slack.clean, slack.lane, slack.mask, seconds=6, in_lane=3, at_once=6),
    "teams": Channel(teams.send, teams.clean, teams.lane, teams.mask, seconds=6, in_lane=2, at_once=6),
    "telegram": Channel(
        telegram.send, telegram.clean, telegram.lane, telegram.mask, 6, in_lane=4, at_once=4, missing=telegram.missing
    ),
    "mattermost": Channel(
        mattermost.send, mattermost.clean, mattermost.lane, mattermost.mask, seconds=6, in_lane=2, at_once=6
    ),
    "ntfy": Channel(ntfy.send, ntfy.clean, ntfy.lane, ntfy.mask, seconds=6, in_lane=2, at_once=6),
    "webhook": Channel(webhook.send, webhook.clean, webhook.lane, webhook.mask, seconds=6, in_lane=2, at_once=10),
}
