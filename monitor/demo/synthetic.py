"""Any number of invented listings in varied wording, for load and fault tests.

The words are data (`data/phrases.toml`); here is only how they are put together.
They are plainer than the shipped listings and no measure of recognition.
"""

from __future__ import annotations

import random
import re
import string
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from classifiers.contract import Category
from monitor.demo.listings import MarketListing

__all__ = ["generate_listings"]

SLOT = re.compile(r"\{([a-z_]+)\}")
NUMBERS = {"small": (2, 9), "tens": (10, 99), "hundreds": (100, 999)}
CODE_LETTERS = string.ascii_lowercase + string.digits
MAX_NESTING = 4
SUBJECTS = ("kit", "tool", "work", "goods", "kind")
"""Lists of which a listing keeps to one entry: it is about one thing."""
DISGUISED_SHARE = 0.4
OLDEST_S = 30 * 86_400
FIRST_ID = 9_000_000_000


def generate_listings(
    n: int, seed: int = 0, offers_share: float = 0.3, *, first_number: int = 0
) -> list[MarketListing]:
    """Make `n` listings: the same ones for the same arguments.

    Args:
        n: how many; 0 or more.
        seed: of all choices.
        offers_share: about how many of them are offers, in [0, 1]; they are spread
            over all categories, and some are disguised.
        first_number: ids count from here, so that several batches can stand
            beside each other.
    """
    table = tomllib.loads((files("monitor.demo") / "data/phrases.toml").read_text("utf-8"))
    writer = _Writer(table, random.Random(seed))
    return [
        writer.offer(FIRST_ID + first_number + place)
        if writer.dice.random() < offers_share
        else writer.goods(FIRST_ID + first_number + place)
        for place in range(n)
    ]


@dataclass(frozen=True, slots=True)
class _Writer:
    table: dict[str, Any]
    dice: random.Random

    def offer(self, number: int) -> MarketListing:
        category = self.dice.choice(list(Category))
        group = self.table["offers"][category.value]
        title, description = self._texts(group)
        if self.dice.random() < DISGUISED_SHARE:
            title, description = self._disguise(title), self._disguise(description)
        return self._listing(number, group, title, description, category, None)

    def goods(self, number: int) -> MarketListing:
        group = self.dice.choice(self.table["goods"])
        title, description = self._texts(group)
        named = group["looks_like"]
        return self._listing(
            number, group, title, description, None, Category(named) if named else None
        )

    def _texts(self, group: dict[str, Any]) -> tuple[str, str]:
        subjects = {name: [self.dice.choice(group[name])] for name in SUBJECTS if name in group}
        group = group | subjects
        lines = self.dice.sample(group["descriptions"], self.dice.randint(1, 2))
        title = self._fill(self.dice.choice(group["titles"]), group)
        return title, "\n".join(self._fill(line, group) for line in lines).strip()

    def _listing(
        self,
        number: int,
        group: dict[str, Any],
        title: str,
        description: str,
        category: Category | None,
        looks_like: Category | None,
    ) -> MarketListing:
        return MarketListing(
            id=str(number),
            title=title,
            description=description,
            price=self._fill(f"{{{group['price']}}}", group),
            seller=self._fill("{head}{nick}", group),
            region=self._fill("{place}", group),
            published_s_ago=float(self.dice.randrange(60, OLDEST_S)),
            label="offer" if category else "ordinary",
            category=category,
            looks_like=looks_like,
            picture=self.dice.choice(group["picture"]),
            pictures=self.dice.randint(1, 3),
        )

    def _fill(self, text: str, group: dict[str, Any]) -> str:
        for _ in range(MAX_NESTING):
            if "{" not in text:
                break
            text = SLOT.sub(lambda slot: self._word(slot[1], group), text)
        return text

    def _word(self, name: str, group: dict[str, Any]) -> str:
        if name in NUMBERS:
            return str(self.dice.randint(*NUMBERS[name]))
        if name == "code":
            return "".join(self.dice.choices(CODE_LETTERS, k=5))
        words: list[str] = group.get(name) or self.table["shared"][name]
        return self.dice.choice(words)

    def _disguise(self, text: str) -> str:
        for word, forms in self.table["disguises"].items():
            if word in text and self.dice.random() < 0.7:
                text = text.replace(word, self.dice.choice(forms))
        return text
