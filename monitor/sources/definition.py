"""A source as an operator writes it: one TOML file, checked before it is stored.

Adding a field: give it a description with its unit, and a line in
`docs/reference/source-file.md` (a test compares them).
"""

from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitor.errors import SourceError
from monitor.sources.login import Login

__all__ = ["SourceDefinition", "load_definition", "parse_definition"]


class SourceDefinition(BaseModel):
    """Everything the monitor knows about one marketplace before it looks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Short name, used everywhere."
    )
    kind: str = Field(
        description="The adapter: html, json, rss, telegram, discuz, goofish, taobao."
    )
    title: str = Field("", description="Name for people.")
    language: str = Field("zh", description="Main language, ISO 639-1.")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="ISO 4217 code of prices.")
    timezone: str = Field("Asia/Shanghai", description="Zone of times shown without one.")
    min_interval_s: float = Field(
        5.0, ge=0, le=3600, description="Seconds between two requests to one host."
    )
    jitter: float = Field(0.2, ge=0, le=1, description="Random share added to min_interval_s.")
    quiet_hours: str = Field(
        "", description="Hours without a look, such as 01:30-07:00, in the source's timezone."
    )
    max_pages: int = Field(5, ge=1, le=200, description="Most pages of one look.")
    newest_first: bool = Field(
        False,
        description="Whether the newest results come first: most looks then stop at a page "
        "that holds nothing unknown.",
    )
    control_term: str = Field(
        "",
        max_length=100,
        description="A harmless word that always has results, asked when another suddenly has "
        "none; empty: the most reliable word of the source's own watches.",
    )
    timeout_s: float = Field(20.0, gt=0, le=120, description="Longest wait for one answer.")
    max_bytes: int = Field(
        5_000_000, ge=10_000, le=50_000_000, description="Most bytes read of one answer."
    )
    max_requests_per_day: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Most requests a day to one host, pictures, robots.txt and those of other "
        "sources with a limit included; 0: as MONITOR_HOST_REQUESTS_PER_DAY.",
    )
    item_min_interval_s: float = Field(
        10.0, ge=0, le=3600, description="Seconds between two item pages of one host."
    )
    pictures: Literal["likely", "all", "never"] = Field(
        "likely",
        description="Whose pictures are opened: of likely offers, of all listings, of none.",
    )
    picture_min_interval_s: float = Field(
        1.0, ge=0, le=3600, description="Seconds between two pictures of one host."
    )
    robots: Literal["obey", "override"] = Field(
        "obey", description="Whether robots.txt decides; an override needs robots_reason."
    )
    robots_reason: str = Field("", description="Who overrode robots.txt, when and why.")
    terms_url: str = Field("", description="The market's terms of use.")
    legal_basis: str = Field("", description="On what basis this source is read.")
    login: Login | None = Field(
        None, description="The operator's own access, where a source needs one."
    )
    options: dict[str, Any] = Field(
        default_factory=dict, description="The adapter's own options, see its page."
    )

    def login_for(self, endpoint: str) -> Login | None:
        """The login that ``"search"`` or ``"item"`` is asked with, or None."""
        return self.login if self.login and endpoint in self.login.endpoints else None

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Start and end of the quiet hours; the end may be on the next day."""
        if not self.quiet_hours:
            return None
        start, end = (time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        return start, end

    @model_validator(mode="after")
    def _quiet_hours_can_be_read(self) -> SourceDefinition:
        if not self.quiet_hours:
            return self
        pattern = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
        if not re.fullmatch(pattern, self.quiet_hours):
            raise ValueError("quiet_hours are such as 01:30-07:00")
        start, end = self.quiet or (time.min, time.min)
        if start == end:
            raise ValueError("quiet_hours must leave some of the day; pause the watches instead")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, OSError, ValueError):
            raise ValueError("quiet_hours need a timezone such as Asia/Shanghai") from None
        return self

    @model_validator(mode="after")
    def _override_has_reason(self) -> SourceDefinition:
        if self.robots == "override" and not self.robots_reason.strip():
            raise ValueError("robots = 'override' needs robots_reason (who, when, why)")
        return self


def parse_definition(text: str, *, origin: str = "definition") -> SourceDefinition:
    """Read a definition from TOML text.

    Raises:
        SourceError: one line that names `origin`, the field and what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{origin}: not TOML: {error}") from error
    try:
        return SourceDefinition.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "definition"
        raise SourceError(f"{origin}: {where}: {first['msg']}") from error


def load_definition(path: Path) -> SourceDefinition:
    """Read a definition file; raises `SourceError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: {error}") from error
    return parse_definition(text, origin=str(path))
