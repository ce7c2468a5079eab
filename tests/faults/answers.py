"""People answer at the wrong moment, all at once, or are not there."""

import threading
import urllib.error
import urllib.request
from collections import Counter

from tests.faults.rig import Rig, Verdict, pause


def answered_as_it_escalates(rig: Rig, seconds: float) -> Verdict:
    """T25: people answer at the very moment at which the next step is due."""
    asked = rig.declare(max(int(seconds), 6))
    rig.settle(asked, steps=(1,))
    due = {
        each.reference: rig.ask(
            "SELECT extract(epoch FROM e.next_step_at - clock_timestamp())::float FROM incidents_escalation e"
            " JOIN incidents_incident i ON i.id = e.incident_id WHERE i.number = %s AND e.state = 'running'",
            int(each.reference.split("-")[1]),
        )
        for each in asked
    }
    threads = []
    for number, each in enumerate(asked):
        wait = max((due[each.reference] or 0) + (number % 5) * 0.2, 0)
        threads.append(threading.Timer(wait, rig.acknowledge, [each]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pause(4)
    found = rig.verdict("T25 answered as it escalates", asked)
    words = "SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id"
    for each in asked:
        number = int(each.reference.split("-")[1])
        if rig.ask(f"{words} WHERE i.number = %s AND t.kind = 'acknowledged'", number) != 1:
            found.unexpected.append(f"{each.reference}: not one acknowledgement")
    return found


def twenty_answers(rig: Rig, seconds: float) -> Verdict:
    """T27: twenty people answer at once, by the link and by the API: one did, nineteen are told so."""
    asked = rig.declare(1)
    rig.settle(asked, steps=(1,))
    link = rig.pages_of(asked[0])[0].body["acknowledge_url"]
    barrier, answers = threading.Barrier(20), []

    def by_api() -> None:
        barrier.wait(20)
        answers.append(rig.call("POST", f"incidents/{asked[0].reference}/acknowledge/", {})[0])

    def by_link() -> None:
        barrier.wait(20)
        try:
            answers.append(urllib.request.urlopen(urllib.request.Request(link, b"", method="POST"), timeout=20).status)
        except urllib.error.HTTPError as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=by_api if number % 2 else by_link, daemon=True) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    asked[0].is_acknowledged = True
    found = rig.verdict("T27 twenty answers", asked, note=f"answers {dict(Counter(answers))}")
    told = rig.ask(
        "SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id"
        " WHERE i.number = %s AND t.kind = 'acknowledged'",
        int(asked[0].reference.split("-")[1]),
    )
    if told != 1 or len(answers) != 20 or not set(answers) <= {200, 409}:
        found.unexpected.append(f"{told} acknowledgements, answers {sorted(answers)}")
    return found


def nobody_on_call(rig: Rig, seconds: float) -> Verdict:
    """T28: the plan finds nobody; the administrators are paged within seconds."""
    asked = rig.declare(1, service="empty")
    rig.settle(asked, steps=(None,), seconds=20)
    found = rig.verdict("T28 nobody on call", asked, steps=(None,))
    if found.first_late > 5:
        found.lost.append("the fallback was late")
    return found
