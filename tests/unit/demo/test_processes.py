"""Market and receiver as processes of their own, which a killed monitor leaves alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.unit.demo.webhooks import SECRET, post


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """The address that the process prints; it must end properly when it is told to."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_market_runs_in_a_process_of_its_own(http: httpx.Client) -> None:
    """It prints where it is, shows the shipped or generated goods, and is moved by JSON."""
    with running("monitor.demo.market", "--listings", "50", "--page-size", "100") as url:
        assert http.get(f"{url}/api/search").json()["data"]["total"] == 50
        http.post(f"{url}/_demo/add", json={"id": "n", "title": "手持照"})
        assert http.get(f"{url}/api/search").json()["data"]["total"] == 51


def test_a_market_in_a_process_can_wait_for_its_beginning(http: httpx.Client) -> None:
    """A test lets the first looks end before anything moves."""
    with running("monitor.demo.market", "--still") as url:
        before = http.get(f"{url}/_demo/appeared").json()["appeared"]
        assert http.post(f"{url}/_demo/begin", json={}).status_code == 200
        http.post(f"{url}/_demo/mode", json={"mode": "captcha"})
        assert "安全验证" in http.get(f"{url}/search").text
        assert len(before) > 280


def test_a_receiver_remembers_over_its_own_end(tmp_path: Path, http: httpx.Client) -> None:
    """What it acknowledged is on the disk, and a repeat after a restart is dropped."""
    log = tmp_path / "received.jsonl"
    for count, repeats in ((1, 0), (1, 1)):
        arguments = ("--secret", SECRET, "--log", str(log))
        with running("monitor.demo.receiver", *arguments) as url:
            assert post(http, url, message_id="msg_1").status_code == 200
            state = http.get(url.replace("/hook", "/_demo/state")).json()
            assert (state["alerts"], state["repeats"]) == (count, repeats)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1
