"""A month of incidents of the example company, as data: what happened, who said what, and when."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One incident. `said`: (minute, first name, note). `told`: (minute, first name, public words). Moves are minutes
    after the declaration; None where it never came to it. `alert` is the alert that declared it, else `by` did."""

    days_ago: float
    service: str
    severity: str
    title: str
    alert: str = ""
    by: str = ""
    acknowledged: int | None = 3
    identified: int | None = None
    mitigated: int | None = None
    resolved: int | None = None
    closed: int | None = None
    declined: str = ""
    commander: str = ""
    lead: str = ""
    speaker: str = ""
    said: list[tuple[int, str, str]] = field(default_factory=list)
    told: list[tuple[int, str, str]] = field(default_factory=list)
    items: list[tuple[str, str, str, int, str]] = field(default_factory=list)  # title, owner, kind, due in days, state
    factors: list[str] = field(default_factory=list)
    private: bool = False
    drill: bool = False


CASES = [
    Case(
        29.3,
        "Search",
        "SEV3",
        "Suggestions answer slowly since the index rebuild",
        alert="SearchLatencyHigh",
        acknowledged=6,
        identified=21,
        mitigated=34,
        resolved=58,
        lead="Noa",
        said=[
            (9, "Noa", "p95 went from 80 ms to 1.4 s right after the nightly rebuild."),
            (21, "Noa", "The new index has no warm cache: replicas took traffic before warming."),
        ],
        items=[("Warm a new index before it takes traffic", "Noa", "prevent", 14, "done")],
    ),
    Case(
        26.8,
        "Image proxy",
        "SEV4",
        "Thumbnails of new products are missing",
        by="Ruth",
        acknowledged=40,
        mitigated=95,
        resolved=120,
        lead="Marcus",
    ),
    Case(
        24.6,
        "Payments API",
        "SEV2",
        "One in twenty card payments is declined by mistake",
        alert="PaymentErrorRatio",
        acknowledged=4,
        identified=26,
        mitigated=41,
        resolved=75,
        closed=3000,
        commander="Mira",
        lead="Jonas",
        speaker="Ruth",
        said=[
            (6, "Jonas", "Error ratio 5.3 %, all of them `issuer_timeout` from one acquirer."),
            (12, "Priya", "Acquirer B confirms trouble in their Frankfurt region."),
            (26, "Jonas", "Cause: our retry sends the second attempt to the **same** acquirer."),
            (
                33,
                "Mira",
                "Decision: route everything to acquirer A until B is well. Fees rise a little; nobody objects.",
            ),
        ],
        told=[
            (10, "Ruth", "Some card payments fail. Trying again usually works. We are investigating."),
            (28, "Ruth", "We know why and are moving payments to another provider."),
            (44, "Ruth", "Payments work again. We keep watching."),
        ],
        factors=["Retries went to the acquirer that had just failed", "No alert on the ratio per acquirer"],
        items=[
            ("Retry a declined payment at the other acquirer", "Jonas", "prevent", 20, "done"),
            ("Alert on the error ratio of each acquirer", "Sana", "detect", 10, "open"),
            ("Write down how to move traffic between acquirers", "Priya", "mitigate", 25, "in_progress"),
        ],
    ),
    Case(
        22.1,
        "Checkout",
        "SEV3",
        "Gift cards cannot be combined with vouchers",
        by="Ruth",
        acknowledged=15,
        identified=55,
        mitigated=110,
        resolved=140,
        lead="Marcus",
    ),
    Case(
        20.9,
        "Message bus",
        "SEV3",
        "Consumer lag of the ledger grows",
        alert="ConsumerLag",
        declined="Expected during the monthly statement run.",
    ),
    Case(
        18.4,
        "Postgres main",
        "SEV1",
        "The primary database refuses writes",
        alert="PostgresReadOnly",
        acknowledged=2,
        identified=9,
        mitigated=14,
        resolved=49,
        closed=2600,
        commander="Li",
        lead="Kofi",
        speaker="Elena",
        said=[
            (3, "Kofi", "Writer is read-only: the disk holds 0 bytes. 96 % of it is write-ahead log."),
            (7, "Aoife", "A replication slot of a decommissioned reader is holding the log back since Tuesday."),
            (9, "Li", "Decision: drop the slot now, look at the cause afterwards."),
            (14, "Kofi", "Slot dropped, log recycled, writes are accepted. 31 % free and rising."),
            (30, "Yuki", "All services caught up; the bus is drained."),
        ],
        told=[
            (6, "Elena", "The shop does not take orders at the moment. We are working on it with everyone at hand."),
            (
                16,
                "Elena",
                "Orders are possible again since 14 minutes after the start. We check every part of the shop.",
            ),
            (44, "Elena", "Everything works normally. No order and no payment was lost. We watch it a little longer."),
        ],
        factors=[
            "A replication slot outlived its reader",
            "Disk alert fired at 90 %, eleven minutes before the end",
            "No limit on what a slot may hold back",
        ],
        items=[
            ("Limit what a replication slot may hold back", "Kofi", "prevent", 7, "done"),
            ("Alert on the age of every replication slot", "Aoife", "detect", 7, "done"),
            ("Remove the slot in the runbook for retiring a reader", "Yuki", "process", 12, "open"),
        ],
    ),
    Case(
        16.0,
        "Identity",
        "SEV3",
        "Password reset mails arrive an hour late",
        by="Ruth",
        acknowledged=9,
        identified=30,
        mitigated=62,
        resolved=90,
        lead="Aoife",
    ),
    Case(
        15.2,
        "Checkout",
        "SEV2",
        "Drill: checkout fails over to the second region",
        by="Elena",
        acknowledged=2,
        identified=8,
        mitigated=25,
        resolved=40,
        commander="Elena",
        lead="Marcus",
        drill=True,
        said=[(8, "Marcus", "Traffic is shifting; 40 % served from the second region.")],
    ),
    Case(
        13.7,
        "Identity",
        "SEV2",
        "Sessions of some customers show another customer's name",
        by="Yuki",
        acknowledged=1,
        identified=18,
        mitigated=22,
        resolved=160,
        commander="Li",
        lead="Yuki",
        private=True,
        said=[
            (5, "Yuki", "A cache key lacks the tenant. Names only, no addresses or payments."),
            (22, "Yuki", "Cache switched off, all sessions renewed."),
        ],
    ),
    Case(
        11.5,
        "Search",
        "SEV3",
        "Empty result pages for words with umlauts",
        alert="SearchEmptyResults",
        acknowledged=11,
        identified=48,
        mitigated=70,
        resolved=82,
        lead="Noa",
    ),
    Case(
        10.2,
        "Image proxy",
        "SEV4",
        "Disk of one image node is nearly full",
        alert="DiskAlmostFull",
        acknowledged=25,
        mitigated=50,
        resolved=60,
        lead="Marcus",
    ),
    Case(
        8.6,
        "Checkout",
        "SEV2",
        "Orders fail for customers who pay in Swiss francs",
        by="Ruth",
        acknowledged=5,
        identified=37,
        mitigated=52,
        resolved=71,
        commander="Elena",
        lead="Noa",
        speaker="Ruth",
        said=[
            (12, "Noa", "Only CHF, since the 9:40 deploy of the price service."),
            (37, "Noa", "Rounding to five Rappen gives a total that differs from the sum of the lines."),
            (44, "Elena", "Rolling back the deploy; the fix can wait for tomorrow."),
        ],
        told=[
            (9, "Ruth", "Orders in Swiss francs fail at the moment. Other currencies work."),
            (54, "Ruth", "Orders in Swiss francs work again."),
        ],
        factors=["The rounding rule of one currency had no test", "Deploys of prices are not watched by currency"],
        items=[
            ("Test the rounding of every currency we sell in", "Noa", "prevent", 9, "open"),
            ("Show order failures by currency on the deploy dashboard", "Marcus", "detect", 30, "open"),
        ],
    ),
    Case(
        6.9,
        "Ledger",
        "SEV3",
        "The nightly statement run took six hours",
        alert="StatementRunSlow",
        acknowledged=14,
        identified=80,
        mitigated=130,
        resolved=180,
        lead="Sana",
    ),
    Case(
        5.4,
        "Payments API",
        "SEV3",
        "Refunds stay pending",
        by="Ruth",
        acknowledged=8,
        identified=33,
        mitigated=48,
        resolved=66,
        lead="Ben",
        items=[("Page on refunds that stay pending for an hour", "Ben", "detect", -1, "open")],
    ),
    Case(
        3.1,
        "Message bus",
        "SEV3",
        "Broker 2 left the cluster",
        alert="BrokerDown",
        acknowledged=5,
        identified=12,
        mitigated=19,
        resolved=45,
        lead="Kofi",
    ),
    Case(
        1.8,
        "Search",
        "SEV4",
        "Typos in the Polish synonyms",
        by="Elena",
        acknowledged=50,
        mitigated=200,
        resolved=220,
        lead="Noa",
    ),
    Case(
        0.0275,
        "Checkout",
        "SEV2",
        "Checkout answers with errors for one in eight customers",
        alert="CheckoutErrorRatio",
        acknowledged=3,
        identified=24,
        commander="Elena",
        lead="Marcus",
        speaker="Ruth",
        said=[
            (5, "Marcus", "12 % of requests fail with `502` since 14 minutes. All of them touch the voucher service."),
            (11, "Noa", "The voucher service restarts every 90 seconds: out of memory."),
            (
                16,
                "Elena",
                "Options: roll back this morning's deploy, or switch vouchers off. **Vouchers off first**, it takes one minute.",
            ),
            (24, "Noa", "Memory grows with the size of the campaign list, which tripled at 9:00."),
        ],
        told=[
            (8, "Ruth", "Some customers see an error in the last step of their order. We are investigating."),
            (
                26,
                "Ruth",
                "We found the cause. Vouchers are switched off for the moment; orders go through again for most customers.",
            ),
        ],
    ),
    Case(0.004, "Ledger", "SEV3", "Consumer lag of the ledger grows", alert="ConsumerLag", acknowledged=None),
]
