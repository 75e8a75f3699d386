# SPDX-License-Identifier: ISC
"""Neighbours that do everything a neighbour should not: beside them a BIRD has
a steady session, which must not notice."""

import contextlib
import ipaddress
import pathlib
import socket
import struct
import threading

import pytest

from lab import Capture, Peer, bgp, wait_until
from lab.site import PREFIX4

DEFAULT = "import: default\nmax_prefix: 10\n"


def memory(basin):
    """kB that basind holds."""
    for line in pathlib.Path(
            f"/proc/{basin.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Scene:
    def __init__(self, site, more=DEFAULT):
        self.site = site
        self.steady = site.upstream("steady", 65002).expect().start()
        self.hostile = site.upstream("hostile", 65001)
        self.villain = Peer(self.hostile.namespace,
                            self.hostile.address4).listen()
        self.basin = site.basind(self.steady.peer(),
                                 self.hostile.peer(more)).start()
        self.steady.wait_routes()

    def facts(self):
        return self.basin.peer("hostile")

    def up(self):
        self.villain.accept()
        self.villain.establish()
        return self

    @contextlib.contextmanager
    def undisturbed(self):
        with Capture(self.steady.namespace, self.steady.interface) as wire:
            yield
            assert self.basin.peer("steady")["established"] == 1
            assert self.steady.router.has(PREFIX4)
            assert not wire.disturbances()
        assert self.basin.process.running(), self.basin.log()


@pytest.fixture
def scene(site):
    return Scene(site)


def many(first, n, address):
    """UPDATEs with n prefixes of /32 from a number on."""
    head = bgp.path_attributes([65001], address)
    out, room = [], 780  # prefixes of five octets in one message
    for start in range(first, first + n, room):
        routes = b"".join(
            b"\x20" + struct.pack(">I", number)
            for number in range(start, min(start + room, first + n)))
        body = (b"\0\0" + struct.pack(">H", len(head)) + head + routes)
        out.append(bgp.frame(bgp.UPDATE, body))
    return b"".join(out)


def pour(villain, n, address):
    """Sends them all, or what goes before the connection ends."""
    first = int(ipaddress.IPv4Address("11.0.0.0"))
    villain.socket.settimeout(60)
    try:
        for start in range(0, n, 78000):
            villain.socket.sendall(
                many(first + start, min(78000, n - start), address))
    except (ConnectionError, TimeoutError):
        return False
    return True


def test_two_million_prefixes_that_nobody_wants(scene):
    """Import of the default route alone: time and memory stay bounded."""
    scene.up()
    before = memory(scene.basin)
    with scene.undisturbed():
        assert pour(scene.villain, 2_000_000, scene.hostile.address4)
        scene.villain.send(bgp.update(bgp.path_attributes(
            [65001], scene.hostile.address4), ["0.0.0.0/0"]))
        wait_until(lambda: scene.facts()["imported"] == 1, 60,
                   lambda: f"all is read: {scene.facts()}")
    assert scene.facts()["state"] == "Established"
    assert memory(scene.basin) - before < 8192


def test_two_million_prefixes_end_at_the_limit(site):
    wanted = ", ".join(f"11.0.0.{i}/32" for i in range(20))
    scene = Scene(site, f"import: [{wanted}]\nmax_prefix: 10\n").up()
    before = memory(scene.basin)
    with scene.undisturbed():
        # The connection lingers for what it hands over, then it is gone.
        pour(scene.villain, 2_000_000, scene.hostile.address4)
        assert scene.villain.ended(timeout=20)
        wait_until(lambda: "maximum of 10" in
                   scene.basin.peer_error("hostile"), 10, scene.facts)
    assert scene.facts()["imported"] == 0
    assert memory(scene.basin) - before < 8192


def test_one_octet_at_a_time_keeps_its_meaning(scene):
    scene.villain.accept()
    scene.villain.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    routes = bgp.update(bgp.path_attributes(
        [65001], scene.hostile.address4), ["0.0.0.0/0"])
    with scene.undisturbed():
        for octet in (bgp.open_message(65001, "10.6.6.6") +
                      bgp.frame(bgp.KEEPALIVE) + routes):
            scene.villain.send(bytes([octet]))
        wait_until(lambda: scene.facts()["imported"] == 1, 10, scene.facts)


def test_resets_in_the_middle_of_messages(scene):
    """The next connection begins anew, whatever was cut off."""
    stream = (bgp.open_message(65001, "10.6.6.6") +
              bgp.frame(bgp.KEEPALIVE) +
              bgp.update(bgp.path_attributes([65001],
                                             scene.hostile.address4),
                         ["0.0.0.0/0"]))
    with scene.undisturbed():
        for cut in (1, 18, 19, 30, len(stream) - 1):
            scene.villain.accept(30)
            scene.villain.send(stream[:cut])
            scene.villain.socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            scene.villain.hang_up()
        scene.villain.accept(30)
        scene.villain.send(stream)
        wait_until(lambda: scene.facts()["imported"] == 1, 10, scene.facts)


def test_a_neighbour_that_never_reads_is_given_up(site):
    """It keeps alive and takes nothing: RFC 9687 ends it."""
    site.node.run("sysctl", "-qw", "net.ipv4.tcp_wmem=4096 4096 4096")
    scene = Scene(site, DEFAULT + "hold_time: 3s\nsend_hold_time: 6s\n")
    scene.villain._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                       2304)
    scene.villain.accept().hang_up()  # it came before the small buffer
    scene.up()
    stop = threading.Event()

    def ask():  # and asks for all again and again
        refresh = bgp.frame(bgp.REFRESH, struct.pack(">HBB", 1, 0, 1))
        while not stop.wait(0.02):
            try:
                scene.villain.socket.sendall(
                    bgp.frame(bgp.KEEPALIVE) + refresh * 100)
            except OSError:
                return
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with scene.undisturbed():
            wait_until(lambda: "send hold timer" in
                       scene.basin.peer_error("hostile"), 60,
                       lambda: f"{scene.facts()}")
    finally:
        stop.set()
        asking.join()


def connect_and_leave(source, node):
    with socket.socket() as one:
        one.settimeout(5)
        one.bind((source, 0))
        with contextlib.suppress(OSError):
            one.connect((node, 179))


def test_thousands_of_connections(scene):
    """From the neighbour and from a stranger; the established one stays."""
    scene.up()
    node = scene.hostile.node4
    scene.hostile.namespace.ip("addr add 10.0.2.77/24 dev node")
    with scene.undisturbed():
        with scene.hostile.namespace:  # once: to enter it takes its time
            for source in (scene.hostile.address4, "10.0.2.77"):
                for _ in range(1000):
                    connect_and_leave(source, node)
        scene.villain.keepalive()
        assert scene.basin.cli("show", "peers")
    assert scene.facts()["state"] == "Established"
    descriptors = pathlib.Path(f"/proc/{scene.basin.process.pid}/fd")
    wait_until(lambda: len(list(descriptors.iterdir())) < 100, 10,
               "their descriptors are closed")
