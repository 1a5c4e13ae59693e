"""Folders that last; that they do is shown by `tests/faults/test_power_files.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.durable import fsync_folder, make_folder, write_through


def test_missing_folders_are_made_and_old_ones_left_as_they_are(tmp_path: Path) -> None:
    """The mode is that of the last one only."""
    folder = tmp_path / "a" / "b"
    for mode in (0o700, 0o755):
        make_folder(folder, mode)
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_place_that_is_taken_is_an_error(tmp_path: Path) -> None:
    """A file is no folder, and has none in it."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(OSError, match="file"):
            make_folder(path)


def test_a_file_system_that_cannot_sync_folders_is_no_error() -> None:
    """Some network disks are such; there is no more to be done."""
    with pytest.raises(OSError, match="Invalid argument"):
        write_through(Path("/proc"))
    fsync_folder(Path("/proc"))


def test_what_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    """An error that is not the file system's own way is told."""
    with pytest.raises(FileNotFoundError):
        fsync_folder(tmp_path / "missing")
