"""ONNX networks, opened so that they run on one thread and tell nobody about it.

From 1.3x on, onnxruntime gathers events, keeps them in the user's cache folder beside an
identifier of the machine, and sends them to its maker. What this program looks for, and
that it runs at all, is nobody's business: that is turned off before the library is loaded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

__all__ = ["NO_TELEMETRY", "open_net", "quiet_runtime"]

NO_TELEMETRY: Final = "ORT_DISABLE_TELEMETRY"
"""Read by the library once, when it is loaded."""


def quiet_runtime() -> Any:
    """The module onnxruntime with its telemetry off.

    Everybody imports it through here: the first import of a process decides.
    """
    os.environ[NO_TELEMETRY] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def open_net(network: Path | bytes, *, log_severity: int = 2) -> Any:
    """A session on one thread of the processor.

    Args:
        network: path of the ``.onnx`` file, or what is in it.
        log_severity: what the library writes to standard error: 2 warnings, 3 errors.

    Raises:
        Exception: the file is none; the library's errors share no root.
    """
    runtime = quiet_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = log_severity
    given = network if isinstance(network, bytes) else str(network)
    return runtime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
