"""How a source file names an operator's own access; the secret itself is never in it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Login"]


class Login(BaseModel):
    """One login, the only one of its source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Its file in MONITOR_LOGINS_DIR, and its name in circuits.",
    )
    host: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[0-9]{1,5})?$",
        description="The only host that is shown it, over https, such as market.example.",
    )
    header: Literal["Cookie", "Authorization"] = Field(
        "Cookie", description="The header whose value the file holds."
    )
    endpoints: tuple[Literal["search", "item"], ...] = Field(
        ("search", "item"), min_length=1, description="What is asked with it."
    )
