"""Settings come from the environment once, and a wrong one is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.config import Settings, load_settings
from monitor.errors import ConfigError


def test_every_setting_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """One machine needs no setting at all."""
    monkeypatch.setenv("HOME", "/nowhere")
    settings = load_settings()
    assert settings.store_url == "sqlite:///monitor-data/monitor.db"
    assert settings.allow_networks == ()


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON in an environment variable is asking too much."""
    monkeypatch.setenv("MONITOR_ALLOW_NETWORKS", "127.0.0.0/8, ::1/128")
    assert load_settings().allow_networks == ("127.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONITOR_ALLOW_NETWORKS", "127.0.0.0/99"),
        ("MONITOR_CONSOLE_PORT", "http"),
        ("MONITOR_HIT_THRESHOLD", "1.5"),
        ("MONITOR_POLL_THREADS", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A value may be a password; the name is what helps."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        load_settings()
    if len(value) > 3:
        assert value not in str(caught.value).replace(name, "")


def test_the_reference_page_lists_every_setting() -> None:
    """Docs that lag behind mislead."""
    page = (Path(__file__).parents[2] / "docs/reference/settings.md").read_text()
    listed = set(re.findall(r"`(MONITOR_[A-Z_]+)`", page))
    assert listed == {f"MONITOR_{name.upper()}" for name in Settings.model_fields}
