"""Token buckets that limit how fast somebody may ask: shared through Redis, and in this process while Redis is away."""

import logging
import time
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)
PATIENCE = 0.25  # seconds Redis may take; a limit is not worth a wait
AWAY = 5.0  # seconds without asking Redis again after it failed
MOST = 10_000  # buckets kept in this process

TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(held[1]) or burst, tonumber(held[2]) or now
left = math.min(burst, left + math.max(0, now - at) * rate)
local wait = 0
if left >= 1 then left = left - 1 else wait = (1 - left) / rate end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return tostring(wait)
"""


@dataclass
class Local:
    """The same buckets in memory, for one process."""

    held: dict[str, tuple[float, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def take(self, key: str, *, rate: float, burst: float, now: float) -> float:
        """Take one; seconds to wait where none was left, else 0."""
        with self.lock:
            if len(self.held) > MOST:
                self.held.clear()
            left, at = self.held.get(key, (burst, now))
            left = min(burst, left + max(0.0, now - at) * rate)
            enough = left >= 1
            self.held[key] = (left - 1 if enough else left, now)
            return 0.0 if enough else (1 - left) / rate


_local = Local()
_away_until = 0.0


def take(key: str, *, rate: float, burst: float) -> float:
    """Take one from the bucket `key`, which holds `burst` and gets `rate` a second: 0 when there was one, else the
    seconds until there is. Never raises, and never waits long for Redis."""
    global _away_until
    now = time.monotonic()
    if now >= _away_until:
        try:
            return float(_redis(settings.REDIS_URL).eval(TAKE, 1, f"muster:bucket:{key}", rate, burst))
        except (redis.RedisError, OSError):
            _away_until = now + AWAY
            log.warning("Limits are kept by this process alone: Redis does not answer")
    return _local.take(key, rate=rate, burst=burst, now=now)


@lru_cache(maxsize=2)
def _redis(url: str) -> Any:
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
