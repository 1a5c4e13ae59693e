"""Times, numbers and money in the reader's way. The zone of a time is always told."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.console.language import Words
from monitor.sources.prices import minor_digits

__all__ = ["Formats"]

ZONES = {"zh": "Asia/Shanghai", "en": "UTC"}
SIGNS = {
    "zh": {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"},
    "en": {"CNY": "CN¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"},
}
MINUTE, HOUR, DAY = 60, 3600, 86400


class Formats:
    """How one reader sees values. `now` is what ages count from."""

    def __init__(self, words: Words, now: datetime) -> None:
        self._words = words
        self._now = now
        name = ZONES[words.language]
        self.zone_name = name
        self._zone: tzinfo = UTC if name == "UTC" else ZoneInfo(name)
        self._signs = SIGNS[words.language]

    def time(self, at: datetime) -> str:
        """Date and minutes in the reader's zone, which the page's foot names."""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

    def exact(self, at: datetime) -> str:
        """Date, seconds and zone."""
        local = at.astimezone(self._zone)
        return f"{local:%Y-%m-%d %H:%M:%S} {self._words('zone.short')}"

    def age(self, at: datetime) -> str:
        """How long ago, in the largest unit that is full; future times count as just now."""
        seconds = int((self._now - at).total_seconds())
        for unit, length in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
            if seconds >= length:
                return self._words(f"age.{unit}", count=self.number(seconds // length))
        return self._words("age.now")

    def number(self, value: float) -> str:
        """Thousands apart."""
        return f"{value:,}"

    def percent(self, share: float) -> str:
        """Whole percent; 100 only for certainty and 0 only for nothing."""
        rounded = round(share * 100)
        if rounded >= 100 and share < 1:
            rounded = 99
        if rounded <= 0 and share > 0:
            return "<1%"
        return f"{rounded}%"

    def weight(self, value: float) -> str:
        """Log-odds with its sign, also a real minus."""
        return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")

    def money(self, minor: int, currency: str) -> str:
        """Minor units with sign or code of the currency."""
        digits = minor_digits(currency)
        amount = f"{Decimal(minor).scaleb(-digits):,.{digits}f}"
        sign = self._signs.get(currency)
        return f"{sign}{amount}" if sign else f"{currency} {amount}"
