"""Receivers on the loopback for stories of the outbox."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.receivers import MailCatcher, WebReceiver, mail_catcher, web_receiver


@pytest.fixture
def mail(settings: Any) -> Iterator[MailCatcher]:
    with mail_catcher(settings) as catcher:
        yield catcher


@pytest.fixture
def web(settings: Any) -> Iterator[WebReceiver]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with web_receiver() as receiver:
        yield receiver
