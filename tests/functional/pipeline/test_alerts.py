"""From a hit or a verdict to a receiver: who is told what, when again, and what is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from monitor.domain.alert import Alert, AlertState, EndpointMode
from monitor.domain.clock import ManualClock, SystemClock
from monitor.domain.hit import HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.errors import AddressRefused, InputError
from monitor.pipeline.alert import claim_sends, send_alert
from monitor.pipeline.look import look_at
from monitor.pipeline.workspace import Workspace
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.store import looks
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手 懂的来 现货 包过"


@pytest.fixture
def clock() -> ManualClock:
    """Starts at the real time: receivers check the age of a signature."""
    return ManualClock(SystemClock().now())


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """Takes everything."""
    with ScriptedServer() as server:
        server.route("/hook", Reply(204))
        yield server


@pytest.fixture
def watch_id(workspace: Workspace, shop: Shop) -> int:
    """A watch whose baseline has been seen: from here on, new hits are news."""
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")
    shop.put(Card("old", OFFER + " 旧"))
    found = watches.list_watches(workspace)[0].id
    watches.poll_now(workspace, found)
    return found


def add_endpoint(
    workspace: Workspace, receiver: ScriptedServer, mode: EndpointMode
) -> endpoints.NewEndpoint:
    return endpoints.add(workspace, mode.value, receiver.url("/hook"), mode=mode, actor="test")


def send(workspace: Workspace) -> list[Alert | None]:
    return [send_alert(workspace, entry) for entry in claim_sends(workspace, limit=50)]


def received(receiver: ScriptedServer) -> list[tuple[str, str]]:
    """(type, native id) of all that arrived."""
    found = []
    for request in receiver.seen("/hook"):
        body = json.loads(request.body)
        found.append((body["type"], body["data"]["hit"]["listing"]["native_id"]))
    return found


def hit_id(workspace: Workspace, native_id: str) -> int:
    found = triage.queue(workspace, HitFilter())
    return next(hit.id for hit in found if hit.native_id == native_id)


def judge(workspace: Workspace, native_id: str, verdict: Verdict) -> None:
    triage.triage(workspace, hit_id(workspace, native_id), verdict, reason="seen", actor="li")


def test_a_new_hit_reaches_an_endpoint_that_asked_for_hits_signed(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """An independent library accepts the signature over the bytes that arrived."""
    new = add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    assert [alert.state for alert in send(workspace) if alert] == [AlertState.DELIVERED]
    (request,) = receiver.seen("/hook")
    body = Webhook(new.secret).verify(request.body, dict(request.headers))
    assert body["type"] == "hit.suspected"
    assert received(receiver) == [("hit.suspected", "new")]
    assert send(workspace) == []


def test_the_first_look_of_a_watch_alerts_nobody(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer
) -> None:
    """What was there before we came is for triage."""
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")
    shop.put(Card("old", OFFER))
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
    assert len(triage.queue(workspace, HitFilter())) == 1
    assert claim_sends(workspace, limit=9) == []


def test_by_default_a_person_decides(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """`on_verdict`: nothing on a hit, one alert on the verdict."""
    add_endpoint(workspace, receiver, EndpointMode.ON_VERDICT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    assert claim_sends(workspace, limit=9) == []
    judge(workspace, "new", Verdict.UNSURE)
    assert claim_sends(workspace, limit=9) == []
    judge(workspace, "new", Verdict.CONFIRMED)
    send(workspace)
    assert received(receiver) == [("hit.confirmed", "new")]


def test_a_benign_verdict_takes_a_delivered_alert_back(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """The receiver is told once that it was a mistake."""
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    judge(workspace, "new", Verdict.BENIGN)
    judge(workspace, "new", Verdict.BENIGN)
    send(workspace)
    assert received(receiver) == [("hit.suspected", "new"), ("hit.retracted", "new")]


def test_an_alert_of_which_nothing_was_sent_is_cancelled_without_a_word(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """No retraction of what nobody heard."""
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    judge(workspace, "new", Verdict.BENIGN)
    assert send(workspace) == [None]
    assert received(receiver) == []
    assert [a.state for a in endpoints.list_alerts(workspace)] == [AlertState.CANCELLED]


def test_a_failed_try_may_have_been_heard_so_it_is_retracted(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """A receiver that answers 500 has read the message all the same."""
    receiver.route("/hook", Reply(500), Reply(204))
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    judge(workspace, "new", Verdict.BENIGN)
    send(workspace)
    assert ("hit.retracted", "new") in received(receiver)


def test_retries_keep_the_id_and_the_bytes_and_survive_a_restart(
    workspace: Workspace,
    shop: Shop,
    receiver: ScriptedServer,
    watch_id: int,
    clock: ManualClock,
) -> None:
    """Another process goes on where the first one stopped."""
    receiver.route("/hook", Reply(500), Reply(503), Reply(204))
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    assert claim_sends(workspace, limit=9) == []
    clock.advance(6)
    other = Workspace(workspace.settings, clock=clock)
    send(other)
    clock.advance(331)
    (alert,) = send(other)
    other.close()
    assert alert is not None
    assert (alert.state, alert.attempts) == (AlertState.DELIVERED, 3)
    requests = receiver.seen("/hook")
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    tries = endpoints.alert_detail(workspace, alert.id).attempts
    assert [attempt.http_status for attempt in tries] == [500, 503, 204]


def test_after_all_tries_an_alert_is_dead_and_can_be_replayed(
    workspace: Workspace,
    shop: Shop,
    receiver: ScriptedServer,
    watch_id: int,
    clock: ManualClock,
) -> None:
    """Nothing vanishes: the same id goes out again."""
    receiver.route("/hook", Reply(500))
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    for _ in range(12):
        send(workspace)
        clock.advance(100_000)
    (alert,) = endpoints.list_alerts(workspace)
    assert alert.state is AlertState.DEAD
    receiver.route("/hook", Reply(204))
    endpoints.replay(workspace, [alert.id], actor="li")
    (again,) = send(workspace)
    assert again is not None
    assert (again.state, again.webhook_id) == (AlertState.DELIVERED, alert.webhook_id)


def test_410_disables_the_endpoint(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """The receiver wants nothing more; a person can turn it on again."""
    receiver.route("/hook", Reply(410))
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    (endpoint,) = endpoints.list_endpoints(workspace)
    assert endpoint.is_disabled
    assert "410" in endpoint.disabled_reason
    shop.put(Card("newer", OFFER + " 二"))
    watches.poll_now(workspace, watch_id)
    assert send(workspace) == []


def test_one_listing_alerts_again_only_when_worse_and_at_most_once_a_day(
    workspace: Workspace,
    shop: Shop,
    receiver: ScriptedServer,
    watch_id: int,
    clock: ManualClock,
) -> None:
    """An edit is no news; a new contact is, on the next day."""
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    shop.edit("new", title=OFFER + " 加微信 abc123xyz 教程 秒发 私聊")
    watches.poll_now(workspace, watch_id)
    send(workspace)
    assert len(received(receiver)) == 1
    clock.advance(timedelta(days=2).total_seconds())
    shop.edit("new", title=OFFER + " 加微信 zzz999zzz 手持正反面")
    watches.poll_now(workspace, watch_id)
    send(workspace)
    assert len(received(receiver)) == 2


def test_whoever_was_told_hears_that_a_listing_is_gone(
    workspace: Workspace, shop: Shop, receiver: ScriptedServer, watch_id: int
) -> None:
    """The item page says it, once."""
    add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    shop.put(Card("new", OFFER))
    watches.poll_now(workspace, watch_id)
    send(workspace)
    del shop.cards["new"]
    watches.poll_now(workspace, watch_id)
    with workspace.database.write() as tx:
        claims = looks.claim_due(tx, now=workspace.database.now(), lease_s=60, limit=9)
    for claim in claims:
        look_at(workspace, claim)
    send(workspace)
    assert received(receiver) == [("hit.suspected", "new"), ("hit.gone", "new")]


def test_an_address_inside_is_refused_when_it_is_added(workspace: Workspace) -> None:
    """The gate speaks before anything is stored."""
    with pytest.raises(AddressRefused):
        endpoints.add(workspace, "x", "ftp://moderation.example/", actor="li")
    with pytest.raises(InputError):
        endpoints.add(workspace, "", "https://moderation.example/", actor="li")
    assert endpoints.list_endpoints(workspace) == []


def test_a_rotated_secret_signs_beside_the_old_one(
    workspace: Workspace, receiver: ScriptedServer
) -> None:
    """Receivers may change over in their own time."""
    first = add_endpoint(workspace, receiver, EndpointMode.ON_HIT)
    second = endpoints.rotate(workspace, "on_hit", actor="li")
    endpoints.ping(workspace, "on_hit", actor="li")
    send(workspace)
    (request,) = receiver.seen("/hook")
    for secret in (first.secret, second.secret):
        assert Webhook(secret).verify(request.body, dict(request.headers))
