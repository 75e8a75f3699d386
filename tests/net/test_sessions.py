# SPDX-License-Identifier: ISC
"""Sessions in bad weather: wrong, gone, colliding, late."""

import time

import pytest

from lab import Bird, Capture, Frr, Peer, bgp, stays, wait_until
from lab.site import PREFIX4

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr],
                                  ids=["bird", "frr"])


@ROUTERS
def test_a_router_that_restarts_gets_the_routes_again(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    transit.router.stop()
    transit.router.start()
    transit.wait_routes(timeout=8)


def test_the_other_upstream_does_not_notice_a_restart(site):
    steady = site.upstream("steady", 65002).expect().start()
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), steady.peer()).start()
    transit.wait_routes()
    steady.wait_routes()
    with Capture(steady.namespace, steady.interface) as wire:
        transit.router.stop()
        transit.router.start()
        transit.wait_routes(timeout=8)
        assert not wire.disturbances()


def test_a_link_that_comes_back_brings_the_routes_back(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer("hold_time: 3s")).start()
    transit.wait_routes()
    transit.link.down(transit.namespace)
    transit.wait_gone()
    transit.link.up(transit.namespace)
    transit.wait_routes(timeout=8)


@ROUTERS
def test_the_router_says_our_as_number_is_wrong(site, kind):
    transit = site.upstream(kind=kind).expect(64999)
    with Capture(transit.namespace, transit.interface) as wire:
        transit.start()
        basin = site.basind(transit.peer()).start()
        wire.wait(bgp.NOTIFICATION, transit.address4)
    assert wire.notifications(transit.address4)[0].code == (2, 2)
    error = wait_until(lambda: basin.peer_error("transit"), 3,
                       "the error is shown")
    assert "AS" in error
    assert basin.ask("status")["state"] == "silent"


def test_we_say_the_routers_as_number_is_wrong(site):
    transit = site.upstream().expect()
    with Capture(transit.namespace, transit.interface) as wire:
        transit.start()
        basin = site.basind(transit.peer(asn=64999)).start()
        wire.wait(bgp.NOTIFICATION, transit.node4)
    notification = wire.notifications(transit.node4)[0]
    assert notification.code == (2, 2)
    error = basin.peer_error("transit")
    assert "65001" in error and "64999" in error


def test_a_neighbour_with_a_wrong_address_is_not_spoken_to(site):
    transit = site.upstream().start()
    stranger = Peer(transit.namespace, transit.address4)
    site.basind("  transit:\n    address: 10.9.9.9\n    asn: 65001\n"
                "    connect_retry: 1s\n").start()
    try:
        stranger.connect(transit.node4)
        assert stranger.ended(), "a stranger's connection is closed"
    except ConnectionResetError:
        pass  # even before connect() returned
    assert site.basin.peer("transit")["state"] != "Established"


def test_two_connections_at_once_the_higher_router_id_keeps_its_own(site):
    """RFC 4271 section 6.8, both ways round."""
    transit = site.upstream()
    for router_id, theirs_stays in (("10.255.255.200", True),
                                    ("10.0.0.1", False)):
        peer = Peer(transit.namespace, transit.address4,
                    router_id=router_id).listen()
        other = Peer(transit.namespace, transit.address4,
                     router_id=router_id)
        basin = site.basind(transit.peer()).start()
        peer.accept()  # theirs: basin's own connection
        peer.expect(bgp.OPEN)
        other.connect(transit.node4).open()
        other.expect(bgp.OPEN)
        peer.open()
        loser, winner = ((peer, other) if theirs_stays else (other, peer))
        assert loser.expect(bgp.NOTIFICATION).code == (6, 7)
        winner.keepalive()
        winner.expect(bgp.KEEPALIVE)
        assert winner.expect_routes()
        basin.kill()
        peer.close()
        other.close()


def test_both_sides_connect_and_one_session_stays(site):
    """BIRD and basind start together, both active, again and again."""
    transit = site.upstream().expect()
    basin = site.basind(transit.peer())
    basin.start(wait=False)
    transit.start()
    transit.wait_routes()
    with Capture(transit.namespace, transit.interface) as wire:
        stays(lambda: transit.router.established(transit.node4), 1.5,
              "Established")
        assert not wire.disturbances()


def test_a_passive_peer_is_waited_for(site):
    transit = site.upstream()
    peer = Peer(transit.namespace, transit.address4).listen()
    site.basind(transit.peer("passive: true")).start()
    with pytest.raises(TimeoutError):
        peer.accept(timeout=1.5)
    peer.connect(transit.node4).establish()
    assert peer.expect_routes()


def test_a_passive_peer_that_is_bird(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer("passive: true")).start()
    transit.wait_routes()


def test_a_silent_neighbour_is_left_after_the_hold_time(site):
    transit = site.upstream()
    peer = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer()).start()
    peer.accept()
    peer.establish(hold=3)
    since = time.monotonic()
    notification = peer.expect(bgp.NOTIFICATION, timeout=5)
    assert notification.code[0] == 4
    assert 2.5 < time.monotonic() - since < 4.5
    assert peer.ended()
    assert "hold" in basin.peer_error("transit").lower()


def test_keepalives_hold_a_session_of_three_seconds(site):
    transit = site.upstream().expect(hold=3).start()
    site.basind(transit.peer("hold_time: 3s")).start()
    transit.wait_routes()
    with Capture(transit.namespace, transit.interface) as wire:
        time.sleep(4)
        assert transit.router.has(PREFIX4)
    ours = wire.messages(transit.node4, bgp.KEEPALIVE)
    assert 3 <= len(ours) <= 8
    assert not wire.disturbances()


def test_the_open_says_what_we_can(site):
    transit = site.upstream().expect()
    with Capture(transit.namespace, transit.interface) as wire:
        transit.start()
        site.basind(transit.peer()).start()
        transit.wait_routes()
        hello = wire.opens(transit.node4)[0]
        ends = [m.end_of_rib for m in wire.messages(transit.node4)
                if m.end_of_rib]
    assert (hello.asn, hello.hold, hello.router_id) == (
        65000, 90, "10.255.255.1")
    families = {value[:2] for value in hello.capabilities[1]}
    assert families == {b"\0\1", b"\0\2"}
    assert 65 in hello.capabilities
    assert sorted(ends) == [bgp.IPV4, bgp.IPV6]
    names = wire.tshark(site.lab.dir, "bgp.type",
                        filter=f"bgp.type == 1 && ip.src == {transit.node4}")
    assert names and "_ws.malformed" not in str(names)


def test_the_words_of_an_upstreams_operator_are_shown(site):
    """RFC 9003, from FRR."""
    transit = site.upstream(kind=Frr).expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    transit.router.configure(
        "router bgp 65001",
        f"neighbor {transit.node4} shutdown message line card at 03:00")
    wait_until(lambda: "line card at 03:00" in basin.peer_error("transit"),
               3, lambda: basin.peer("transit"))
    transit.router.configure("router bgp 65001",
                             f"no neighbor {transit.node4} shutdown")
    transit.wait_routes(timeout=9)


@ROUTERS
def test_a_cleared_session_comes_back(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    if kind is Bird:
        transit.router.ask("restart all")
    else:
        transit.router.ask("clear bgp *")
    wait_until(lambda: site.basin.peer("transit")["established"] == 2, 9,
               lambda: site.basin.peer("transit"))
    transit.wait_routes(timeout=3)
