"""Logs of workers and beat: one JSON object a line, ids and outcomes only.

What a page held can turn up in the text of any error and in the messages of any
library. So errors are written as their kind and place, without their text (but for
our own errors about servers and settings, which quote nothing), and messages of
libraries that we did not read are written as the place they come from.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from monitor.errors import ConfigError, SearchError, StoreError

__all__ = ["JsonFormatter", "set_up_logging"]

PLAIN: Final = ("workers", "monitor", "celery.worker", "celery.beat", "celery.apps", "kombu")
"""Loggers whose messages hold nothing of a page."""
QUIET: Final = ("httpx", "httpcore", "celery.app.trace", "celery.worker.strategy", "kombu")
"""Loggers that would speak of every request and task."""
SAFE_ERRORS: Final = (ConfigError, StoreError, SearchError)
FRAMES: Final = 8
STANDARD: Final = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, extras that are numbers or short words, and an error's kind."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if record.name.startswith(PLAIN[:2]):
            extras = {name: value for name, value in vars(record).items() if name not in STANDARD}
            line |= {name: value for name, value in extras.items() if isinstance(value, int | str)}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith(PLAIN):
        return record.getMessage()
    return f"{record.module}:{record.lineno}"


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    found: dict[str, Any] = {
        "error": type(error).__name__,
        "where": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, SAFE_ERRORS):
        found["detail"] = str(error)
    return found


def set_up_logging(level: int) -> None:
    """Everything to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)
