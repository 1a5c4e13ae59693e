"""The goods of the sample marketplace: what a row is, and where the shipped ones are read.

All of them are invented. They are data in `monitor/demo/data/*.jsonl`, one file
a theme; `label`, `category` and `looks_like` are for tests and for the demo's own
tally and are never shown on a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from classifiers.contract import Category
from monitor.errors import InputError

__all__ = ["Change", "MarketListing", "load_listings", "read_listings"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Row):
    """What the seller edits, and when; left out fields stay.

    Attributes:
        after_s: seconds after the market began to move.
    """

    after_s: float = Field(ge=0)
    title: str | None = Field(default=None, min_length=1)
    description: str | None = None
    price: str | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Change:
        if self.title is None and self.description is None and self.price is None:
            raise ValueError("a change needs a title, a description or a price")
        return self


class MarketListing(_Row):
    """One listing of the sample market.

    Attributes:
        id: the market's own id, unique.
        price: as shown: ``"¥0.50"``, ``"面议"``, ``"1.2万"``.
        published_s_ago: seconds before the market began, for what is there from
            the start.
        label: whether it is an offer of one of the trades.
        category: of an offer; None for ordinary goods.
        looks_like: the trade that an ordinary listing could be taken for, or None.
        picture: what its pictures show, see `monitor.demo.drawings.KINDS`.
        pictures: how many there are.
        appears_after_s: seconds after the market began to move, or None when it
            is there from the start.
        vanishes_after_s: when it is taken down, or None.
        changes: what the seller edits later.
    """

    id: str = Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")
    title: str = Field(min_length=1)
    description: str = ""
    price: str = "面议"
    seller: str = "匿名卖家"
    region: str = ""
    published_s_ago: float = Field(default=0.0, ge=0)
    label: Literal["offer", "ordinary"] = "ordinary"
    category: Category | None = None
    looks_like: Category | None = None
    picture: str = "parcel"
    pictures: int = Field(default=1, ge=0, le=9)
    appears_after_s: float | None = Field(default=None, ge=0)
    vanishes_after_s: float | None = Field(default=None, ge=0)
    changes: tuple[Change, ...] = ()

    @model_validator(mode="after")
    def _label_fits_category(self) -> MarketListing:
        if (self.label == "offer") != (self.category is not None):
            raise ValueError("an offer has a category, and nothing else has")
        return self

    @property
    def seller_id(self) -> str:
        """The market's id of the seller: one nick, one id."""
        return "u" + hashlib.sha256(self.seller.encode()).hexdigest()[:10]


def load_listings() -> list[MarketListing]:
    """The shipped listings, in the order of files and lines.

    Raises:
        InputError: names the file and line at fault.
    """
    folder = files("monitor.demo") / "data"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".jsonl"))
    found: dict[str, MarketListing] = {}
    for name in names:
        for listing in read_listings((folder / name).read_text(encoding="utf-8"), origin=name):
            if listing.id in found:
                raise InputError(f"{name}: id {listing.id} is there twice")
            found[listing.id] = listing
    return list(found.values())


def read_listings(text: str, *, origin: str) -> Iterator[MarketListing]:
    """Listings from JSON Lines; raises `InputError` naming `origin` and the line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield MarketListing.model_validate(orjson.loads(line))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "row"
            raise InputError(f"{origin}:{number}: {where}: {first['msg']}") from None
        except orjson.JSONDecodeError as error:
            raise InputError(f"{origin}:{number}: not JSON: {error.msg}") from None
