"""Files and folders that a power cut does not take back.

A file's bytes are on the disk when the file was synced, its name when its folder was.
"""

from __future__ import annotations

import errno
import os
from itertools import takewhile
from pathlib import Path

__all__ = ["fsync_folder", "make_folder", "write_through"]


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it, if they are missing; raises `OSError`.

    Args:
        path: the folder.
        mode: of the folder itself, less the umask.
    """
    missing = takewhile(lambda folder: not folder.exists(), (path, *path.parents))
    made = list(missing)
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    for folder in made:
        fsync_folder(folder.parent)


def write_through(path: Path) -> None:
    """Have a file's content on the disk before anything relies on it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_folder(path: Path) -> None:
    """The same for the names in a folder, where its file system can do that."""
    try:
        write_through(path)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
