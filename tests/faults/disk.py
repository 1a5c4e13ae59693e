"""What a disk may hold when the power goes, worked out from what was written and synced.

What was synced is there: bytes by a sync of their file, names by a sync of their folder. Of
all else, each change is there or is not, in any order; of a write, only some sectors may be.
That is what POSIX promises. Most file systems keep more.
"""

from __future__ import annotations

import copy
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.recording import Step

__all__ = ["Disk"]

SECTOR = 512


@dataclass(eq=False, slots=True)
class _File:
    """A file, whatever it is called: its bytes on the disk, and changes on their way there."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[Step] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _Folder:
    """Its names stand in the table of all names."""


_Names = dict[Path, _File | _Folder]
_Renaming = dict[Path, _File | _Folder | None]
"""Names that come, or go (None), in one change."""


class Disk:
    """A folder on a disk that was at rest.

    Args:
        root: the folder; what is in it now is on the disk.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: _Names = {root: _Folder()}
        for path in root.rglob("*"):
            self._kept[path] = _Folder() if path.is_dir() else _File(bytearray(path.read_bytes()))
        self._seen = dict(self._kept)
        self._pending: list[_Renaming] = []

    def take(self, step: Step) -> None:
        """A process makes a change."""
        found = self._seen.get(step.path)
        if step.kind == "s":
            self._sync(step.path, found)
        elif step.kind in "wt":
            if isinstance(found, _File):
                found.pending.append(step)
        elif step.kind == "c":
            if found is None:
                self._rename({step.path: _File()})
        elif step.kind == "m":
            self._rename({step.path: _Folder()})
        elif step.kind == "l":
            self._rename({step.target: found})
        elif step.kind == "r":
            self._rename({step.path: None, step.target: found})
        else:
            self._rename({step.path: None})

    def after_power_cut(self, rng: random.Random, *, survival: float = 0.0) -> Disk:
        """The disk as it may be if the power goes now.

        Args:
            rng: decides what survives.
            survival: the chance of a change that was not synced to be there. Of writes that
                are not, half are there in part, unless it is 0.
        """
        after = copy.deepcopy(self)
        for change in after._pending:
            if rng.random() < survival:
                _rename(after._kept, change)
        for file in dict.fromkeys(f for f in after._kept.values() if isinstance(f, _File)):
            for step in file.pending:
                chance = rng.random()
                if chance < survival:
                    _change(file.content, step)
                elif survival and chance < (1 + survival) / 2:
                    _tear(file.content, step, rng)
            file.pending.clear()
        after._pending.clear()
        after._seen = dict(after._kept)
        return after

    def lay_out(self, folder: Path) -> None:
        """Make `folder` hold what is on the disk, and nothing else."""
        shutil.rmtree(folder, ignore_errors=True)
        for path, found in sorted(self._kept.items()):
            place = folder / path.relative_to(self._root)
            if not place.parent.is_dir():
                continue  # Its folder was lost, and it with that.
            if isinstance(found, _File):
                place.write_bytes(found.content)
                place.chmod(0o600)
            else:
                place.mkdir(mode=0o700)

    def _rename(self, change: _Renaming) -> None:
        self._pending.append(change)
        _rename(self._seen, change)

    def _sync(self, path: Path, found: _File | _Folder | None) -> None:
        if isinstance(found, _File):
            for step in found.pending:
                _change(found.content, step)
            found.pending.clear()
            return
        waiting = self._pending
        self._pending = []
        for change in waiting:
            if any(name.parent == path for name in change):
                _rename(self._kept, change)
            else:
                self._pending.append(change)


def _rename(names: _Names, change: _Renaming) -> None:
    for path, found in change.items():
        if found is None:
            names.pop(path, None)
        else:
            names[path] = found


def _change(content: bytearray, step: Step) -> None:
    if step.kind == "t":
        del content[step.size :]
        _stretch(content, step.size)
    else:
        _put(content, step.offset, step.data)


def _tear(content: bytearray, step: Step, rng: random.Random) -> None:
    """Put some sectors of a write. A file's size changes whole or not at all."""
    end = step.offset + len(step.data)
    for sector in range(step.offset - step.offset % SECTOR, end, SECTOR):
        if rng.random() < 0.5:
            first = max(sector, step.offset)
            _put(content, first, step.data[first - step.offset : sector + SECTOR - step.offset])


def _put(content: bytearray, offset: int, data: bytes) -> None:
    _stretch(content, offset)
    content[offset : offset + len(data)] = data


def _stretch(content: bytearray, size: int) -> None:
    content.extend(bytes(max(0, size - len(content))))
