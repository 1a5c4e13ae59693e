"""Settings: read once, from the environment, into one frozen value.

Every setting has a default that works on one machine. Adding one: give it a
description with its unit, and run `make docs`; a test holds
`docs/reference/settings.md` to this file.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from classifiers.contract import Category
from monitor.errors import ConfigError

__all__ = ["Settings", "load_settings"]

CommaList = Annotated[tuple[str, ...], NoDecode]
CategoryScores = Annotated[tuple[tuple[Category, float], ...], NoDecode]


class Settings(BaseSettings):
    """All settings, each from ``MONITOR_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        Path("monitor-data"), description="Folder of database, index and keys (embedded)."
    )
    database_url: str = Field(
        "", description="SQLAlchemy address of the store; empty: SQLite in the data folder."
    )
    redis_url: str = Field(
        "", description="Redis that carries the workers' tasks, redis://host:port/db; empty: none."
    )
    elasticsearch_url: str = Field(
        "",
        description="Elasticsearch that holds the index of hits, comma separated for several "
        "nodes; empty: SQLite in the data folder.",
    )
    elasticsearch_index: str = Field(
        "monitor-hits",
        pattern=r"^[a-z][a-z0-9-]{0,63}$",
        description="Name that the index's aliases and versions begin with.",
    )
    elasticsearch_user: str = Field("", description="User for password sign-in; empty: none.")
    elasticsearch_password: SecretStr = Field(SecretStr(""), description="That user's password.")
    elasticsearch_api_key: SecretStr = Field(
        SecretStr(""), description="API key (encoded form) instead of user and password."
    )
    elasticsearch_ca_file: str = Field(
        "", description="File with the certificate authority of an https address; empty: system's."
    )
    keys_file: str = Field(
        "",
        description="File of the keys, the same for every process of one set-up; empty: "
        "keys/keys.json in the data folder.",
    )
    allow_networks: CommaList = Field(
        (),
        description="Private ranges that the gate lets out, comma separated, e.g. 127.0.0.0/8.",
    )
    user_agent: str = Field(
        "face-trade-monitor/0.1 (trust-and-safety; contact: your operator)",
        description="What the fetcher calls itself.",
    )
    hit_threshold: float = Field(
        0.0, ge=0, le=1, description="Score of a hit; 0: the shipped threshold."
    )
    review_threshold: float = Field(
        0.0, ge=0, le=1, description="Score from which a listing is reviewed; 0: as shipped."
    )
    hit_thresholds: CategoryScores = Field(
        (),
        description="Scores of a hit for single categories, e.g. "
        "face_id_bundle=0.8,photo_animation_tool=0.95; see `monitor thresholds`.",
    )
    review_thresholds: CategoryScores = Field(
        (), description="Scores from which listings of single categories are reviewed, likewise."
    )
    text_stages: Literal["rules", "ngrams", "all"] = Field(
        "all",
        description="Which stages judge a text: rules, ngrams (with rules), or all "
        "(the language model too, in doubt).",
    )
    text_model: str = Field(
        "",
        description="Folder of a model of your own, instead of the shipped language model; "
        "empty: the shipped one. See `monitor models check`.",
    )
    offer_labels: CommaList = Field(
        (),
        description="Labels of that model that mean an offer, LABEL or LABEL=category, comma "
        "separated; empty: as its config.json says.",
    )
    vocabulary_dir: str = Field(
        "",
        description="Folder of tables that change the shipped vocabulary; empty: none. "
        "See `monitor vocabulary check`.",
    )
    watch_categories: CommaList = Field(
        (), description="Watch categories that may alert too, comma separated."
    )
    zone: str = Field(
        "UTC",
        description="Time zone in which days and weeks of statistics begin, e.g. Asia/Shanghai.",
    )
    console_host: str = Field("127.0.0.1", description="Address the console listens on.")
    console_port: int = Field(8600, ge=0, le=65535, description="Port of the console; 0: any.")
    console_hosts: CommaList = Field(
        (),
        description="Names under which other machines ask for the console, comma separated; "
        "empty: it stays on this machine. It speaks plain HTTP: put a proxy with TLS before it.",
    )
    poll_threads: int = Field(4, ge=1, le=64, description="Watches polled at the same time.")
    look_threads: int = Field(2, ge=1, le=64, description="Item pages read at the same time.")
    send_threads: int = Field(4, ge=1, le=64, description="Alerts sent at the same time.")
    tick_s: float = Field(0.5, gt=0, le=60, description="Seconds between two looks for due work.")
    lease_s: float = Field(
        180.0, ge=5, le=3600, description="Seconds after which claimed work may be taken over."
    )
    worker_pool: Literal["threads", "prefork"] = Field(
        "threads",
        description="How a Celery worker runs its tasks; prefork where memory must be given "
        "back (pictures).",
    )
    worker_max_memory_mb: int = Field(
        600, ge=50, description="Memory from which a prefork worker's process is replaced."
    )
    worker_max_tasks: int = Field(
        1000, ge=1, description="Tasks after which a prefork worker's process is replaced."
    )
    worker_host: str = Field(
        "127.0.0.1", description="Address of a worker's or beat's /livez, /readyz and /metrics."
    )
    worker_port: int = Field(
        0, ge=0, le=65535, description="Port of these; 0: they are not served."
    )
    slow_silent: bool = Field(
        True,
        description="Look at watches without anything new up to four times more seldom "
        "(never more seldom than every 6 hours).",
    )
    circuit_pause_s: float = Field(
        3600.0,
        ge=1,
        le=604800,
        description="Seconds a source rests after a challenge or login wall.",
    )
    host_requests_per_day: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Most requests a day to one host, of all sources and processes; a source "
        "file may allow fewer. 0: no limit but the intervals and those of source files.",
    )
    logins_dir: str = Field(
        "",
        description="Folder with an operator's own access to sources: one file a login, named "
        "after it, that holds a header's value; empty: none.",
    )
    looks_per_hour: int = Field(
        120, ge=0, le=100000, description="Most item pages an hour and source."
    )
    claim_minutes: float = Field(
        15.0, gt=0, le=1440, description="Minutes that a hit is one analyst's who works on it."
    )
    undo_hours: float = Field(
        24.0, gt=0, le=720, description="Hours in which a bulk verdict can be undone."
    )
    pictures: Literal["on", "off"] = Field(
        "on", description="Whether pictures of likely offers are opened."
    )
    picture_score: float = Field(
        0.3, ge=0, le=1, description="Score of a text from which its listing's pictures are opened."
    )
    picture_keywords: CommaList = Field(
        (),
        description="Keywords whose finds have their pictures opened whatever the text says, "
        "comma separated.",
    )
    pictures_per_listing: int = Field(
        12, ge=1, le=200, description="Most pictures opened at one time of a listing."
    )
    pictures_per_hour: int = Field(
        600, ge=0, le=1_000_000, description="Most pictures asked for an hour and source."
    )
    picture_max_bytes: int = Field(
        10_000_000, ge=10_000, le=50_000_000, description="Most bytes read of one picture."
    )
    picture_threads: int = Field(
        1, ge=1, le=64, description="Listings whose pictures are opened at the same time."
    )
    evidence_keys_file: str = Field(
        "",
        description="File of the keys of sealed pictures, outside the store and its backups; "
        "empty: evidence.keys beside the file of keys. Of several machines all need the same.",
    )
    evidence_copy_days: int = Field(
        30,
        ge=1,
        le=365,
        description="Days after which no copy of these keys may exist any more, here or in a "
        "safe: then what was erased is unreadable everywhere.",
    )
    keep_clear_days: int = Field(14, ge=1, description="Days that clear listings are kept.")
    keep_hit_days: int = Field(180, ge=1, description="Days that hits are kept.")
    captures_dir: str = Field(
        "",
        description="Folder whose files (HAR, JSON, HTML) are taken in as captures and then "
        "erased; empty: none. See `docs/how-to/captures.md`.",
    )
    keep_capture_days: int = Field(
        7, ge=1, description="Days that captures are kept which could not be taken in."
    )
    keep_sample_percent: int = Field(
        2, ge=0, le=100, description="Share of clear listings kept for measuring misses."
    )

    @field_validator(
        "allow_networks",
        "watch_categories",
        "offer_labels",
        "console_hosts",
        "picture_keywords",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allow_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            try:
                ipaddress.ip_network(part)
            except ValueError:
                raise ValueError("not a network such as 127.0.0.0/8") from None
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            raise ValueError("not a time zone such as UTC or Asia/Shanghai") from None
        return value

    @field_validator("hit_thresholds", "review_thresholds", mode="before")
    @classmethod
    def _scores(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found: dict[Category, float] = {}
        entries = [part.strip() for part in value.split(",") if part.strip()]
        for number, entry in enumerate(entries, start=1):
            name, _, score = (part.strip() for part in entry.partition("="))
            if name not in set(Category):
                raise ValueError(f"entry {number} names none of {', '.join(Category)}")
            if name in found:
                raise ValueError(f"entry {number} names a category twice")
            found[Category(name)] = _score(score, number)
        return tuple(found.items())

    @property
    def store_url(self) -> str:
        """The store's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'monitor.db'}"

    @property
    def index_path(self) -> Path:
        """The embedded index's file."""
        return self.data_dir / "index.db"

    @property
    def keys_path(self) -> Path:
        """Keys live apart from the database, so that a backup of one is useless alone."""
        return Path(self.keys_file) if self.keys_file else self.data_dir / "keys" / "keys.json"

    @property
    def evidence_keys_path(self) -> Path:
        """The keys of sealed pictures."""
        if self.evidence_keys_file:
            return Path(self.evidence_keys_file)
        return self.keys_path.with_name("evidence.keys")

    @property
    def expected_keys_path(self) -> Path:
        """Says, after a restore, which keys belong to the store."""
        return self.data_dir / "keys.expected"

    @property
    def restoring_path(self) -> Path:
        """There while a restore replaces the store; left behind by one that was cut off."""
        return self.data_dir / "restoring"

    @property
    def lock_path(self) -> Path:
        """Held by the one process that runs the embedded pipeline."""
        return self.data_dir / "monitor.lock"


def _score(text: str, number: int) -> float:
    try:
        score = float(text)
    except ValueError:
        score = 0.0
    if not 0 < score <= 1:
        raise ValueError(f"entry {number} is not category=score with a score above 0, up to 1")
    return score


def load_settings(**overrides: object) -> Settings:
    """Read the environment once, and files named after settings in ``MONITOR_SECRETS_DIR``.

    A file such as ``monitor_database_url`` there gives the setting of that name, so that
    secrets need not stand in the environment; what the environment says wins.

    Raises:
        ConfigError: names the setting at fault and never prints its value.
    """
    try:
        secrets_dir = os.environ.get("MONITOR_SECRETS_DIR") or None
        return Settings(_secrets_dir=secrets_dir, **overrides)  # type: ignore[arg-type,call-arg]
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"MONITOR_{name}: {first['msg']}") from None
