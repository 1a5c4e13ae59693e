"""Where the servers' programs lie on this machine."""

from __future__ import annotations

import functools
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

__all__ = [
    "ELASTICSEARCH_8",
    "ELASTICSEARCH_9",
    "IMAGES",
    "OLDEST_JAVA",
    "ServiceMissing",
    "account",
    "c_compiler",
    "cache_folder",
    "container_engine",
    "elasticsearch_home",
    "faketime_library",
    "java_home",
    "postgres_bin",
    "redis_program",
]

ELASTICSEARCH_8 = "8.19.4"
ELASTICSEARCH_9 = "9.5.0"
ACCOUNT = "monitor-services"
OLDEST_JAVA = {ELASTICSEARCH_8: 17, ELASTICSEARCH_9: 21}
IMAGES = {
    "redis": "redis:7.2-bookworm",
    "postgres": "postgres:15-bookworm",
    "elasticsearch": "elasticsearch",
}
ENGINE_LIMIT_S = 20.0
HINT = "install it with: make services"


class ServiceMissing(Exception):
    """A server can not be started here; the text says what is missing and what to do."""


def account() -> str | None:
    """The user that servers run as: one of their own when we are root, else our own (None).

    Raises:
        ServiceMissing: we are root and that user does not exist yet.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise ServiceMissing(f"there is no user {ACCOUNT} to run servers as; {HINT}") from None
    return ACCOUNT


def cache_folder() -> Path:
    """Where downloaded servers are unpacked once; every user may read what root put there."""
    if os.geteuid() == 0:
        return Path("/var/cache/face-trade-monitor")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "face-trade-monitor"


def redis_program() -> Path:
    """`redis-server`; raises `ServiceMissing`."""
    found = shutil.which("redis-server")
    if found is None:
        raise ServiceMissing(f"redis-server is not installed; {HINT}")
    return Path(found)


def postgres_bin() -> Path:
    """The folder with PostgreSQL's programs, of the newest version; raises `ServiceMissing`."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise ServiceMissing(f"postgresql is not installed; {HINT}")
    return Path(found).resolve().parent


def java_home(oldest: int) -> Path:
    """The oldest Java here that is not older than `oldest`; raises `ServiceMissing`."""
    named = (os.environ.get(name) for name in ("ES_JAVA_HOME", "JAVA_HOME"))
    homes = [Path(home) for home in named if home] + sorted(Path("/usr/lib/jvm").glob("*"))
    found = {home: _java_version(home) for home in homes}
    fit = [home for home, version in found.items() if version >= oldest]
    if not fit:
        raise ServiceMissing(f"no Java of version {oldest} or newer is under /usr/lib/jvm")
    return min(fit, key=lambda home: found[home])


def _java_version(home: Path) -> int:
    """Its major version; 0 when there is none."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return int(match[1]) if match and (home / "bin" / "java").exists() else 0


@functools.cache
def container_engine() -> str | None:
    """The command line of a container engine that works here; None without."""
    program = shutil.which("docker")
    if program is None:
        return None
    try:
        asked = subprocess.run(
            [program, "info"], capture_output=True, timeout=ENGINE_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    # Some versions end well and complain in what they print.
    is_there = asked.returncode == 0 and b"Cannot connect" not in asked.stdout + asked.stderr
    return program if is_there else None


def faketime_library() -> Path:
    """What lies about the time to the process that preloads it; raises `ServiceMissing`."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        raise ServiceMissing(f"libfaketime is not installed; {HINT}")
    return found


def c_compiler() -> str:
    """The compiler of what tests preload into processes; raises `ServiceMissing`."""
    found = shutil.which("cc")
    if found is None:
        raise ServiceMissing(f"no C compiler is installed; {HINT}")
    return found


def elasticsearch_home(version: str) -> Path:
    """The unpacked server of that version; raises `ServiceMissing`."""
    home = cache_folder() / f"elasticsearch-{version}"
    if not home.is_dir():
        raise ServiceMissing(f"Elasticsearch {version} is not in {home.parent}; {HINT}")
    return home
