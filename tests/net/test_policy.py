# SPDX-License-Identifier: ISC
"""Routes that are taken: roles, filters, next hops, best path, the kernel."""

from lab import Frr, wait_until
from lab.site import PREFIX4

STATIC = "where source = RTS_STATIC"


def give(transit, *prefixes, export=STATIC, families=(4,), session=4,
         options=""):
    transit.router.static(*prefixes)
    hop = f"next hop address {transit.address4};" if families == (4,) and \
        session == 4 else ""
    return transit.expect(export=export, families=families, session=session,
                          channel=hop, options=options).start()



def default_ways(site):
    return site.node.ip("-4 route show default")


def test_another_upstream_takes_over_and_both_share(site):
    one, two = site.upstream("one"), site.upstream("two", 65002)
    for transit in (one, two):
        give(transit, "0.0.0.0/0")
    more = "import: default\ninstall: true"
    peers = [t.peer(more, families=(4,)) for t in (one, two)]
    basin = site.basind(*peers).start()
    wait_until(lambda: all(basin.peer(n)["imported"] == 1
                           for n in ("one", "two")), 10, "both defaults")
    wait_until(lambda: "via" in default_ways(site), 10, "a default route")
    first = one if one.address4 in default_ways(site) else two
    other = two if first is one else one
    assert other.address4 not in default_ways(site)
    first.router.disable(first.node4)
    wait_until(lambda: other.address4 in default_ways(site), 10,
               "the other upstream is used")
    first.router.enable(first.node4)
    wait_until(lambda: first.address4 in default_ways(site), 20,
               "the first one is best again")
    text = site.config(*peers).replace("node:\n", "node:\n  ecmp: 2\n", 1)
    basin.reload(text)
    wait_until(lambda: all(t.address4 in default_ways(site)
                           for t in (one, two)), 10, "both are used")
    # A link that goes takes its next hop along before the session ends.
    first.link.down(site.node)
    wait_until(lambda: first.address4 not in default_ways(site) and
               other.address4 in default_ways(site), 10, "one is left")


def test_roles_that_fit_mark_routes_and_others_are_refused(site):
    good, bad = site.upstream("good"), site.upstream("bad", 65002)
    give(good, "0.0.0.0/0", options="local role provider;")
    give(bad, "0.0.0.0/0", options="local role provider;")
    basin = site.basind(
        good.peer("role: customer\nrole_strict: true\nimport: default",
                  families=(4,)),
        bad.peer("role: provider\nimport: default", families=(4,))).start()
    good.wait_routes(PREFIX4)
    wait_until(lambda: basin.peer("good")["imported"] == 1, 10, "the default")
    wait_until(lambda: "role" in basin.peer_error("bad"), 10,
               "the roles do not fit")


def test_what_goes_to_a_customer_has_otc(site):
    customer = site.upstream("customer")
    give(customer, "198.51.100.0/24", options="local role customer;")
    site.basind(customer.peer("role: provider", families=(4,))).start()
    customer.wait_routes(PREFIX4)
    assert "BGP.otc: 65000" in customer.router.ask("show route all")


def test_ipv4_goes_over_ipv6_both_ways(site):
    transit = site.upstream()
    transit.router.static("0.0.0.0/0")
    transit.expect(session=6, export=STATIC, families=(4,),
                   channel="extended next hop on;").start()
    site.basind(transit.peer("import: default\ninstall: true", session=6,
                             families=(4,))).start()
    transit.wait_routes(PREFIX4)
    route = transit.router.routes()[PREFIX4][0]
    assert route.next_hop == transit.node6
    wait_until(lambda: f"via inet6 {transit.address6}" in default_ways(site),
               10, "an IPv4 route by an IPv6 gateway")


def test_ipv4_goes_over_ipv6_to_frr(site):
    transit = site.upstream(kind=Frr)
    transit.expect(session=6, families=(4,),
                   options=("capability extended-nexthop",)).start()
    site.basind(transit.peer(session=6, families=(4,))).start()
    transit.wait_routes(PREFIX4, timeout=20)


def test_filters_and_blackholes(site):
    transit = site.upstream()
    transit.router.static("203.0.113.0/24", "203.0.113.9/32",
                          "198.51.100.9/32", "198.51.100.0/24")
    transit.expect(families=(4,), export=(
        "filter { if source != RTS_STATIC then reject; if net.len = 32 then "
        "bgp_community.add((65535, 666)); accept; }"),
        channel=f"next hop address {transit.address4};").start()
    basin = site.basind(transit.peer(
        "import: [203.0.0.0/8 ge 16 le 24]\n"
        "blackhole: {accept: [203.0.113.0/24]}\n"
        "max_prefix: {limit: 4, warn: 50}\n"
        "install: true", families=(4,))).start()
    wait_until(lambda: "blackhole 203.0.113.9" in
               site.node.ip("-4 route show"), 10, "the blackhole route")
    wait_until(lambda: f"203.0.113.0/24 via {transit.address4}" in
               site.node.ip("-4 route show"), 10, "the other route")
    assert "198.51.100" not in site.node.ip("-4 route show")
    assert basin.peer("transit")["imported"] == 2
    wait_until(lambda: "come near the maximum of 4" in basin.log(), 10,
               "a warning")


def test_too_many_routes_until_a_reload(site):
    transit = site.upstream()
    give(transit, "203.0.113.0/24", "198.51.100.0/24")
    more = "import: [203.0.113.0/24, 198.51.100.0/24]\nmax_prefix: %s"
    held = site.config(transit.peer(more % "{limit: 1, restart: 0s}",
                                    families=(4,)))
    basin = site.basind(transit.peer(more % "{limit: 1, restart: 0s}",
                                     families=(4,))).start()
    wait_until(lambda: basin.peer("transit")["held"], 10, "held")
    text = basin.command("show", "peers")[1]
    assert "down until basin reload" in text and "let it try again" in text
    basin.reload(held)  # unchanged: it tries, and is too much again
    wait_until(lambda: basin.peer("transit")["established"] == 2 and
               basin.peer("transit")["held"], 20, "held again")
    basin.reload(held.replace("limit: 1,", "limit: 2,"))
    wait_until(lambda: basin.peer("transit")["imported"] == 2, 20, "both")
    assert not basin.peer("transit")["held"]
