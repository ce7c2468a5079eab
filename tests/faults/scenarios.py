"""What may go wrong beside paging, each as one trial on a running Muster. The names are those of the reliability plan.

Every trial takes the rig and how long the trouble lasts in seconds, and gives the oracle's verdict.
"""

from collections.abc import Callable

from tests.faults import answers, engines, stores
from tests.faults.rig import Rig, Verdict

Trial = Callable[[Rig, float], Verdict]
TRIALS: dict[str, Trial] = {
    "T1": engines.baseline,
    "T2": engines.worker_killed,
    "T3": engines.failpoints,
    "T5": engines.child_killed,
    "T6": engines.sender_frozen,
    "T7": engines.two_clocks,
    "T8": engines.no_worker,
    "T10": engines.poison,
    "T12": stores.redis_killed,
    "T13": stores.redis_emptied,
    "T14": stores.redis_frozen,
    "T16": stores.database_restarted,
    "T18": stores.connections_cut,
    "T20": stores.receiver_hangs,
    "T21": stores.mail_refused,
    "T25": answers.answered_as_it_escalates,
    "T27": answers.twenty_answers,
    "T28": answers.nobody_on_call,
    "T29": engines.engine_stopped,
    "T33": engines.stopped_while_sending,
    "T24": engines.total_outage,
}
