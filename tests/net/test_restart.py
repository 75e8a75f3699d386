# SPDX-License-Identifier: ISC
"""Graceful restart (RFC 4724, RFC 8538): what stays when a session is lost,
and that nothing of ours stays when we die, unless somebody asked for it."""

import signal
import struct
import time

import pytest

from lab import Peer, bgp, wait_until
from lab.frr import Frr
from lab.site import PREFIX4, PREFIX6

DEFAULT = "import: default"
R, N = 8, 4  # flags of the capability


def restart(flags=0, seconds=60, families=(1, 2), forwarding=True):
    """Capability 64."""
    value = struct.pack(">H", flags << 12 | seconds)
    for family in families:
        value += struct.pack(">HBB", family, 1, 0x80 if forwarding else 0)
    return bgp.capability(64, value)


def offered(message):
    """(flags, seconds, families) of an OPEN."""
    value, = message.capabilities[64]
    head, = struct.unpack(">H", value[:2])
    return head >> 12, head & 0xfff, len(value[2:]) // 4


def hard_reset(code, data=b""):
    return bgp.frame(bgp.NOTIFICATION, bytes([6, 9, *code]) + data)


class Helped:
    """A neighbour by hand that sends a default route and then misbehaves."""

    def __init__(self, site, extra="", more=DEFAULT, **capability):
        self.site = site
        upstream = site.upstream("transit")
        self.peer = Peer(upstream.namespace, upstream.address4).listen()
        self.capability = capability
        self.node4 = upstream.node4
        self.basin = site.basind(
            upstream.peer(more + "\nhold_time: 9s\n" + extra)).start()

    def up(self, routes=("0.0.0.0/0",), end=False, **capability):
        self.peer.accept()
        self.open = self.establish(**capability)
        if routes:
            self.tell(*routes)
        if end:
            self.end_of_rib()
        return self

    def establish(self, **capability):
        return self.peer.establish(
            extra=restart(**{**self.capability, **capability}))

    def tell(self, *routes):
        self.peer.send(bgp.update(bgp.path_attributes(
            [65001], self.peer.address), routes))
        self.imports(len(routes))

    def end_of_rib(self):
        self.peer.send(bgp.update())
        self.peer.send(bgp.frame(
            bgp.UPDATE, b"\0\0\0\6" + bgp.attribute(15, b"\0\2\1", 0x80)))
        return self

    def facts(self):
        return self.basin.peer("transit")

    def imports(self, n, stale=0):
        wait_until(lambda: (self.facts()["imported"],
                            self.facts()["stale"]) == (n, stale), 10,
                   lambda: f"{n} imported, {stale} stale in {self.facts()}\n"
                   f"{self.basin.log()}")

    def phase(self):
        return self.facts()["graceful_restart"]["phase"]


def test_routes_of_a_restarting_neighbour_stay_until_end_of_rib(site):
    helped = Helped(site, more="import: [0.0.0.0/0, 203.0.113.0/24]")
    helped.up(["0.0.0.0/0", "203.0.113.0/24"])
    assert offered(helped.open) == (N, 0, 0)  # a helper, and not restarted
    helped.peer.hang_up()
    helped.imports(2, stale=2)
    assert helped.phase() == "waiting"
    assert "stale" in helped.basin.cli("show", "peers")
    helped.up(routes=(), flags=R)
    helped.peer.send(bgp.update(bgp.path_attributes(
        [65001], helped.peer.address), ["0.0.0.0/0"]))
    helped.imports(2, stale=1)
    assert helped.phase() == "resyncing"
    helped.end_of_rib()
    helped.imports(1)
    assert helped.phase() == "none"


@pytest.mark.parametrize("capability, told", [
    ({"families": ()}, None),  # it cannot restart
    ({}, (6, 2)),              # it said goodbye
    ({"flags": N}, "hard"),    # and meant it
])
def test_routes_of_a_neighbour_that_is_gone_go(site, capability, told):
    helped = Helped(site, **capability).up()
    if told == "hard":
        helped.peer.send(hard_reset((6, 2)))
    elif told:
        helped.peer.send(bgp.frame(bgp.NOTIFICATION, bytes(told)))
    if told:
        assert helped.peer.ended()
    helped.peer.hang_up()
    helped.imports(0)
    assert told != "hard" or "6/9 (Cease/Hard Reset) of 6/2" \
        in helped.basin.peer_error("transit").replace(" / ", "/")


def test_with_the_n_bit_a_notification_is_a_restart(site):
    helped = Helped(site, flags=N).up()
    helped.peer.send(bgp.frame(bgp.NOTIFICATION, b"\6\6"))
    assert helped.peer.ended()
    helped.peer.hang_up()
    helped.imports(1, stale=1)
    # Lost once more before End-of-RIB: still kept (RFC 8538 section 4.1).
    helped.up(routes=()).peer.hang_up()
    helped.imports(1, stale=1)
    helped.up(routes=(), forwarding=False)
    helped.imports(0)


def test_a_second_restart_without_the_n_bit_drops_what_was_stale(site):
    helped = Helped(site).up()
    helped.peer.hang_up()
    helped.imports(1, stale=1)
    helped.up(routes=()).peer.hang_up()
    helped.imports(0)


def test_hold_expiry_is_a_restart_with_the_n_bit(site):
    helped = Helped(site, extra="keepalive: 1s", flags=N)
    helped.peer.accept()
    helped.peer.establish(hold=3, extra=restart(flags=N))
    helped.tell("0.0.0.0/0")
    note = helped.peer.expect(bgp.NOTIFICATION, 10)
    assert note.code == (4, 0)
    helped.imports(1, stale=1)


@pytest.mark.parametrize("extra, seconds", [
    ("", 1), ("graceful_restart: {stale_time: 1s}", 60)],
    ids=["its restart time", "our stale time"])
def test_retention_ends(site, extra, seconds):
    helped = Helped(site, extra=extra, seconds=seconds).up()
    helped.peer._listener.close()
    helped.peer.hang_up()
    helped.imports(0)
    assert "stale route dropped: the peer did not come back" \
        in helped.basin.log()


def test_a_new_connection_ends_the_session_without_a_word(site):
    helped = Helped(site).up()
    old = helped.peer.socket
    time.sleep(2.2)  # else it would be a collision
    helped.peer.connect(helped.node4)
    helped.establish(flags=R)
    helped.imports(1, stale=1)
    old.settimeout(5)
    rest = b"".join(iter(lambda: old.recv(65536), b""))  # to the end
    assert bgp.NOTIFICATION not in [kind for kind, _ in bgp.split(rest)[0]]
    helped.end_of_rib()
    helped.imports(0)


def test_off_keeps_and_offers_nothing(site):
    helped = Helped(site, extra="graceful_restart: off").up()
    assert 64 not in helped.open.capabilities
    helped.peer.hang_up()
    helped.imports(0)


def test_an_operators_stop_is_a_hard_reset_where_it_counts(site):
    helped = Helped(site, flags=N).up()
    helped.basin.terminate()
    note = helped.peer.expect(bgp.NOTIFICATION)
    assert note.code == (6, 9)
    assert note.data[:2] == b"\6\2"
    assert b"stopped by the operator" in note.data[3:]


def test_stale_routes_go_when_the_peer_is_removed_from_import(site):
    helped = Helped(site).up()
    text = helped.basin.path.read_text()
    helped.peer._listener.close()
    helped.peer.hang_up()
    helped.imports(1, stale=1)
    helped.basin.path.write_text(text.replace(DEFAULT, "import: none"))
    helped.basin.process.signal(signal.SIGHUP)
    helped.imports(0)


# ---- our own death -------------------------------------------------------

def killed(upstream, basin):
    """Kills basind as nobody can prevent: what does the neighbour keep?"""
    upstream.wait_routes()
    basin.kill()
    wait_until(lambda: not upstream.router.established(upstream.node4), 10,
               "the neighbour sees the end of the session")


@pytest.mark.parametrize("kind", ["bird", "frr"])
def test_routes_of_a_killed_node_are_gone_at_once(site, kind):
    if kind == "frr":
        upstream = site.upstream("transit", kind=Frr).expect(
            options=("graceful-restart",))
    else:
        upstream = site.upstream("transit").expect(options="graceful restart on;")
    upstream.start()
    basin = site.basind(upstream.peer()).start()
    killed(upstream, basin)
    upstream.wait_gone(PREFIX4, PREFIX6)


def test_on_keeps_a_dead_nodes_routes_and_check_says_so(site):
    upstream = site.upstream("transit").expect(options="graceful restart on;")
    upstream.start()
    basin = site.basind(upstream.peer(
        "graceful_restart: {mode: on, forwarding: true}")).start()
    status, said = basin.command("check", basin.path)
    assert status == 0 and "goes on sending traffic" in said
    killed(upstream, basin)
    assert upstream.router.has(PREFIX4)  # the conflict
    basin.start()
    wait_until(lambda: "announcing begins" in basin.log(), 10,
               "End-of-RIB of the neighbour")
    upstream.wait_routes()


def test_after_a_restart_announcing_waits_for_end_of_rib(site):
    upstream = site.upstream("transit")
    peer = Peer(upstream.namespace, upstream.address4).listen()
    basin = site.basind(upstream.peer("graceful_restart: on")).start()
    peer.accept()
    assert offered(peer.establish(extra=restart())) == (N, 120, 2)
    assert peer.expect_routes()
    basin.kill()
    assert peer.ended()
    basin.start()
    peer.accept()
    assert offered(peer.establish(extra=restart())) == (N | R, 120, 2)
    facts = basin.peer("transit")
    assert facts["graceful_restart"]["deferring"]
    with pytest.raises(AssertionError):
        peer.expect_routes(timeout=1)
    peer.send(bgp.update())
    peer.send(bgp.frame(
        bgp.UPDATE, b"\0\0\0\6" + bgp.attribute(15, b"\0\2\1", 0x80)))
    assert peer.expect_routes()
    # It stopped in order: the next start is none after a crash.
    basin.terminate()
    basin.process.wait(10)
    basin.start()
    peer.accept()
    assert offered(peer.establish(extra=restart()))[0] == N
    assert peer.expect_routes()


def test_graceful_shutdown_makes_an_imported_route_the_last(site):
    helped = Helped(site).up(routes=())
    helped.peer.send(bgp.update(
        bgp.path_attributes([65001], helped.peer.address) +
        bgp.attribute(8, b"\xff\xff\0\0", 0xc0), ["0.0.0.0/0"]))
    helped.imports(1)
    route, = helped.basin.ask("show routes", direction="in")["routes"]
    assert route["local_pref"] == 0
