"""docker-compose.yml as a text: what it promises, checked without any container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.compose import ROOT, ComposeFile
from tools.services.find import ELASTICSEARCH_9

SERVERS = {"redis", "postgres", "elasticsearch"}
RUN_ONCE = {"migrate", "init", "demo"}
QUEUES = {"poll", "look", "pictures", "outbox", "housekeeping"}


@pytest.fixture(scope="module")
def file() -> ComposeFile:
    return ComposeFile()


def each(file: ComposeFile) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(file.services.items())


def test_there_is_a_service_for_each_part(file: ComposeFile) -> None:
    others = {"migrate", "init", "api", "beat", "market", "demo"}
    assert set(file.services) == SERVERS | QUEUES | others


def test_each_queue_has_its_worker(file: ComposeFile) -> None:
    for queue in QUEUES:
        command = file.services[queue]["command"]
        assert command[command.index("-Q") + 1] == queue


def test_nothing_runs_without_limits(file: ComposeFile) -> None:
    for name, service in each(file):
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name
        assert service["logging"]["options"]["max-size"], name


def test_nothing_can_gain_privileges(file: ComposeFile) -> None:
    for name, service in each(file):
        assert "no-new-privileges:true" in service["security_opt"], name
        # PostgreSQL's image gives its folder to its own user when it first starts.
        assert name == "postgres" or service["cap_drop"] == ["ALL"], name


def test_all_but_elasticsearch_run_on_a_read_only_system(file: ComposeFile) -> None:
    writable = {name for name, service in each(file) if not service.get("read_only")}
    assert writable == {"elasticsearch"}


def test_what_serves_says_whether_it_is_well(file: ComposeFile) -> None:
    unchecked = {name for name, service in each(file) if "healthcheck" not in service}
    assert unchecked <= RUN_ONCE


def test_only_the_console_is_published_and_only_on_this_machine(file: ComposeFile) -> None:
    published = {name: service["ports"] for name, service in each(file) if "ports" in service}
    assert published == {"api": ["127.0.0.1:8600:8600"]}


def test_the_servers_have_no_way_out(file: ComposeFile) -> None:
    assert file.content["networks"]["inside"] == {"internal": True}
    for name in SERVERS:
        assert file.services[name]["networks"] == ["inside"]


def test_only_init_may_write_the_keys(file: ComposeFile) -> None:
    volumes = {name: service.get("volumes", []) for name, service in each(file)}
    writers = {
        name
        for name, mounted in volumes.items()
        if any(entry.startswith("keys:") and not entry.endswith(":ro") for entry in mounted)
    }
    assert writers == {"init"}


def test_what_is_kept_lies_in_volumes(file: ComposeFile) -> None:
    for name in SERVERS:
        assert any(entry.startswith(f"{name}:/") for entry in file.services[name]["volumes"])
    assert set(file.content["volumes"]) == SERVERS | {"keys", "evidence"}


def test_no_secret_stands_in_the_file(file: ComposeFile) -> None:
    for name, service in each(file):
        for key in service.get("environment", {}):
            is_secret = re.search("PASSWORD|KEY$|TOKEN|SECRET|REDIS_URL|DATABASE_URL", key)
            is_path = key.endswith(("_FILE", "_DIR"))
            assert is_path or not is_secret, f"{name}: {key}"


def test_every_secret_is_made_by_the_script(file: ComposeFile, tmp_path: Path) -> None:
    subprocess.run(
        ["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(tmp_path / "made")],
        check=True,
        capture_output=True,
    )
    made = {path.name for path in (tmp_path / "made").iterdir()}
    declared = file.content["secrets"]
    assert made == set(declared)
    assert {name: entry["file"] for name, entry in declared.items()} == {
        name: f"./secrets/{name}" for name in made
    }
    used = {name for service in file.services for name in file.secrets_of(service)}
    assert used == made


def test_making_secrets_again_changes_nothing(tmp_path: Path) -> None:
    def make() -> dict[str, bytes]:
        script = str(ROOT / "deploy" / "make-secrets.sh")
        subprocess.run(["sh", script, str(tmp_path)], check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert make() == make()
    assert tmp_path.stat().st_mode & 0o077 == 0


def test_elasticsearch_is_the_version_that_is_tested(file: ComposeFile) -> None:
    assert file.services["elasticsearch"]["image"].endswith(f":{ELASTICSEARCH_9}")


def test_the_demo_lets_the_gate_out_to_its_own_network_only() -> None:
    lines = (ROOT / "deploy" / "demo.env").read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    demo = ComposeFile(variables)
    (network,) = demo.content["networks"]["outside"]["ipam"]["config"]
    for name in QUEUES:
        allowed = demo.services[name]["environment"]["MONITOR_ALLOW_NETWORKS"]
        assert allowed == network["subnet"]
    assert ComposeFile().services["poll"]["environment"]["MONITOR_ALLOW_NETWORKS"] == ""


def test_the_image_is_made_of_all_that_the_project_ships() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = project["tool"]["setuptools"]["packages"]["find"]["include"]
    for name in (*(package.rstrip("*") for package in found), "pyproject.toml", "README.md"):
        assert f"!{name}" in kept
    assert "*" in kept


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], check=False).returncode:
        pytest.skip("`docker compose` is not installed")
    done = subprocess.run(
        [docker, "compose", "--profile", "*", "-f", str(ROOT / "docker-compose.yml"), "config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
