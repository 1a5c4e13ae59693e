"""The proxy that fault tests break links with."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.servers.proxy import Proxy
from tools.services.server import free_port

PATIENCE_S = 60.0


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            for line in self.rfile:
                self.wfile.write(line)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Before a server that says what it hears."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        with Proxy(server.server_address[1]) as made:
            yield made
        server.shutdown()
        thread.join()


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_S)


def say(link: socket.socket, text: bytes) -> bytes:
    sender = threading.Thread(target=link.sendall, args=(text,))
    sender.start()
    heard = hear(link, len(text))
    sender.join()
    return heard


def hear(link: socket.socket, length: int) -> bytes:
    heard = b""
    while len(heard) < length and (part := link.recv(65_536)):
        heard += part
    return heard


def test_it_passes_on_what_comes_and_counts_connections(proxy: Proxy) -> None:
    text = b"x" * 3_000_000 + b"\n"
    with connect(proxy) as one, connect(proxy) as two:
        assert say(one, text) == text
        assert say(two, b"hello\n") == b"hello\n"
    assert proxy.accepted == 2


def test_a_proper_end_is_passed_on(proxy: Proxy) -> None:
    with connect(proxy) as link:
        assert say(link, b"hello\n") == b"hello\n"
        link.shutdown(socket.SHUT_WR)
        assert link.recv(1) == b""


def test_a_cut_breaks_links_and_lets_new_ones_through(proxy: Proxy) -> None:
    with connect(proxy) as link:
        say(link, b"hello\n")
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    with connect(proxy) as again:
        assert say(again, b"hello\n") == b"hello\n"


def test_a_refusing_proxy_is_not_there_until_it_heals(proxy: Proxy) -> None:
    with connect(proxy) as link:
        say(link, b"hello\n")
        proxy.refuse()
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.heal()
    with connect(proxy) as again:
        assert say(again, b"hello\n") == b"hello\n"


def test_a_black_hole_takes_everything_and_gives_it_up_when_healed(proxy: Proxy) -> None:
    with connect(proxy) as link:
        say(link, b"hello\n")
        proxy.black_hole()
        link.sendall(b"lost?\n")
        with connect(proxy) as new:
            new.sendall(b"new\n")
            for silent in (link, new):
                silent.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    silent.recv(1)
                silent.settimeout(PATIENCE_S)
            proxy.heal()
            assert hear(link, 6) == b"lost?\n"
            assert hear(new, 4) == b"new\n"


def test_a_delay_holds_each_direction_back(proxy: Proxy) -> None:
    with connect(proxy) as link:
        say(link, b"hello\n")
        proxy.delay(0.2)
        started = time.monotonic()
        say(link, b"slow\n")
        assert time.monotonic() - started >= 0.4


def test_what_clients_say_can_be_changed_until_it_heals(proxy: Proxy) -> None:
    proxy.alter(lambda piece: piece.replace(b"right", b"wrong"))
    with connect(proxy) as link:
        assert say(link, b"right\n") == b"wrong\n"
        proxy.heal()
        assert say(link, b"right\n") == b"right\n"


def test_a_target_that_is_gone_resets_the_client() -> None:
    with Proxy(free_port()) as lonely, connect(lonely) as link, pytest.raises(ConnectionError):
        link.recv(1)


def test_an_address_goes_through_with_its_password(proxy: Proxy) -> None:
    url = "postgresql://me:secret@127.0.0.1:5432/db?sslmode=disable"
    assert proxy.through(url) == f"postgresql://me:secret@127.0.0.1:{proxy.port}/db?sslmode=disable"
