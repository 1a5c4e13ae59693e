"""A trace of each change that processes make to the files below a folder; see `recorder.c`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tools.services.find import ServiceMissing, c_compiler

__all__ = ["Recording", "Step", "build_recorder"]

SOURCE = Path(__file__).with_name("recorder.c")


def build_recorder(folder: Path) -> Path:
    """Compile the recorder into `folder`; raises `ServiceMissing` where that cannot be done."""
    library = folder / "recorder.so"
    command = [c_compiler(), "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceMissing(f"{SOURCE.name} cannot be compiled: {done.stderr}")
    return library


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    Attributes:
        kind: (c)reate, (m)ake a folder, (w)rite, (t)runcate, (s)ync, (l)ink, (r)ename, (u)nlink.
        path: what is changed.
        target: the second name of a link or a rename.
        offset: where `data` is written.
        size: to which a file is cut or stretched.
        end: where its record ends in the trace.
    """

    kind: str
    path: Path
    target: Path
    offset: int
    size: int
    data: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What processes do that run with its `environment`.

    Args:
        root: the folder below which changes are recorded; it must be there.
        trace: the file, elsewhere, that records are appended to.
        library: what `build_recorder` made.
    """

    root: Path
    trace: Path
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        """To be added to a process's own."""
        return {
            "LD_PRELOAD": str(self.library),
            "RECORDER_ROOT": str(self.root),
            "RECORDER_TRACE": str(self.trace),
        }

    @property
    def position(self) -> int:
        """How long the trace is: all that happened before ends there or earlier."""
        return self.trace.stat().st_size if self.trace.exists() else 0

    def steps(self) -> list[Step]:
        """All changes; one whose record a kill cut off did not happen."""
        return list(_steps(self.trace.read_bytes())) if self.trace.exists() else []


def _steps(trace: bytes) -> Iterator[Step]:
    start = 0
    while (line_end := trace.find(b"\n", start)) >= 0:
        kind, offset, size, *lengths = trace[start:line_end].decode("ascii").split()
        ends = [line_end + 1]
        for length in lengths:
            ends.append(ends[-1] + int(length))
        if ends[-1] > len(trace):
            return
        path, target, data = (trace[a:b] for a, b in pairwise(ends))
        names = Path(os.fsdecode(path)), Path(os.fsdecode(target))
        yield Step(kind, *names, int(offset), int(size), data, ends[-1])
        start = ends[-1]
