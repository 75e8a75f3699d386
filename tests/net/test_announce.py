# SPDX-License-Identifier: ISC
"""What the upstreams hear: exactly what was configured."""

import pytest

from lab import Bird, Capture, Frr, stays, wait_until
from lab.site import PREFIX4, PREFIX6, node_text

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr],
                                  ids=["bird", "frr"])


@ROUTERS
@pytest.mark.parametrize("session", [4, 6], ids=["over-v4", "over-v6"])
def test_both_families_come_and_go_with_the_service(site, kind, session):
    transit = site.upstream(kind=kind).expect(session=session).start()
    site.basind(transit.peer(session=session)).start()
    transit.wait_routes()
    route4 = transit.router.route(PREFIX4)
    route6 = transit.router.route(PREFIX6)
    assert (route4.as_path, route4.origin) == ([65000], "igp")
    assert (route6.as_path, route6.origin) == ([65000], "igp")
    assert route4.next_hop == transit.node4
    assert route6.next_hop == transit.node6
    site.fail()
    transit.wait_gone()
    site.recover()
    transit.wait_routes()


def test_each_family_can_have_a_session_of_its_own(site):
    transit = site.upstream()
    transit.expect(session=4, families=(4,)).expect(session=6, families=(6,))
    transit.start()
    site.basind(transit.peer(name="four", families=(4,)),
                transit.peer(name="six", session=6, families=(6,))).start()
    transit.wait_routes()
    assert transit.router.route(PREFIX6).next_hop == transit.node6


@ROUTERS
def test_a_prefix_is_withdrawn_only_when_its_own_service_fails(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    node = node_text().replace("[192.0.2.53, 2001:db8:53::53]",
                               "[192.0.2.53]")
    node = node.replace("prefixes:\n", """\
  other:
    addresses: ["2001:db8:53::53"]
    checks:
      - tcp: {port: 8053}
        interval: 50ms
        rise: 1
        fall: 1
prefixes:
""").replace("/48: {services: [web]}", "/48: {services: [other]}")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    site.services[1].stop()
    transit.wait_gone(PREFIX6)
    assert transit.router.has(PREFIX4)


def test_two_upstreams_see_two_policies(site):
    """Prepending, MED and all kinds of communities, exactly so."""
    cheap = site.upstream("cheap", 65001, Bird).expect().start()
    dear = site.upstream("dear", 65002, Frr).expect().start()
    node = node_text(more='communities: ["65000:53"]')
    site.basind(
        cheap.peer("""
            med: 10
            communities: ["65000:100", no-export, "65000:1:2",
              "rt:65000:7"]"""),
        dear.peer("""
            prepend: 2
            communities: [graceful-shutdown, "65000:3:4",
              "rt:65000:8"]"""),
        node=node).start()
    cheap.wait_routes()
    dear.wait_routes()
    for prefix in (PREFIX4, PREFIX6):
        route = cheap.router.route(prefix)
        assert route.as_path == [65000]
        assert route.med == 10
        assert route.communities == {"65000:53", "65000:100", "65535:65281"}
        assert route.large == {"65000:1:2"}
        assert route.extended == {"rt:65000:7"}
        route = dear.router.route(prefix)
        assert route.as_path == [65000, 65000, 65000]
        assert not route.med
        assert route.communities == {"65000:53", "65535:0"}
        assert route.large == {"65000:3:4"}
        assert route.extended == {"rt:65000:8"}


def test_an_upstream_hears_only_its_own_list(site):
    some = site.upstream("some", 65001).expect().start()
    other = site.upstream("other", 65002).expect().start()
    site.basind(some.peer(f"prefixes: [{PREFIX4}]"), other.peer()).start()
    other.wait_routes()
    some.wait_routes(PREFIX4)
    stays(lambda: not some.router.has(PREFIX6), 0.3, "only its own prefix")


@ROUTERS
def test_an_interior_peer_gets_local_pref_and_an_empty_path(site, kind):
    core = site.upstream("core", 65000, kind).expect(65000).start()
    site.basind(core.peer("local_pref: 250")).start()
    core.wait_routes()
    for prefix in (PREFIX4, PREFIX6):
        route = core.router.route(prefix)
        assert route.as_path == []
        assert route.local_pref == 250


@ROUTERS
def test_four_octet_as_numbers_on_both_sides(site, kind):
    transit = site.upstream("transit", 4200000001, kind)
    transit.expect(4200000099).start()
    site.basind(transit.peer(), node=node_text(asn=4200000099)).start()
    transit.wait_routes()
    assert transit.router.route(PREFIX4).as_path == [4200000099]


@ROUTERS
def test_a_node_has_an_origin_as_of_its_own(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer(),
                node=node_text(more="origin_asn: 64512")).start()
    transit.wait_routes()
    assert transit.router.route(PREFIX4).as_path == [65000, 64512]
    assert transit.router.route(PREFIX6).as_path == [65000, 64512]


@ROUTERS
def test_a_local_node_says_no_export_and_no_peer(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer(), node=node_text(more="scope: local")).start()
    transit.wait_routes()
    for prefix in (PREFIX4, PREFIX6):
        route = transit.router.route(prefix)
        assert route.communities == {"65535:65281", "65535:65284"}


def thousand():
    four = [f"198.18.{i // 250}.{i % 250}/32" for i in range(500)]
    six = [f"2001:db8:1{i:03x}::/48" for i in range(500)]
    return four + six


@ROUTERS
def test_a_thousand_prefixes_come_and_go(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    prefixes = thousand()
    lines = "".join(f"  {prefix}: {{services: [web], blackhole: false}}\n"
                    for prefix in prefixes)
    with Capture(transit.namespace, transit.interface) as wire:
        basin = site.basind(transit.peer(), node=node_text() + lines)
        basin.start()
        wait_until(lambda: transit.router.has(*prefixes), 10,
                   "a thousand prefixes", every=0.1)
        site.fail()
        wait_until(lambda: transit.router.count() == 0, 10,
                   "all withdrawn", every=0.1)
    sent = wire.updates(transit.node4)
    announced = [p for update in sent for p in update.announced]
    withdrawn = [p for update in sent for p in update.withdrawn]
    assert sorted(announced) == sorted(prefixes + [PREFIX4, PREFIX6])
    assert sorted(withdrawn) == sorted(announced)
    assert len(sent) <= 40, "prefixes with equal attributes are packed"


def test_only_the_default_route_is_taken_and_installed(site):
    transit = site.upstream()
    transit.router.static("0.0.0.0/0", "::/0", "203.0.113.0/24")
    transit.expect(export="where source = RTS_STATIC",
                   channel=f"next hop address {transit.address4};",
                   families=(4,))
    transit.start()
    site.basind(transit.peer("import: default\ninstall: true",
                             families=(4,))).start()
    transit.wait_routes(PREFIX4)
    wait_until(lambda: "default" in site.node.routes("proto 179"), 5,
               "the default route")
    assert "203.0.113.0/24" not in site.node.routes()
    route = site.node.ip("-4 route show default")
    assert f"via {transit.address4}" in route
    transit.router.disable(transit.node4)
    wait_until(lambda: "default" not in site.node.routes(), 5,
               "the default route gone")


def test_the_ipv6_default_route_is_installed_too(site):
    transit = site.upstream()
    transit.router.static("::/0")
    transit.expect(session=6, export="where source = RTS_STATIC",
                   families=(6,))
    transit.start()
    site.basind(transit.peer("import: default\ninstall: true",
                             session=6)).start()
    wait_until(lambda: "default" in site.node.routes("proto 179"), 5,
               "the default route")
    assert "via" in site.node.ip("-6 route show default")


def test_nothing_is_imported_unless_asked_for(site):
    transit = site.upstream()
    transit.router.static("0.0.0.0/0")
    transit.expect(export="all", families=(4,)).start()
    basin = site.basind(transit.peer("max_prefix: 10",
                                     families=(4,))).start()
    transit.wait_routes(PREFIX4)
    stays(lambda: "default" not in site.node.routes(), 0.3, "no default")
    assert basin.peer("transit")["imported"] == 0


def test_a_peer_with_too_many_prefixes_is_told_to_cease(site):
    transit = site.upstream()
    transit.router.static("203.0.113.0/25", "203.0.113.128/25",
                          "198.51.100.0/24")
    transit.expect(export="where source = RTS_STATIC", families=(4,))
    with Capture(transit.namespace, transit.interface) as wire:
        transit.start()
        site.basind(transit.peer("""
            import: [203.0.113.0/25, 203.0.113.128/25, 198.51.100.0/24]
            max_prefix: 2""", families=(4,))).start()
        wire.wait(3, transit.node4)
    assert wire.notifications(transit.node4)[0].code == (6, 1)
