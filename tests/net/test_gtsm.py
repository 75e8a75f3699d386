# SPDX-License-Identifier: ISC
"""TTL security (RFC 5082), several hops, and sessions of one interface."""

import pytest

from lab import Bird, Frr, wait_until

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])


def guarded(kind):
    if kind is Bird:
        return {"options": "ttl security yes;"}
    return {"options": ["ttl-security hops 1"]}


def cause(basin, name="transit"):
    return (basin.peer(name).get("diagnosis") or {}).get("cause", "")


@ROUTERS
@pytest.mark.parametrize("session", [4, 6])
def test_both_sides_look_at_the_ttl(site, kind, session):
    transit = site.upstream(kind=kind).expect(
        session=session, **guarded(kind)).start()
    site.basind(transit.peer("gtsm: on", session=session)).start()
    transit.wait_routes(timeout=20)
    assert site.basin.peer("transit")["gtsm"] == 1


def test_a_router_with_a_small_ttl_is_named(site):
    """It connects; what it sends has TTL 1."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer("gtsm: on")).start()
    wait_until(lambda: "gtsm" in cause(basin), 30,
               lambda: basin.peer("transit"))
    assert basin.peer("transit")["state"] != "Established"


def test_a_session_is_bound_to_its_interface(site):
    transit = site.upstream().expect().start()
    interface = transit.link.interface(site.node)
    site.basind(transit.peer(f"interface: {interface}")).start()
    transit.wait_routes(timeout=20)


def test_a_wrong_interface_is_named(site):
    transit = site.upstream().expect(passive=True).start()
    basin = site.basind(transit.peer("interface: nowhere0")).start()
    wait_until(lambda: "interface" in cause(basin), 20,
               lambda: basin.peer("transit"))


def test_a_neighbour_behind_a_router(site):
    """Two hops: without multihop it is named, with gtsm: 2 it works."""
    middle = site.upstream("middle", 65009)
    far = site.lab.namespace("far")
    link = site.lab.link(middle.namespace, far)
    router = Bird(far, 65002)
    router.peer(middle.node4, 65000, options="multihop 2; ttl security yes;")
    there, node = link.v4(far), middle.node4
    site.node.run("ip", "route", "add", there, "via", middle.address4)
    far.run("ip", "route", "add", node, "via", link.v4(middle.namespace))
    router.start()
    peer = (f"  far:\n    address: {there}\n    asn: 65002\n"
            "    connect_retry: 1s\n    families: ipv4\n")
    basin = site.basind(peer).start()
    wait_until(lambda: "common link" in cause(basin, "far"), 20,
               lambda: basin.peer("far"))
    basin.reload(site.config(peer + "    gtsm: 2\n"))
    wait_until(lambda: router.established(node), 20,
               lambda: basin.peer("far"))
