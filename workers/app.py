"""The Celery app: ``celery -A workers.app worker -Q poll``, ``celery -A workers.app beat``.

Importing this reads no setting and opens nothing: Celery asks for its configuration
when a worker, beat or Flower starts.
"""

from __future__ import annotations

import sys
from typing import Any

from celery import Celery

from monitor.config import load_settings
from monitor.errors import ConfigError
from workers.configuration import celery_configuration

__all__ = ["app"]


def _configuration() -> dict[str, Any]:
    try:
        return celery_configuration(load_settings())
    except ConfigError as error:
        # Celery's command line would show a person a page of its own insides instead.
        sys.exit(str(error))


app = Celery("monitor", include=["workers.tasks", "workers.lifecycle"])
app.add_defaults(_configuration)
