# SPDX-License-Identifier: ISC
"""Neighbours that send anything: their session ends, all else goes on."""

import struct
import time

import pytest

from lab import Capture, Peer, bgp
from lab.site import PREFIX4

KEEPALIVE = bgp.frame(bgp.KEEPALIVE)


def header(length, kind, marker=bgp.MARKER):
    return marker + struct.pack(">HB", length, kind)


BEFORE_OPEN = {
    "a wrong marker": (b"\0" * 19, (1, 1)),
    "text": (b"GET / HTTP/1.0\r\nHost: x\r\n\r\n", (1, 1)),
    "a length below the header": (header(18, 4), (1, 2)),
    "a length above 4096": (header(4097, 1), (1, 2)),
    "a KEEPALIVE with a body": (header(20, 4) + b"x", (1, 2)),
    "an unknown type": (header(19, 9), (1, 3)),
    "BGP version 3": (bgp.open_message(65001, "10.6.6.6", version=3),
                      (2, 1)),
    "another AS": (bgp.open_message(64999, "10.6.6.6"), (2, 2)),
    "router id zero": (bgp.open_message(65001, "0.0.0.0"), (2, 3)),
    "a hold time of one second": (
        bgp.open_message(65001, "10.6.6.6", hold=1), (2, 6)),
    "capabilities longer than the message": (
        header(29 + 4, 1) + struct.pack(">BHH4sB", 4, 65001, 90, b"\1" * 4,
                                        4) + b"\2\xff\1\4", (2, 0)),
    "an UPDATE before OPEN": (bgp.update(), (5, 1)),
    "a KEEPALIVE before OPEN": (KEEPALIVE, (5, 1)),
}

AFTER_OPEN = {
    "a wrong marker later": (b"\xfe" * 19, (1, 1)),
    "a second OPEN": (bgp.open_message(65001, "10.6.6.6"), (5, 3)),
    "attributes longer than the message": (
        header(25, 2) + b"\0\0\xff\xff" + b"\0\0", (3, 1)),
    "withdrawn routes longer than the message": (
        header(23, 2) + b"\xff\xff\0\0", (3, 1)),
    "a prefix of 33 bits": (
        bgp.frame(2, b"\0\0" + struct.pack(">H", 20) +
                  bgp.path_attributes([65001], "10.0.1.2")[:20] +
                  b"\x21\1\2\3\4\5"), (3, 10)),
}


@pytest.fixture
def scene(site):
    """A steady BIRD, whose session must not feel anything, and a villain."""
    steady = site.upstream("steady", 65002).expect().start()
    hostile = site.upstream("hostile", 65001)
    villain = Peer(hostile.namespace, hostile.address4).listen()
    site.basind(hostile.peer("import: default\nmax_prefix: 10"),
                steady.peer()).start()
    steady.wait_routes()
    with Capture(steady.namespace, steady.interface) as wire:
        yield site, villain, steady
        assert steady.router.has(PREFIX4)
        assert not wire.disturbances()
    assert site.basin.process.running(), site.basin.log()
    assert site.basin.cli("status")


def told(villain, code):
    notification = villain.expect(bgp.NOTIFICATION)
    assert notification.code[0] == code[0], notification
    assert code[1] == 0 or notification.code[1] == code[1], notification
    assert villain.ended(), "the connection is closed behind it"


@pytest.fixture
def crowd(site):
    """A villain for every kind of nonsense, because one that misbehaves is
    not spoken to again for a while; and the steady BIRD."""
    steady = site.upstream("steady", 65002).expect().start()
    hostile = site.upstream("hostile", 65001)
    names = [*BEFORE_OPEN, *AFTER_OPEN]
    villains, peers = {}, []
    for number, name in enumerate(names):
        address = f"10.0.{hostile.link.number}.{100 + number}"
        hostile.namespace.ip(f"addr add {address}/24 dev node")
        villains[name] = Peer(hostile.namespace, address).listen()
        peers.append(hostile.peer(name=f"v{number}").replace(
            hostile.address4, address))
    site.basind(steady.peer(), *peers).start()
    steady.wait_routes()
    with Capture(steady.namespace, steady.interface) as wire:
        yield villains
        assert steady.router.has(PREFIX4)
        assert not wire.disturbances()
    assert site.basin.process.running(), site.basin.log()


def test_nonsense_is_answered_with_the_right_code_and_closed(crowd):
    failed = []
    for name, villain in crowd.items():
        villain.accept()
        if name in AFTER_OPEN:
            villain.establish()
        octets, code = {**BEFORE_OPEN, **AFTER_OPEN}[name]
        villain.send(octets)
        try:
            told(villain, code)
        except AssertionError as problem:
            failed.append(f"{name}: {problem}")
    assert not failed, "\n".join(failed)


def test_a_wrong_attribute_costs_the_route_and_not_the_session(scene):
    """RFC 7606: treat-as-withdraw."""
    site, villain, _ = scene
    villain.accept()
    villain.establish()
    good = bgp.path_attributes([65001], villain.address)
    villain.send(bgp.update(good, ["0.0.0.0/0"]))
    bad = good.replace(bgp.attribute(1, b"\0"), bgp.attribute(1, b"\7"))
    villain.send(bgp.update(bad, ["0.0.0.0/0"]))
    villain.keepalive()
    time.sleep(0.3)
    peer = site.basin.peer("hostile")
    assert peer["state"] == "Established"
    assert peer["imported"] == 0


def test_half_a_message_and_silence_disturb_nobody(scene):
    site, villain, _ = scene
    villain.accept()
    villain.send(bgp.open_message(65001, "10.6.6.6")[:23])
    time.sleep(0.5)
    assert site.basin.peer("steady")["state"] == "Established"
    villain.hang_up()
    villain.accept()
    villain.establish()


def test_one_octet_at_a_time_is_slow_but_right(scene):
    _, villain, _ = scene
    villain.accept()
    for octet in bgp.open_message(65001, "10.6.6.6") + KEEPALIVE:
        villain.send(bytes([octet]))
        time.sleep(0.005)
    assert villain.expect_routes()


def test_a_flood_of_updates_does_not_stop_the_others(scene):
    site, villain, _ = scene
    villain.accept()
    villain.establish()
    good = bgp.path_attributes([65001], villain.address)
    flood = b"".join(bgp.update(good, [f"203.0.{i % 250}.0/24"])
                     for i in range(250))
    since = time.monotonic()
    for _ in range(80):  # 20,000 UPDATEs
        villain.send(flood)
    site.basin.cli("status")
    assert time.monotonic() - since < 5
    assert site.basin.peer("hostile")["state"] == "Established"
    assert site.basin.peer("hostile")["imported"] == 0


def test_a_neighbour_that_never_speaks_disturbs_nobody(scene):
    site, villain, _ = scene
    villain.accept()
    time.sleep(1)
    assert site.basin.peer("steady")["state"] == "Established"
    assert site.basin.peer("hostile")["state"] == "OpenSent"


def test_words_of_a_peer_reach_the_log_and_the_terminal_escaped(scene):
    site, villain, _ = scene
    villain.accept()
    villain.establish()
    evil = b"\x1b[2J\x07owned\n<b>"
    villain.send(bgp.frame(bgp.NOTIFICATION, b"\6\2" + bytes([len(evil)]) +
                           evil))
    villain.ended()
    time.sleep(0.2)
    for text in (site.basin.log(), site.basin.cli("show", "peers")):
        assert "\x1b[2J" not in text and "\x07" not in text
    assert "owned" in site.basin.peer_error("hostile")
