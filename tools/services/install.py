"""Bring the servers onto this machine: Debian's packages and Elastic's Maven artifact."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tools.services import find
from tools.services.find import ELASTICSEARCH_8, ELASTICSEARCH_9, ServiceMissing

__all__ = ["SERVICES", "install"]

SERVICES = ("redis", "postgres", "elasticsearch")
ARTIFACT = "org.elasticsearch.distribution.integ-test-zip"
# Not every mirror of Maven's has a checksum for each.
SHA256 = {
    ELASTICSEARCH_8: "553088b4c0f60f04d7c63da609aaeae372c483159f4fb8013599e91233aab0de",
    ELASTICSEARCH_9: "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b",
}
POLICY = Path("/usr/sbin/policy-rc.d")


def install(names: Iterable[str], tell: Callable[[str], None]) -> None:
    """Install what is missing of `names`; what is there is left as it is.

    Args:
        names: of `SERVICES`.
        tell: told what is being done.

    Raises:
        ServiceMissing: something can not be installed here; the text says what to do.
    """
    wanted = [name for name in names if not _has_image(name, tell)]
    packages = [package for name in wanted for package in _missing_packages(name)]
    if _lacks(find.faketime_library) and _may_install():
        packages.append("libfaketime")  # A server may run in a container; a worker's clock not.
    if _lacks(find.c_compiler) and _may_install():
        packages += ["gcc", "libc6-dev"]
    if packages:
        _apt_get(packages, tell)
    if os.geteuid() == 0:
        _add_account(tell)
    if "elasticsearch" in wanted:
        _unpack_elasticsearch(ELASTICSEARCH_8, tell)
        try:
            find.java_home(find.OLDEST_JAVA[ELASTICSEARCH_9])
        except ServiceMissing as missing:
            tell(f"Elasticsearch {ELASTICSEARCH_9} is left out: {missing}")
        else:
            _unpack_elasticsearch(ELASTICSEARCH_9, tell)


def _has_image(name: str, tell: Callable[[str], None]) -> bool:
    """Whether an image stands for what is missing of `name`; it is pulled."""
    engine = find.container_engine() if _missing_packages(name) else None
    if engine is None:
        return False
    version = f":{ELASTICSEARCH_8}" if name == "elasticsearch" else ""
    tell(f"pulling {find.IMAGES[name]}{version}")
    _run([engine, "pull", "--quiet", find.IMAGES[name] + version])
    return True


def _missing_packages(name: str) -> list[str]:
    """Debian's packages that `name` still needs."""
    missing = []
    if name == "redis" and _lacks(find.redis_program):
        missing.append("redis-server")
    if name == "postgres" and _lacks(find.postgres_bin):
        missing.append("postgresql")
    if name == "elasticsearch":
        if _lacks(lambda: find.java_home(find.OLDEST_JAVA[ELASTICSEARCH_8])):
            missing.append("openjdk-17-jre-headless")
        if _lacks(lambda: find.elasticsearch_home(ELASTICSEARCH_8)) and not shutil.which("mvn"):
            missing.append("maven")
    return missing


def _lacks(look: Callable[[], object]) -> bool:
    try:
        look()
    except ServiceMissing:
        return True
    return False


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_get(packages: list[str], tell: Callable[[str], None]) -> None:
    listed = " ".join(packages)
    if not _may_install():
        raise ServiceMissing(
            f"not installed here: {listed}; on Debian 12: sudo apt-get install {listed}"
        )
    tell(f"installing {listed} (Debian's packages)")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_started():
        _run(["apt-get", "update", "-qq"], env=quiet)
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet)


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Debian starts what it installs, unless this file says no."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _add_account(tell: Callable[[str], None]) -> None:
    """PostgreSQL and Elasticsearch refuse to run as root."""
    if not _lacks(find.account):
        return
    tell(f"adding the user {find.ACCOUNT}, which servers run as")
    _run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", find.ACCOUNT])


def _unpack_elasticsearch(version: str, tell: Callable[[str], None]) -> None:
    cache = find.cache_folder()
    home = cache / f"elasticsearch-{version}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "unpacking.lock"):
        if home.is_dir():
            return
        if not shutil.which("mvn"):
            raise ServiceMissing("Maven is not installed; on Debian 12: apt-get install maven")
        tell(f"downloading Elasticsearch {version} (100 to 130 MB)")
        repository = cache / "maven"
        fetch = ["mvn", "-q", "-B", f"-Dmaven.repo.local={repository}"]
        goal = ["dependency:get", f"-Dartifact={ARTIFACT}:elasticsearch:{version}:zip"]
        _run([*fetch, *goal, "-Dtransitive=false"])
        folder = repository / ARTIFACT.replace(".", "/") / "elasticsearch" / version
        archive = folder / f"elasticsearch-{version}.zip"
        tell(f"unpacking Elasticsearch {version} to {home}")
        with archive.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != SHA256[version]:
                shutil.rmtree(folder)
                raise ServiceMissing(f"{archive.name} is not what Elastic published; try again")
        unfinished = cache / f"unpacking-{version}"
        shutil.rmtree(unfinished, ignore_errors=True)
        _unzip(archive, unfinished)
        (unfinished / f"elasticsearch-{version}").rename(home)
        unfinished.rmdir()
        # The archive is as large as what came out of it.
        shutil.rmtree(folder)


def _unzip(archive: Path, target: Path) -> None:
    """Unpack, keeping who may execute what."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            path = Path(opened.extract(entry, target))
            mode = entry.external_attr >> 16
            if mode and path.is_file():
                path.chmod(mode & 0o777)


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise ServiceMissing(f"{command[0]} failed: " + " | ".join(said))
