"""One line a record: moment, level, where, what, and the extra fields as JSON with secrets left out."""

import json
import logging
import re
from datetime import UTC, datetime

SECRETS = re.compile(r"(/in/[a-z0-9_-]+/)[^/\s\"]+|(Bearer\s+)\S+|(/p/)[^/\s\"]+", re.IGNORECASE)
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
