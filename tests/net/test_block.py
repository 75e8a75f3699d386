# SPDX-License-Identifier: ISC
"""basin block: blackhole routes and flow specifications at real routers, for
a time, across restarts and reloads; the dry run is what is sent."""

import json

import pytest

from lab import Bird, Frr, wait_until
from lab.capture import Capture

VICTIM4, VICTIM6 = "192.0.2.7/32", "2001:db8:53::7/128"
FLOW4 = "dst 192.0.2.0/24 proto udp sport 123 length >=200&<=1500"
FLOW6 = "dst 2001:db8:53::/48 proto tcp tcp-flags =syn"

BIRD_FLOW = """
flow4 table flowtab4;
flow6 table flowtab6;
"""


def with_flows(upstream):
    """BIRD's peer carries flow specifications too."""
    head, _, tail = upstream.router._config.rpartition("}\n")
    upstream.router._config = (
        head + "\tflow4 { table flowtab4; import all; export none; };\n"
        "\tflow6 { table flowtab6; import all; export none; };\n}\n" + tail)


FAMILIES = "families: [ipv4, ipv6, ipv4-flow, ipv6-flow]\n"


def peer_text(upstream):
    """The peer with all four families."""
    lines = [line for line in upstream.peer().splitlines(True)
             if "families:" not in line]
    return "".join(lines) + "    " + FAMILIES


def section(*names, more=""):
    return f"block:\n  peers: [{', '.join(names)}]\n{more}"


@pytest.fixture
def bird(site):
    upstream = site.upstream("transit", extra=BIRD_FLOW).expect()
    with_flows(upstream)
    upstream.start()
    site.basind(peer_text(upstream), extra=section("transit")).start()
    upstream.wait_routes()
    return upstream


def blocks(site):
    return site.basin.ask("show blocks")["blocks"]


def test_a_blackhole_route_comes_and_goes(site, bird):
    site.basin.ask("block", dst="192.0.2.7", reason="flood")
    site.basin.ask("block", dst=VICTIM6)
    bird.wait_routes(VICTIM4, VICTIM6)
    route = bird.router.routes()[VICTIM4]
    assert "65535:666" in str(route) and "65535:65281" in str(route)
    (four, six) = blocks(site)
    assert four["reason"] == "flood" and four["what"] == VICTIM4
    assert 3500 < four["expires_seconds"] <= 3600
    assert four["peers"] == [dict(four["peers"][0], peer="transit",
                                  announced=True)]
    site.basin.ask("unblock", dst="192.0.2.7")
    bird.wait_gone(VICTIM4)
    assert VICTIM6 in bird.router.routes()


def test_flow_specifications_at_bird(site, bird):
    site.basin.ask("block", flow=FLOW4)
    site.basin.ask("block", flow=FLOW6, actions="rate 125000")

    def seen():
        return (bird.router.ask("show route table flowtab4 all")
                + bird.router.ask("show route table flowtab6 all"))
    wait_until(lambda: "dst 192.0.2.0/24" in seen()
               and "dst 2001:db8:53::/48" in seen(), 10, seen)
    text = seen()
    assert "sport 123" in text and "length 200..1500" in text
    assert "tcp flags" in text
    assert "(generic, 0x80060000, 0x0)" in text
    site.basin.ask("unblock", flow=FLOW4)
    wait_until(lambda: "dst 192.0.2.0/24" not in seen(), 10, seen)
    assert "dst 2001:db8:53::/48" in seen()


def test_the_dry_run_is_what_is_sent(site, bird):
    flow = {"flow": FLOW4, "actions": "rate 1000 mark 46"}
    with Capture(bird.namespace, bird.interface) as capture:
        for order in ({"dst": VICTIM4}, {"dst": VICTIM6}, flow):
            dry = site.basin.ask("block", dry_run=True, **order)
            assert len(blocks(site)) == 0
            octets = bytes.fromhex(dry["peers"][0]["update"])
            site.basin.ask("block", **order)
            wait_until(lambda: any(m.body == octets[19:]
                                   for m in capture.messages()), 10,
                       lambda: f"{octets.hex()} was not sent")
            site.basin.ask("unblock", **{k: v for k, v in order.items()
                                         if k != "actions"})


def test_a_block_ends_by_itself(site, bird):
    site.basin.ask("block", **{"dst": VICTIM4, "for": "1s"})
    site.basin.ask("block", dst=VICTIM6)
    wait_until(lambda: [b["what"] for b in blocks(site)] == [VICTIM6], 10,
               lambda: blocks(site))
    bird.wait_gone(VICTIM4)
    events = json.dumps(site.basin.ask("show events"))
    assert "expired" in events


def test_blocks_survive_restarts_and_reloads(site, bird):
    basin = site.basin
    basin.ask("block", dst=VICTIM4)
    basin.ask("block", flow=FLOW4)
    bird.wait_routes(VICTIM4)
    before = blocks(site)[0]["expires"]
    basin.kill()
    basin.process.wait()
    basin.start()
    bird.wait_routes(VICTIM4)
    assert [b["what"] for b in blocks(site)] == [VICTIM4, FLOW4]
    assert abs(blocks(site)[0]["expires_seconds"] - 3600) < 60
    assert blocks(site)[0]["expires"][:15] == before[:15]
    # Other communities: one UPDATE, and the session stays.
    basin.reload(site.config(
        peer_text(bird),
        extra=section("transit", more="  communities: ['65001:666']\n")))
    wait_until(lambda: "65001:666" in str(bird.router.routes()[VICTIM4]), 10,
               "the new community")
    assert basin.peer("transit")["established"] == 1
    # Without the section nothing is announced, and nothing is forgotten.
    basin.reload(site.config(peer_text(bird)))
    bird.wait_gone(VICTIM4)
    assert len(blocks(site)) == 2


def test_what_cuts_us_off_is_refused(site, bird):
    for order, word in (
            ({"dst": "192.0.2.0/24"}, "too much"),
            ({"dst": bird.address4}, "neighbour"),
            ({"dst": bird.node4}, "session"),
            ({"flow": "dst 192.0.2.0/24"}, "announces"),
            ({"flow": "dst 0.0.0.0/0 proto tcp"}, "neighbour"),
            ({"flow": "proto udp"}, "no destination"),
            ({"flow": "dst 192.0.2.0/24 dprt 5"}, "character 18"),
            ({"dst": "192.0.2.7", "for": "25h"}, "block.max")):
        status, output = site.basin.command(
            "block", *(["--flow", order["flow"]] if "flow" in order
                       else [order["dst"]]),
            *(["--for", order["for"]] if "for" in order else []))
        assert status != 0
        assert word in " ".join(output.split()), (order, output)
    assert blocks(site) == []


def test_flow_specifications_at_frr(site):
    upstream = site.upstream("frr", kind=Frr).expect()
    router = upstream.router
    neighbour = upstream.node4
    router._peers += "".join(
        f" address-family {f} flowspec\n  neighbor {neighbour} activate\n"
        " exit-address-family\n" for f in ("ipv4", "ipv6"))
    upstream.start()
    site.basind(peer_text(upstream), extra=section("frr")).start()
    upstream.wait_routes()
    site.basin.ask("block", flow=FLOW4)
    site.basin.ask("block", flow="dst 2001:db8:53::/48 proto tcp dport 80",
                   actions="rate 125000")

    def seen():
        return (router.ask("show bgp ipv4 flowspec detail")
                + router.ask("show bgp ipv6 flowspec detail"))
    wait_until(lambda: "192.0.2.0/24" in seen()
               and "2001:db8:53::/48" in seen(), 10, seen)
    assert "FS:rate" in seen()
    site.basin.ask("unblock", flow=FLOW4)
    wait_until(lambda: "192.0.2.0/24" not in seen(), 10, seen)


GOBGP = """\
[global.config]
as = 65001
router-id = "10.255.0.9"
[[neighbors]]
[neighbors.config]
neighbor-address = "{node}"
peer-as = 65000
""" + "".join(f"""\
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "{name}"
""" for name in ("ipv4-unicast", "ipv6-unicast", "ipv4-flowspec",
                 "ipv6-flowspec"))


def test_flow_specifications_at_gobgp(site):
    upstream = site.upstream("gobgp")
    space = upstream.namespace
    config = space.dir / "gobgp.conf"
    config.write_text(GOBGP.format(node=upstream.node4))
    space.popen("gobgpd", "-f", config, "--pprof-disable", "--api-hosts",
                "127.0.0.1:50051", name="gobgpd")
    basin = site.basind(peer_text(upstream), extra=section("gobgp")).start()
    basin.ask("block", flow=FLOW4)
    basin.ask("block", flow=FLOW6, actions="redirect 65000:7")

    def seen():
        return "".join(space.run("gobgp", "global", "rib", "-a", family,
                                 check=False)
                       for family in ("ipv4-flowspec", "ipv6-flowspec"))
    wait_until(lambda: "192.0.2.0/24" in seen()
               and "2001:db8:53::/48" in seen(), 10, seen)
    assert "discard" in seen() and "65000:7" in seen()


# What neighbours send: validated, shown, and nothing else.

SENT = """
flow4 table flowtab4;
flow6 table flowtab6;
protocol static {
	flow4 { table flowtab4; };
	route flow4 { dst 198.51.100.0/24; proto = 17; }
		{ bgp_ext_community.add((generic, 0x80060000, 0x0)); };
	route flow4 { dst 198.51.100.0/24; proto = 6; };
	route flow4 { dst 192.0.2.9/32; proto = 17; };
	route flow4 { dst 10.99.0.0/16; proto = 17; };
	route flow4 { proto = 17; dport = 53; };
}
protocol static {
	flow6 { table flowtab6; };
	route flow6 { dst 2001:db8:99::/48; next header 17; };
}
"""

ROUTE4 = "198.51.100.0/24"


def received(site, peer):
    flows = site.basin.ask("show flows", peer=peer)["flows"]
    assert not any(flow["applied"] for flow in flows)
    return {flow["flow"]: flow["verdict"] for flow in flows}


def importing(upstream):
    return peer_text(upstream).replace(
        FAMILIES, FAMILIES + "    import: {prefixes: [0.0.0.0/0 le 32, "
        "'::/0 le 128']}\n")


def test_received_flow_specifications_are_validated(site):
    upstream = site.upstream("transit", extra=SENT).expect(
        export="where source = RTS_STATIC")
    head, _, tail = upstream.router._config.rpartition("}\n")
    upstream.router._config = (
        head + "\tflow4 { table flowtab4; import all; export all; };\n"
        "\tflow6 { table flowtab6; import all; export all; };\n}\n" + tail)
    upstream.router.static(ROUTE4)
    other = site.upstream("other", asn=65002).expect(
        export="where source = RTS_STATIC")
    other.router.static("10.99.0.0/16", "198.51.100.128/25")
    upstream.start()
    site.basind(importing(upstream), importing(other),
                http=True).start()

    def seen():
        return received(site, "transit")
    first = {
        "dst 198.51.100.0/24 proto udp": "feasible",
        "dst 198.51.100.0/24 proto tcp": "feasible",
        "dst 192.0.2.9/32 proto udp": "own",
        "dst 10.99.0.0/16 proto udp": "no_route",
        "proto udp dport 53": "destination",
        "dst 2001:db8:99::/48 proto udp": "no_route",
    }
    wait_until(lambda: seen() == first, 20, seen)
    counts = site.basin.peer("transit")["flows"]
    assert (counts["received"], counts["feasible"]) == (6, 2)
    assert ('basin_peer_flows{peer="transit",verdict="feasible"} 2'
            in site.basin.page("/metrics")[1])
    # Unicast routes of another AS: validated again.
    other.start()
    second = dict(first, **{
        "dst 198.51.100.0/24 proto udp": "specific",
        "dst 198.51.100.0/24 proto tcp": "specific",
        "dst 10.99.0.0/16 proto udp": "originator",
    })
    wait_until(lambda: seen() == second, 20, seen)
    other.router.stop()
    wait_until(lambda: seen() == first, 20, seen)
    _, text = site.basin.command("show", "flows")
    assert "feasible; not applied" in text, text
    upstream.router.stop()
    wait_until(lambda: seen() == {}, 20, seen)
