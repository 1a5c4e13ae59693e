"""Signatures: the reference vector, an independent receiver, rotation, stable ids."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.alerts.signing import generate_secret, parse_secret, sign, webhook_id
from monitor.errors import InputError


def test_the_reference_vector_of_the_specification() -> None:
    """Standard Webhooks 1.0.0."""
    headers = sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
@settings(max_examples=60, deadline=None)
def test_an_independent_receiver_accepts(text: str) -> None:
    """The library that receivers use, over any body."""
    secret = generate_secret()
    body = text.encode()
    headers = sign("msg_1", datetime.now(UTC), body, [secret])
    Webhook(secret).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(generate_secret()).verify(body, headers, json_parse=False)


def test_a_rotation_is_signed_for_old_and_new() -> None:
    """Receivers may change their secret at any time in between."""
    old, new = generate_secret(), generate_secret()
    headers = sign("msg_1", datetime.now(UTC), b"{}", [new, old])
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret).verify(b"{}", headers)


def test_secrets_are_fresh_and_of_the_right_size() -> None:
    """256 bits, never the same."""
    secrets = {generate_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(parse_secret(secret)) for secret in secrets} == {32}


@pytest.mark.parametrize("size", [24, 25, 32, 63, 64])
def test_a_secret_may_come_without_padding(size: int) -> None:
    """Copied from a page, with blanks around it."""
    key = bytes(range(size))
    text = "whsec_" + base64.b64encode(key).decode().rstrip("=")
    assert parse_secret(f" {text}\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        "whsec_!!!!9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8G KYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_秘密",
    ],
)
def test_an_unfit_secret_is_refused_without_repeating_it(text: str) -> None:
    """Errors end up in logs."""
    with pytest.raises(InputError) as caught:
        parse_secret(text)
    assert len(text) < 10 or text.removeprefix("whsec_") not in str(caught.value)


@pytest.mark.parametrize("secrets", [[], [generate_secret()] * 11])
def test_one_to_ten_secrets_sign(secrets: list[str]) -> None:
    """An unsigned alert is never sent."""
    with pytest.raises(InputError, match="1 to 10"):
        sign("msg_1", datetime.now(UTC), b"", secrets)


@pytest.mark.parametrize("unfit", ["", "msg.1", "msg 1", "msg\n1", "a" * 65, "消息"])
def test_an_unfit_id_is_refused(unfit: str) -> None:
    """A dot in the id would let one signature stand for two messages."""
    with pytest.raises(InputError, match="webhook id"):
        sign(unfit, datetime.now(UTC), b"", [generate_secret()])


def test_ids_are_the_same_for_ever() -> None:
    """If this fails, receivers see every alert of the past a second time."""
    assert webhook_id("key", "hit.confirmed:42", 1) == (
        "msg_6a0f9e43408bf731133f67a389f01aaf31fc56fa"
    )


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=4), st.text(max_size=12))
@settings(max_examples=150, deadline=None)
def test_ids_of_different_causes_differ(key: str, cause: str, version: str, other: str) -> None:
    """Also where one part ends as the next begins; and they fit the header and the column."""
    found = webhook_id(key, cause, version)
    assert len(found) == 44
    assert "." not in found
    sign(found, datetime.now(UTC), b"", [generate_secret()])
    if other:
        assert found != webhook_id(key + other, cause, version)
        assert found != webhook_id(key, cause + other, version)
        assert found != webhook_id(key, cause, version + other)
        assert webhook_id(key + other, cause, version) != webhook_id(key, other + cause, version)
