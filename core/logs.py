"""One line a record: moment, level, where, what, and the extra fields as JSON with secrets left out."""

import json
import logging
import re
import threading
import time
from datetime import UTC, datetime

log = logging.getLogger(__name__)
SECRETS = re.compile(r"(/in/[a-z0-9_-]+/)[^/\s\"]+|(Bearer\s+)\S+|(/(?:p|take)/)[^/\s\"]+", re.IGNORECASE)
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName", "status_code"}


def redact(text: str) -> str:
    """The text without keys and tokens in addresses or headers."""
    return SECRETS.sub(lambda found: next(part for part in found.groups() if part) + "…", text)


class Line(logging.Formatter):
    """Formats a record as one line; line breaks in data are escaped, so nobody can forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = redact(record.getMessage()).replace("\r", "\\r").replace("\n", "\\n")
        extra = {key: str(value) for key, value in vars(record).items() if key not in STANDARD}
        line = f"{moment} {record.levelname} {record.name}: {text}"
        if extra:
            line += " " + redact(json.dumps(extra, ensure_ascii=False))
        if record.exc_info:
            line += "\n" + redact(self.formatException(record.exc_info))
        return line


class Outage(logging.Filter):
    """Of the lines that say again and again how one thing fails, lets the first through, without its traceback; the
    end is one line too. `begins_with`: what those lines begin with; other lines pass as they are."""

    def __init__(self, what: str, *begins_with: str) -> None:
        super().__init__()
        self._what, self._begins_with = what, begins_with
        self._lock = threading.Lock()
        self._since: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith(self._begins_with):
            return True
        with self._lock:
            if self._since is not None:
                return False
            self._since = time.monotonic()
        error = record.exc_info[1] if record.exc_info else next(iter(record.args or ()), "")
        record.msg, record.args = f"{self._what} fails: %s", (" ".join(str(error).split())[:300],)
        record.exc_info = record.exc_text = record.stack_info = None
        return True

    def over(self) -> None:
        """It works, and where it did not before, that is said."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.warning("%s works again after %.0f s", self._what, time.monotonic() - since)


PUBLISHING = Outage("Publishing ticks to Redis", "Message Error", "beat: Connection error")


def publishing() -> Outage:
    """For the table of loggers."""
    return PUBLISHING
