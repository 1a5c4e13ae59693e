"""Parts of docker-compose.yml as processes of this machine.

No image and no container: the commands, the environment and the secret files of the
file, with its addresses and paths translated to local ones.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["ROOT", "ComposeFile", "LocalService"]

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+):-([^}]*)\})")
SECRETS = "/run/secrets"


class ComposeFile:
    """The project's docker-compose.yml, variables filled in as compose does.

    Args:
        variables: what the shell or an --env-file would say.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = variables or {}
        text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
        self.content: dict[str, Any] = self._filled(yaml.safe_load(text))

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """By name."""
        found: dict[str, dict[str, Any]] = self.content["services"]
        return found

    def secrets_of(self, service: str) -> dict[str, str]:
        """Names of the secrets that a service is given, and where it finds each."""
        found = {}
        for entry in self.services[service].get("secrets", ()):
            name = entry if isinstance(entry, str) else entry["source"]
            found[name] = f"{SECRETS}/{name}" if isinstance(entry, str) else entry["target"]
        return found

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        return VARIABLE.sub(self._fill, value) if isinstance(value, str) else value

    def _fill(self, match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        return self._variables.get(match[2]) or match[3]


@dataclass(frozen=True, slots=True)
class LocalService:
    """One service, to be run here.

    Attributes:
        folder: where its secrets and logs go.
        secrets: folder that `deploy/make-secrets.sh` filled.
        translation: what stands in the file, and what stands for it here.
    """

    file: ComposeFile
    name: str
    folder: Path
    secrets: Path
    translation: Mapping[str, str]

    def translated(self, text: str) -> str:
        """With local addresses and paths."""
        for there, here in {**self.translation, SECRETS: str(self._own_secrets)}.items():
            text = text.replace(there, here)
        return text

    @property
    def _own_secrets(self) -> Path:
        return self.folder / f"secrets-{self.name}"

    @property
    def log(self) -> Path:
        """What it prints, errors included."""
        return self.folder / f"{self.name}.log"

    def environment(self) -> dict[str, str]:
        """The file's, and what a process needs to find this project's programs."""
        given = self.file.services[self.name].get("environment", {})
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            **{name: self.translated(str(value)) for name, value in given.items()},
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "HOME": str(self.folder),
        }

    def write_secrets(self) -> None:
        """Only those that the file gives to this service."""
        self._own_secrets.mkdir(exist_ok=True)
        for name, path in self.file.secrets_of(self.name).items():
            if path.startswith(SECRETS):
                text = (self.secrets / name).read_text(encoding="utf-8")
                (self._own_secrets / name).write_text(self.translated(text), encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        """Its command, in the background."""
        return self._start(self.file.services[self.name]["command"])

    def execute(self, *command: str) -> str:
        """As ``docker compose exec``: another command beside it; what that printed."""
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def check(self) -> int:
        """Run its health check once; its exit status."""
        kind, *command = self.file.services[self.name]["healthcheck"]["test"]
        return self._start(command if kind == "CMD" else ["sh", "-c", *command]).wait()

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        self.write_secrets()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [self.translated(part) for part in command],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
