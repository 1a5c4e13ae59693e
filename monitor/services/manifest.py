"""The list of what a backup holds. It is written last: a folder without it is no backup."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.durable import fsync_folder, write_through
from monitor.errors import InputError

__all__ = ["FILE_NAMES", "MANIFEST", "CopiedFile", "Manifest", "copied_file"]

MANIFEST = "manifest.json"
FILE_NAMES: dict[str, Literal["monitor.db", "monitor.dump"]] = {
    "sqlite": "monitor.db",
    "postgresql": "monitor.dump",
}
"""The database's file in a backup, by the kind of database."""


class CopiedFile(BaseModel):
    """One file, as it was when the backup was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["monitor.db", "monitor.dump"]
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup is and what belongs to it.

    Attributes:
        format: of this very list.
        program: version that made it.
        made_at: when; what was committed before is in it.
        database: kind of the store.
        schema_version: of the store.
        keys: fingerprint of the keys that its sealed values need; empty: there were none.
        files: each with its size and SHA-256.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    program: str
    made_at: datetime
    database: Literal["sqlite", "postgresql"]
    schema_version: str
    keys: str
    files: tuple[CopiedFile, ...]

    def write(self, folder: Path) -> None:
        """Finish the backup: the manifest appears whole or not at all."""
        temporary = folder / f".{MANIFEST}"
        temporary.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        temporary.chmod(0o600)
        write_through(temporary)
        temporary.replace(folder / MANIFEST)
        fsync_folder(folder)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the list and hold every file against it.

        Raises:
            InputError: no finished backup, or one that was damaged since.
        """
        path = folder / MANIFEST
        try:
            found = cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise InputError(f"{folder} is no finished backup: it has no {MANIFEST}") from None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise InputError(f"{path} is damaged or of another program ({where})") from None
        if [file.name for file in found.files] != [FILE_NAMES[found.database]]:
            raise InputError(f"{path} does not list the files of a {found.database} backup")
        for file in found.files:
            if copied_file(folder / file.name) != file:
                raise InputError(
                    f"{folder / file.name} is damaged or cut: it is not what {MANIFEST} says"
                )
        return found


def copied_file(path: Path) -> CopiedFile:
    """Size and SHA-256 of a file in a backup; raises `InputError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    return CopiedFile.model_validate({"name": path.name, "bytes": size, "sha256": digest})
