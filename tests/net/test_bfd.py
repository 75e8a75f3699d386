# SPDX-License-Identifier: ISC
"""BFD beside BGP: with BIRD's and FRR's, and with a neighbour by hand."""

import ctypes
import os
import signal
import struct
import time

import pytest

from lab import Frr, Peer, bgp, stays, wait_until
from lab.bfd import BfdPeer
from lab.site import PREFIX4, node_text

BIRD_BFD = """\
protocol bfd {{
	interface "*" {{ interval 20 ms; multiplier 3; {auth} }};
	multihop {{ interval 20 ms; multiplier 3; }};
}}
"""
FRR_BFD = """\
bfd
 profile quick
  receive-interval 20
  transmit-interval 20
 !
!
"""
BFD = "bfd: {interval: 20ms, multiplier: 3}"


def bird(site, auth="", **options):
    options = {"options": "bfd on;", **options}
    return site.upstream(extra=BIRD_BFD.format(auth=auth)).expect(**options)


def frr(site, **options):
    return site.upstream(kind=Frr, bfd=FRR_BFD).expect(
        options=["bfd", "bfd profile quick"], **options)


def session(basin, name="transit"):
    return basin.ask("show bfd", name=name)["sessions"][0]


def status(basin, name="transit"):
    return session(basin, name)["status"]


def wait_status(basin, wanted, name="transit"):
    wait_until(lambda: status(basin, name) == wanted, 10,
               lambda: f"BFD {wanted}: {session(basin, name)}\n{basin.log()}",
               alive=basin.process.check)


def wait_fast(basin, seconds=0.06):
    wait_until(lambda: session(basin)["detection_seconds"] == seconds, 10,
               lambda: f"{seconds} s: {session(basin)}")


class Sieve:
    """Drops BFD and BGP silently in the router's namespace."""

    def __init__(self, namespace, what="udp dport 3784"):
        self.namespace, self.what = namespace, what
        namespace.run("nft", "add table inet t; add chain inet t c "
                      "{ type filter hook input priority 0; }")

    def lose(self):
        self.namespace.run("nft", f"add rule inet t c {self.what} drop")

    def heal(self):
        self.namespace.run("nft", "flush chain inet t c")


@pytest.mark.parametrize("make,family", [(bird, 4), (bird, 6), (frr, 4),
                                         (frr, 6)])
def test_silent_loss_ends_the_session_with_cease_bfd_down(site, make, family):
    transit = make(site, session=family).start()
    basin = site.basind(transit.peer(BFD, session=family)).start()
    transit.wait_routes()
    wait_status(basin, "up")
    wait_fast(basin)
    sieve = Sieve(site.node)
    sieve.lose()  # we hear nothing; our packets still arrive
    wait_status(basin, "down")
    wait_until(lambda: "BFD Down" in basin.peer_error("transit"), 10,
               lambda: basin.log())
    assert session(basin)["local"]["diagnostic"] == \
        "Control Detection Time Expired"
    sieve.heal()
    wait_status(basin, "up")
    transit.wait_routes(timeout=15)


@pytest.mark.parametrize("kind", ["md5", "meticulous-md5", "sha1",
                                  "meticulous-sha1", "simple"])
def test_authentication_with_bird(site, kind):
    key = site.node.dir / "bfd.key"
    key.write_text("secret\n")
    key.chmod(0o644)
    words = kind.replace("meticulous-", "meticulous keyed ")
    if "keyed" not in words and kind != "simple":
        words = "keyed " + words
    transit = bird(site, auth=f"authentication {words}; "
                              'password "secret" { id 7; };').start()
    basin = site.basind(transit.peer(
        "bfd: {interval: 20ms, authentication: "
        f"{{type: {kind}, key_id: 7, key_file: {key}}}}}"))
    key.chmod(0o640)
    basin.start()
    wait_status(basin, "up")
    wait_fast(basin)
    assert session(basin)["authenticated"]
    assert session(basin)["packets"]["refused"] == 0


def test_multihop_with_bird(site):
    transit = site.upstream(extra=BIRD_BFD.format(auth=""))
    transit.expect(options="bfd on; multihop 5;",
                   local=transit.address4).start()
    basin = site.basind(transit.peer(
        BFD + f"\nmultihop: true\nsource: {transit.node4}")).start()
    wait_status(basin, "up")
    assert session(basin)["multihop"]
    transit.wait_routes()


def test_a_clean_stop_says_admin_down(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD)).start()
    peer.bring_up()
    wait_status(basin, "up")
    basin.terminate()
    last = wait_until(lambda: peer.heard(lambda p: p.state == 0), 10,
                      "AdminDown is said")
    assert last.diag == 7
    assert basin.process.wait(10) == 0


def test_a_stopped_process_sends_nothing_and_alarms_nobody(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD)).start()
    peer.bring_up()
    wait_status(basin, "up")
    basin.process.signal(signal.SIGSTOP)
    peer.drain()
    stays(lambda: not peer.heard(lambda p: True), 0.3,
          "nothing is sent by a process that is stopped")
    basin.process.signal(signal.SIGCONT)
    wait_until(lambda: peer.heard(lambda p: p.state == 3), 10,
               "it goes on")
    assert status(basin) == "up"
    assert session(basin)["downs"] == 0


class Hung:
    """The main thread alone is held, by ptrace(2): the others go on."""

    SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000

    def __init__(self, pid):
        self.pid = pid
        self._libc = ctypes.CDLL(None, use_errno=True)

    def _ptrace(self, request):
        if self._libc.ptrace(request, self.pid, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self._ptrace(self.SEIZE)
        self._ptrace(self.INTERRUPT)
        os.waitpid(self.pid, self.WALL)

    def __exit__(self, *_):
        self._ptrace(self.DETACH)


def test_packets_stop_when_the_loop_hangs(site):
    """Fused liveness: the thread that sends still runs."""
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD)).start()
    peer.bring_up()
    wait_status(basin, "up")
    with Hung(basin.process.pid):
        def silent():
            peer.drain()
            time.sleep(0.3)
            return not peer.heard(lambda p: True)
        wait_until(silent, 10, "packets stop")
    wait_until(lambda: peer.heard(lambda p: p.state == 3), 10, "it goes on")
    thread = basin.ask("show bfd")["thread"]
    assert thread["mutes"] == 1 and not thread["mute"]
    assert session(basin)["downs"] == 0


def test_the_neighbours_admin_down_is_no_failure(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    speaker = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer(BFD, families=(4,))).start()
    speaker.accept().establish()
    peer.bring_up()
    wait_status(basin, "up")
    peer.send(state=0, diag=7)
    wait_status(basin, "admin_down")
    speaker.keepalive()
    assert basin.peer("transit")["state"] == "Established"
    speaker.hang_up()


def test_down_is_a_cease_and_the_routes_go(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    speaker = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer(BFD, families=(4,))).start()
    speaker.accept().establish()
    peer.bring_up()
    wait_status(basin, "up")
    peer.stop()
    assert speaker.expect(bgp.NOTIFICATION, 10).code == (6, 10)
    wait_until(lambda: basin.peer("transit")["state"] != "Established", 10,
               "the session has ended")


@pytest.mark.parametrize("strict", ["off", "on"])
@pytest.mark.parametrize("independent", [False, True])
def test_a_restarting_neighbour_is_kept_unless_its_bfd_stands_alone(
        site, independent, strict):
    """RFC 5882 section 4.3: the C bit says what silence means then."""
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    peer.independent = independent
    speaker = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer(
        f"bfd: {{interval: 20ms, multiplier: 3, strict: {strict}}}\n"
        "import: [198.51.100.0/24]", families=(4,))).start()
    peer.bring_up()
    restart = struct.pack(">HHBB", 120, 1, 1, 0x80)
    speaker.accept().establish(families=(bgp.IPV4,),
                               extra=bgp.capability(64, restart))
    hop = bytes(map(int, transit.address4.split(".")))
    speaker.send(bgp.update(
        bgp.attribute(1, b"\0")
        + bgp.attribute(2, struct.pack(">BBI", 2, 1, 65001))
        + bgp.attribute(3, hop), announced=["198.51.100.0/24"]))
    wait_status(basin, "up")
    wait_until(lambda: basin.peer("transit")["imported"] == 1, 10, "a route")
    speaker.close()
    wait_until(lambda: basin.peer("transit")["stale"] == 1, 10,
               lambda: basin.log())
    peer.stop()
    wait_status(basin, "down")
    assert basin.peer("transit")["stale"] == (0 if independent else 1)


def test_demand_is_answered(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD)).start()
    peer.bring_up()
    wait_status(basin, "up")
    peer.demand = True
    wait_until(lambda: session(basin)["remote"]["demand"], 10, "demand")
    wait_until(lambda: session(basin)["local"]["interval_seconds"] is None,
               10, "silence")
    peer.drain()
    peer.poll()
    final = wait_until(lambda: peer.heard(lambda p: p.final), 10, "a final")
    assert final.state == 3
    assert status(basin) == "up"


def test_packets_are_as_rfc_5881_wants_them(site):
    transit = site.upstream()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD)).start()
    peer.bring_up()
    wait_status(basin, "up")
    wait_until(lambda: len(peer.packets) > 20, 10, "packets")
    assert {p.ttl for p in peer.packets} == {255}
    ports = {p.port for p in peer.packets}
    assert len(ports) == 1 and min(ports) >= 49152
    slow = [p for p in peer.packets if p.state != 3]
    assert slow and all(p.desired >= 1000000 for p in slow)
    assert peer.packets[-1].desired == 20000
    before = session(basin)["packets"]["in"]
    peer.stop()
    peer.send(state=0, ttl=254)
    wait_status(basin, "down")  # not admin down: it was not looked at
    assert session(basin)["remote"]["state"] != "AdminDown"
    assert before > 0


def test_strict_waits_for_bfd(site):
    transit = site.upstream().expect().start()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(
        "bfd: {interval: 20ms, strict: true}")).start()
    stays(lambda: basin.peer("transit")["state"] == "Idle", 1.5,
          "no session before BFD is up")
    peer.bring_up()
    transit.wait_routes(timeout=15)
    peer.stop()
    transit.wait_gone(timeout=10)
    stays(lambda: basin.peer("transit")["state"] == "Idle", 1.0,
          "nor while it is down")


def test_a_reload_changes_the_interval_without_a_flap(site):
    transit = bird(site).start()
    basin = site.basind(transit.peer(BFD)).start()
    transit.wait_routes()
    wait_status(basin, "up")
    wait_fast(basin)
    basin.reload(site.config(transit.peer(
        "bfd: {interval: 50ms, multiplier: 4}")))
    wait_fast(basin, 0.15)
    assert session(basin)["downs"] == 0
    assert basin.peer("transit")["state"] == "Established"
    basin.reload(site.config(transit.peer()))
    wait_until(lambda: basin.ask("show bfd")["total"] == 0, 10, "it is gone")


def test_the_start_gate_waits_for_bfd(site):
    transit = site.upstream().expect().start()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    basin = site.basind(transit.peer(BFD), extra="start_gate: {bfd: true, "
                        "limit: 60s}\n").start()
    wait_until(lambda: basin.peer("transit")["state"] == "Established", 10,
               "the BGP session")
    wait_until(lambda: basin.ask("show prefixes")["prefixes"][0]["reason"] ==
               "gate_bfd", 10, lambda: basin.log())
    assert "transit" in basin.ask("status")["start_gate"]["waiting_for"]
    assert "gate_bfd" in basin.cli("why", PREFIX4)
    assert not transit.router.has(PREFIX4)
    peer.bring_up()
    transit.wait_routes(timeout=15)
    assert basin.ask("status")["start_gate"] is None


def test_the_start_gate_has_a_limit(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(BFD), extra="start_gate: {bfd: true, "
                        "limit: 1s}\n").start()
    transit.wait_routes(timeout=15)
    assert "still missing: BFD (transit)" in basin.log()


def test_a_session_is_a_check(site):
    transit = site.upstream().expect().start()
    peer = BfdPeer(transit.namespace, transit.address4, transit.node4)
    node = node_text().replace(
        "      - tcp: {port: 8053}\n",
        f"      - bfd: {{address: {transit.address4}, interval: 20ms}}\n")
    basin = site.basind(transit.peer(), node=node).start()
    peer.bring_up()
    transit.wait_routes(timeout=15)
    peer.stop()
    transit.wait_gone(timeout=10)
    assert "BFD session" in basin.cli("show", "checks", "--json")
