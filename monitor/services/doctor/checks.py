"""The checks, in the order in which one trouble would explain the next.

Each looks at one thing, changes nothing and answers at once or after its own short time
limit. A check that fails by itself is a finding, too: the others go on.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import monitor
from monitor.config import Settings
from monitor.errors import MonitorError
from monitor.keyring import Keyring
from monitor.services.doctor.broker import check_redis
from monitor.services.doctor.finding import Finding, State
from monitor.services.doctor.pictures import check_evidence, check_pictures
from monitor.services.doctor.work import check_cluster, check_index, check_work
from monitor.store.inspection import look_at_store

__all__ = ["CHECKS", "examine"]

Check = Callable[[Settings], Finding]

OLDEST_PYTHON = (3, 11)
LOW_DISK = 0.10
FULL_DISK_BYTES = 500_000_000
SKEW_WARN_S = 2.0
SKEW_BAD_S = 60.0
OLDEST_POSTGRES = 13


def check_program(_: Settings) -> Finding:
    """Which program runs, on what."""
    said = f"monitor {monitor.__version__}, Python {platform.python_version()}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding("program", State.BAD, said, "install Python 3.11 or newer")
    return Finding("program", State.GOOD, said)


def check_disk(settings: Settings) -> Finding:
    """Whether there is a data folder that can be written, and room in it."""
    folder = settings.data_dir
    if not folder.exists():
        return Finding("data folder", State.BAD, f"{folder} is not there", "run: monitor init")
    trouble = _write_trouble(folder)
    if trouble:
        advice = "let the monitor's user write there, or set MONITOR_DATA_DIR"
        return Finding("data folder", State.BAD, f"{folder}: {trouble}", advice)
    usage = shutil.disk_usage(folder)
    said = f"{folder}, {usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.0f}"
    advice = "free some room; `monitor retain` erases what is past its time"
    if usage.free < FULL_DISK_BYTES:
        return Finding("data folder", State.BAD, said, advice)
    if usage.free < LOW_DISK * usage.total:
        return Finding("data folder", State.WARN, said, advice)
    return Finding("data folder", State.GOOD, said)


def _write_trouble(folder: Path) -> str:
    probe = folder / ".doctor"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def check_keys(settings: Settings) -> Finding:
    """Whether the keys can be read, and by nobody else."""
    path = settings.keys_path
    if not path.exists():
        return Finding("keys", State.BAD, f"{path} is not there", "run: monitor init (once)")
    Keyring.open(path, may_create=False)
    return Finding("keys", State.GOOD, f"{path}, for this user alone")


def check_store(settings: Settings) -> Finding:
    """Whether the database can be signed in to and has this program's schema."""
    facts = look_at_store(settings.store_url)
    said = f"{facts.kind} {facts.version}".strip()
    if facts.schema is None:
        return Finding("store", State.BAD, f"{said}: no schema", "run: monitor init")
    said = f"{said}, schema {facts.schema}"
    if facts.encoding != "UTF8":
        advice = "make the database anew with ENCODING 'UTF8'"
        return Finding("store", State.BAD, f"{said}, encoding {facts.encoding}", advice)
    if facts.schema < facts.head:
        advice = "run: monitor migrate"
        return Finding("store", State.BAD, f"{said}; this program needs {facts.head}", advice)
    if facts.schema > facts.head:
        advice = "install the newer version of the monitor here, too"
        return Finding("store", State.BAD, f"{said}, newer than {facts.head}", advice)
    if facts.kind == "PostgreSQL" and int(facts.version.split(".")[0]) < OLDEST_POSTGRES:
        advice = f"use PostgreSQL {OLDEST_POSTGRES} or newer"
        return Finding("store", State.WARN, said, advice)
    return Finding("store", State.GOOD, said)


def check_clock(settings: Settings) -> Finding:
    """Whether this machine and the database agree about the time."""
    try:
        facts = look_at_store(settings.store_url)
    except MonitorError:
        return Finding("clock", State.OFF, "not looked at before the store answers")
    if facts.kind == "SQLite":
        return Finding("clock", State.OFF, "one machine: there is no other clock")
    skew = abs(facts.ahead_s)
    said = f"{skew:.1f} s {'behind' if facts.ahead_s > 0 else 'ahead of'} the database's"
    advice = "let a time service (chrony, systemd-timesyncd) set both clocks"
    if skew > SKEW_BAD_S:
        # The database's clock decides what is due; signatures carry this machine's time.
        return Finding("clock", State.BAD, said, f"{advice}; receivers refuse old signatures")
    if skew > SKEW_WARN_S:
        return Finding("clock", State.WARN, said, advice)
    return Finding("clock", State.GOOD, said)


def check_models(settings: Settings) -> Finding:
    """Whether the settings' models and vocabulary load and judge a text."""
    from classifiers.contract import Listing
    from monitor.pipeline.judging import Judging

    assessor = Judging(settings).assessor()
    assessor.assess(Listing("四件套 纯棉 1.8米床"))
    versions = ", ".join(f"{name} {version}" for name, version in assessor.version.items())
    return Finding("models", State.GOOD, versions)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("program", check_program),
    ("data folder", check_disk),
    ("keys", check_keys),
    ("store", check_store),
    ("clock", check_clock),
    ("redis", check_redis),
    ("elasticsearch", check_cluster),
    ("index", check_index),
    ("models", check_models),
    ("pictures", check_pictures),
    ("evidence", check_evidence),
    ("work", check_work),
)
"""Each check under the name of its finding."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Make all checks, one after the other; each finding comes as soon as it is known."""
    for name, check in CHECKS:
        try:
            yield check(settings)
        except MonitorError as error:
            yield Finding(name, State.BAD, str(error), ADVICE.get(name, ""))


ADVICE = {
    "store": "is the database up, and does MONITOR_DATABASE_URL name it, its user and password?",
    "elasticsearch": "is it up, and do the MONITOR_ELASTICSEARCH_ settings fit it?",
    "index": "see elasticsearch; else: monitor index rebuild",
    "models": "see the settings that are named; without them the shipped models judge",
}
"""For trouble that a check did not expect."""
