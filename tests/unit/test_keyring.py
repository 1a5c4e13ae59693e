"""Keys in a file: whole or not at all, private, and useless for anything but their purpose."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.keyring import Keyring


def test_a_sealed_value_is_read_again_with_the_same_file(tmp_path: Path) -> None:
    """A restart keeps what was sealed."""
    path = tmp_path / "keys" / "keys.json"
    sealed = Keyring.open(path).seal("contact", b"abc", "wechat")
    assert Keyring.open(path).unseal("contact", sealed, "wechat") == b"abc"


def test_a_sealed_value_is_bound_to_its_purpose_and_context(tmp_path: Path) -> None:
    """Bytes moved to another row or column cannot be read there."""
    keyring = Keyring.open(tmp_path / "keys.json")
    sealed = keyring.seal("contact", b"abc", "wechat")
    for purpose, context in (("endpoint", "wechat"), ("contact", "qq")):
        with pytest.raises(ConfigError, match="cannot be read"):
            keyring.unseal(purpose, sealed, context)
    with pytest.raises(ConfigError, match="cannot be read"):
        keyring.unseal("contact", sealed[:-1], "wechat")
    with pytest.raises(ConfigError, match="cannot be read"):
        keyring.unseal("contact", b"", "wechat")


def test_a_missing_file_that_somebody_named_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    """Of many machines each would else make keys of its own."""
    path = tmp_path / "keys.json"
    with pytest.raises(ConfigError, match=r"MONITOR_KEYS_FILE.*monitor init"):
        Keyring.open(path, may_create=False)
    assert not path.exists()
    Keyring.open(path)
    Keyring.open(path, may_create=False)


def test_equal_values_have_equal_digests_only_under_one_key(tmp_path: Path) -> None:
    """A digest of a short number tells nothing to whoever lacks the key."""
    first, second = Keyring.open(tmp_path / "a"), Keyring.open(tmp_path / "b")
    assert first.digest("contact", "12345") == first.digest("contact", "12345")
    assert first.digest("contact", "12345") != second.digest("contact", "12345")
    assert first.digest("contact", "12345") != first.digest("content", "12345")
    assert first.digest("content", "\ud800")


def test_the_file_is_private_and_a_public_one_is_refused(tmp_path: Path) -> None:
    """Whoever can read the file can read every contact."""
    path = tmp_path / "keys.json"
    Keyring.open(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Keyring.open(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"contact": "AA=="}', "\x00", "null"])
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, content: str) -> None:
    """It is never replaced in silence: that would lose every sealed value."""
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=r"keys\.json"):
        Keyring.open(path)
    assert path.read_text() == content


def test_starters_at_the_same_moment_get_the_same_keys(tmp_path: Path) -> None:
    """Two processes that create the file agree on one."""
    path = tmp_path / "keys.json"
    digests = []
    threads = [
        threading.Thread(target=lambda: digests.append(Keyring.open(path).digest("content", "x")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 8
    assert len(set(digests)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]
