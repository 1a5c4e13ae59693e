"""Bytes of a stranger's picture to plain pixels, or the named reason why not.

Decoders of picture formats are where hostile files strike. So they run in a process of
their own that holds nothing (`classifiers.images.decoding`), with a limit on memory and
without the right to write; whoever hangs is killed by the clock and replaced.

    with Decoder() as decoder:
        picture = decoder.decode(content)
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import IO, Any, Final, Self

import numpy as np

from classifiers.images.formats import ALLOWED, is_cut, is_vector, sniff
from classifiers.images.picture import Limits, Picture, Pixels, Refusal, Refused
from classifiers.images.pipes import read_block, write_block

__all__ = ["Decoder", "decode"]

WORKER: Final = "classifiers.images.decoding"
PIECES_REUSED: Final = 500
"""After so many pictures a process is replaced: decoders leak."""
ASKED: Final = ("max_bytes", "max_pixels", "max_edge", "min_edge", "working_edge")
ANSWER_BYTES: Final = 4096
CHANNELS: Final = 3
START_SECONDS: Final = 60.0
"""To start the process on a busy machine; not counted against any picture."""


class Decoder:
    """Decodes pictures one after the other in one reused process; safe in threads.

    Args:
        limits: what one picture may cost.
        worker: module that answers, for tests of what happens when it does not.
    """

    def __init__(self, limits: Limits | None = None, *, worker: str = WORKER) -> None:
        self._limits = limits or Limits()
        self._worker = worker
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process. The next picture starts another."""
        with self._lock:
            self._stop()

    def decode(self, content: bytes) -> Picture | Refused:
        """The picture, upright, in sRGB, without metadata; or why there is none.

        Never raises on any content. Takes at most `Limits.seconds` and, once in
        `PIECES_REUSED` pictures or after a failure, the start of a process.
        """
        digest = hashlib.sha256(content).hexdigest()
        if not content:
            return Refused(Refusal.EMPTY, "no bytes", digest)
        if len(content) > self._limits.max_bytes:
            return Refused(Refusal.TOO_MANY_BYTES, f"{len(content)} bytes", digest)
        kind = sniff(content)
        if kind is None and is_vector(content):
            return Refused(Refusal.VECTOR, "SVG is a program, not a picture", digest)
        if kind is None:
            return Refused(Refusal.UNKNOWN_FORMAT, f"none of {', '.join(ALLOWED)}", digest)
        if is_cut(content, kind):
            return Refused(Refusal.TRUNCATED, "ends before the picture does", digest)
        with self._lock:
            answer, pixels = self._ask(kind, content)
        if pixels is None:
            return Refused(Refusal(answer["refused"]), str(answer["detail"]), digest)
        return Picture(
            pixels=pixels,
            width=answer["width"],
            height=answer["height"],
            kind=kind,
            digest=digest,
            notes=tuple(answer["notes"]),
        )

    def _ask(self, kind: str, content: bytes) -> tuple[dict[str, Any], Pixels | None]:
        overdue = threading.Event()
        try:
            if self._served >= PIECES_REUSED:
                self._stop()
            process = self._process or self._start()
            self._served += 1
            with _clock(self._limits.seconds, process, overdue):
                return self._exchange(process, kind, content)
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            # Dead, killed, or answering what makes no sense: another one takes its place.
            self._stop()
        if overdue.is_set():
            told = f"not decoded within {self._limits.seconds:g} s"
            return {"refused": Refusal.TIMED_OUT, "detail": told}, None
        return {"refused": Refusal.CRASHED, "detail": "the decoder died on it"}, None

    def _exchange(
        self, process: subprocess.Popen[bytes], kind: str, content: bytes
    ) -> tuple[dict[str, Any], Pixels | None]:
        source, sink = _pipes(process)
        asked = {name: getattr(self._limits, name) for name in ASKED} | {"kind": kind}
        write_block(sink, json.dumps(asked).encode())
        write_block(sink, content)
        sink.flush()
        answer = json.loads(read_block(source, ANSWER_BYTES))
        raw = read_block(source, self._limits.working_edge**2 * CHANNELS)
        if "refused" in answer:
            return answer, None
        width, height = answer["size"]
        return answer, np.frombuffer(raw, np.uint8).reshape(height, width, CHANNELS)

    def _start(self) -> subprocess.Popen[bytes]:
        # Nothing of the environment goes along: there are keys and passwords in it.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-P", "-m", self._worker, str(self._limits.memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._process, self._served = process, 0
        with _clock(START_SECONDS, process, threading.Event()):
            source, _ = _pipes(process)
            for _ in range(2):
                read_block(source, ANSWER_BYTES)
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in filter(None, (process.stdin, process.stdout)):
            # What was still to be written to a dead process is of no use to anybody.
            with suppress(OSError):
                pipe.close()
        process.wait()


def decode(content: bytes, limits: Limits | None = None) -> Picture | Refused:
    """One picture, with a process started for it; whoever has many uses a `Decoder`."""
    with Decoder(limits) as decoder:
        return decoder.decode(content)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdout is None or process.stdin is None:
        raise OSError("started without pipes")
    return process.stdout, process.stdin


@contextmanager
def _clock(
    seconds: float, process: subprocess.Popen[bytes], overdue: threading.Event
) -> Iterator[None]:
    """Kill the process when the block takes longer; whoever reads from it then finds the end."""

    def kill() -> None:
        overdue.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
