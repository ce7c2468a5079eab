"""Celery: the clock that ticks (beat) and the hands that work (workers). The broker carries names of sweeps only."""

import os

from celery import Celery
from celery.signals import after_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("muster")
app.config_from_object("django.conf:settings", namespace="CELERY")

from config.sweeps import SWEEPS  # noqa: E402  (the table is plain data; the app must exist first)
from core.logs import PUBLISHING  # noqa: E402

VISIBILITY = 3600
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": VISIBILITY,
        "queue_order_strategy": "priority",  # whatever waits for paging is taken before intake, and that before bulk
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    },
    visibility_timeout=VISIBILITY,
    result_backend_transport_options={"visibility_timeout": VISIBILITY},
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="bulk",
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2},
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=20_000,
    worker_max_memory_per_child=400_000,  # KiB
    worker_hijack_root_logger=False,
    worker_soft_shutdown_timeout=10,
    worker_enable_soft_shutdown_on_idle=True,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    beat_schedule={
        name: {
            "task": "config.celery.tick",
            "args": [name],
            "schedule": sweep.every,
            "options": {"expires": max(sweep.every, 1), "queue": sweep.queue},
        }
        for name, sweep in SWEEPS.items()
    },
    beat_max_loop_interval=1,
    timezone="UTC",
)


@app.task(name="config.celery.tick", ignore_result=True)  # type: ignore[untyped-decorator]
def tick(name: str) -> None:
    """Run one sweep now, and what follows it when it found work."""
    from config.clocks import run_now

    run_now(name, ran_by="worker")


@after_task_publish.connect  # type: ignore[untyped-decorator]
def published(**_told: object) -> None:
    """Where publishing failed before, its return is said."""
    PUBLISHING.over()
