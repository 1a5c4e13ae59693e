"""Captures taken in by a process that kills itself.

It dies as `kill -9` does, right before its NUMBERth commit, rename or removal of a file; with 0,
or with fewer of them than that, it comes to its end and exits with 0.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, event

from monitor.config import load_settings
from monitor.pipeline import captures_folder
from monitor.pipeline.workspace import open_workspace

__all__ = ["start_taking"]


def start_taking(data_dir: Path, folder: Path, number: int) -> BaseProcess:
    """Begin to take in all that is in `folder`. Forked: what is imported need not be again."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_take_in, args=(data_dir, folder, number))
    process.start()
    return process


def _take_in(data_dir: Path, folder: Path, number: int) -> None:
    captures_folder.SETTLE_S = 0.01
    settings = load_settings(data_dir=data_dir, captures_dir=str(folder), text_stages="rules")
    counted = itertools.count(1)

    def step(*_: object) -> None:
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def touch(name: str, arguments: tuple[object, ...]) -> None:
        if name in {"os.rename", "os.remove"} and str(folder) in str(arguments[0]):
            step()

    with open_workspace(settings) as workspace:
        event.listen(Engine, "commit", step)
        sys.addaudithook(touch)
        while captures_folder.take_dropped(workspace):
            pass
