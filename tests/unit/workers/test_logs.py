"""Logs say what happened to which row, and nothing of what a page held."""

from __future__ import annotations

import json
import logging

import pytest

from monitor.errors import InputError, StoreError
from workers.logs import JsonFormatter

PLANTED = "110101199003078435"


def formatted(
    name: str,
    message: str,
    *arguments: object,
    error: Exception | None = None,
    **extra: object,
) -> dict[str, object]:
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.getLogger(name).makeRecord(
        name, logging.ERROR, __file__, 1, message, arguments, raised, extra=extra
    )
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def fail(error: Exception, cause: Exception | None = None) -> Exception:
    """The error as it is caught."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_ids_and_outcomes_are_fields() -> None:
    line = formatted("workers.tasks", "page read", verb="poll", row=7, outcome="ok")
    assert line["message"] == "page read"
    assert (line["verb"], line["row"], line["outcome"]) == ("poll", 7, "ok")


@pytest.mark.parametrize("kind", [ValueError, KeyError, InputError])
def test_an_error_is_written_as_its_kind_and_place(kind: type[Exception]) -> None:
    """Its text may quote the page; so may the text of what it was caused by."""
    error = fail(kind(PLANTED), fail(ValueError(PLANTED)))
    line = formatted("workers.tasks", "task failed", error=error, task="poll")
    assert PLANTED not in json.dumps(line)
    assert line["error"] == kind.__name__
    assert "test_logs.py" in str(line["where"])


def test_our_own_errors_about_servers_say_what_is_wrong() -> None:
    error = fail(StoreError("the store cannot be read: connection refused"))
    line = formatted("workers.beat", "tick failed", error=error)
    assert line["detail"] == "the store cannot be read: connection refused"


def test_messages_of_other_libraries_are_written_as_their_place() -> None:
    """An HTTP client logs addresses, and those hold the words searched for."""
    line = formatted("httpx", "HTTP Request: GET %s", f"http://shop/search?q={PLANTED}")
    assert line["message"] == "test_logs:1"
    assert PLANTED not in json.dumps(line)
