"""A room that becomes private while it is being read."""

import asyncio
import threading

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from tests.incidents.room.lines import entered, knocking, note, played
from tests.incidents.waiting import until_somebody_waits_for


def test_what_became_private_while_it_was_read_is_pushed_to_nobody_outside(
    incident: Incident, ben: User, cleo: User
) -> None:
    knock, stays = knocking(cleo, incident.reference), knocking(ben, incident.reference)
    held = threading.Event()

    def close() -> None:
        """While the room, judged to be open, is being read for a push."""
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE incidents_escalation IN ACCESS EXCLUSIVE MODE")
                held.set()
                until_somebody_waits_for("incidents_escalation")
                details = {"title": "now secret", "summary": "now secret", "private": True}
                actions.change(incident, details, actor=ben, at=timezone.now())
        finally:
            connection.close()

    async def story() -> None:
        line, _snapshot = await entered(knock)
        inside, _snapshot = await entered(stays)
        await asyncio.sleep(0.6)
        closing = asyncio.create_task(asyncio.to_thread(close))
        await asyncio.to_thread(held.wait, 10)
        await note(incident, "still open", ben)
        await closing
        heard = []
        async with asyncio.timeout(8):
            while (event := await line.inbox.get())["type"] == "websocket.send":
                heard.append(event["text"])
        assert event["code"] == 4404
        assert not any("now secret" in text for text in heard)
        await inside.until(lambda message: "now secret" in str(message))

    played(story())
