"""Alert: send what the outbox holds, sign each try, keep every attempt, give up late and visibly."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from monitor.alerts.channels import channel
from monitor.alerts.channels.protocol import Receipt, ReceiptStatus
from monitor.alerts.schedule import next_attempt
from monitor.domain.alert import AlertState, Attempt, Endpoint, Sending
from monitor.pipeline.workspace import Workspace
from monitor.store import alerts, outbox
from monitor.store.outbox import Entry

__all__ = ["claim_sends", "send_alert", "unseal_secrets"]
