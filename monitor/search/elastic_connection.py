"""The connection to Elasticsearch, and its errors in words that name the setting to look at."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elastic_transport.client_utils import DEFAULT
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from monitor.config import Settings
from monitor.errors import ConfigError, InputError, SearchError

__all__ = ["connect", "reason_of", "told_plainly"]

TIMEOUT_S = 20.0
"""Of one request; with its retry well below the lease of the work that waits for it."""
RETRIES = 1
TOO_MANY_PARTS = "too_many_buckets_exception"
"""Its ``search.max_buckets``: 65,536 hours are more than seven years."""


def connect(settings: Settings) -> Elasticsearch:
    """A client as the settings say. Nothing is sent yet.

    Raises:
        ConfigError: names the setting that cannot work.
    """
    user, password = settings.elasticsearch_user, settings.elasticsearch_password
    api_key = settings.elasticsearch_api_key.get_secret_value()
    if user and api_key:
        raise ConfigError(
            "MONITOR_ELASTICSEARCH_USER and MONITOR_ELASTICSEARCH_API_KEY are both set: choose one"
        )
    if user and not password.get_secret_value():
        raise ConfigError("MONITOR_ELASTICSEARCH_PASSWORD is missing for the user that is set")
    # Its warnings hold addresses and stack traces; each failure is told in our own words.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    nodes = [_checked(part.strip()) for part in settings.elasticsearch_url.split(",")]
    return Elasticsearch(
        nodes,
        basic_auth=(user, password.get_secret_value()) if user else None,
        api_key=api_key or None,
        ca_certs=_authority(settings) or DEFAULT,
        request_timeout=TIMEOUT_S,
        max_retries=RETRIES,
        retry_on_timeout=False,
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the client's errors into `SearchError`; no address, secret or text is repeated.

    Raises:
        InputError: the answer would have had more parts than Elasticsearch counts.
    """
    try:
        yield
    except ApiError as error:
        if error.meta.status in (401, 403) and _is_about_signing_in(error):
            raise SearchError(
                "Elasticsearch does not let us in: see MONITOR_ELASTICSEARCH_USER, "
                "MONITOR_ELASTICSEARCH_PASSWORD or MONITOR_ELASTICSEARCH_API_KEY"
            ) from None
        if TOO_MANY_PARTS in _kinds(error):
            raise InputError("interval: too many of them in this time") from None
        raise SearchError(f"Elasticsearch cannot do it: {_named(error)}") from None
    except TlsError:
        raise SearchError(
            "Elasticsearch's certificate is not one we trust: see "
            "MONITOR_ELASTICSEARCH_CA_FILE and MONITOR_ELASTICSEARCH_URL"
        ) from None
    except ConnectionTimeout:
        raise SearchError("Elasticsearch did not answer in time") from None
    except TransportError as error:
        raise SearchError(
            f"Elasticsearch cannot be reached ({type(error).__name__}): "
            "see MONITOR_ELASTICSEARCH_URL"
        ) from None


def reason_of(error: object, status: object) -> str:
    """Why one document was refused, without any of its content: ``type (status)``."""
    kind = error.get("type") if isinstance(error, dict) else None
    return f"{kind or 'error'} ({status})"


def _named(error: ApiError) -> str:
    if isinstance(error, NotFoundError):
        return "the index is missing (404)"
    return reason_of(_told(error), error.meta.status)


def _told(error: ApiError) -> Any:
    return error.body.get("error") if isinstance(error.body, dict) else None


def _kinds(error: ApiError) -> set[str]:
    """The kind of an error and of its cause."""
    told = _told(error)
    causes = (told, told.get("caused_by")) if isinstance(told, dict) else ()
    return {str(one.get("type")) for one in causes if isinstance(one, dict)}


def _is_about_signing_in(error: ApiError) -> bool:
    # A disk that is full or a cluster that is blocked is a 403 as well.
    return error.meta.status == 401 or "security_exception" in _named(error)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("MONITOR_ELASTICSEARCH_URL is not an address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("MONITOR_ELASTICSEARCH_URL is not like https://host:9200")
    if parts.username or parts.password:
        raise ConfigError(
            "MONITOR_ELASTICSEARCH_URL holds a user or password: give them as "
            "MONITOR_ELASTICSEARCH_USER and MONITOR_ELASTICSEARCH_PASSWORD"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # The client wants the port said; an address without one means the scheme's.
    port = port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}:{port}{parts.path}"


def _authority(settings: Settings) -> str | None:
    if not settings.elasticsearch_ca_file:
        return None
    path = Path(settings.elasticsearch_ca_file)
    if not path.is_file():
        raise ConfigError("MONITOR_ELASTICSEARCH_CA_FILE: there is no such file")
    if not settings.elasticsearch_url.startswith("https://"):
        raise ConfigError(
            "MONITOR_ELASTICSEARCH_CA_FILE is set, but MONITOR_ELASTICSEARCH_URL is not https"
        )
    return str(path)
