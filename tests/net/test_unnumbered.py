# SPDX-License-Identifier: ISC
"""Neighbours without an address: found on their interface."""

import time

import pytest

from lab import Frr, wait_until


def cable(site, link, more=""):
    return ("  cable:\n    asn: 65001\n    connect_retry: 1s\n"
            f"    interface: {link.interface(site.node)}\n{more}")


def frr(site, passive=False):
    transit = site.upstream(kind=Frr)
    transit.router.unnumbered(transit.interface, 65000, passive=passive)
    return transit.start()


def test_frr_finds_us_and_we_find_it(site):
    transit = frr(site)
    basin = site.basind(cable(site, transit.link)).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)
    shown = basin.peer("cable")
    assert shown["state"] == "Established"
    assert shown["address"].startswith("fe80::")
    assert shown["remote"] == shown["address"]


GOBGP = """\
[global.config]
as = 65001
router-id = "10.255.0.9"
[[neighbors]]
[neighbors.config]
neighbor-interface = "{interface}"
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv6-unicast"
"""


def test_gobgp_finds_us(site):
    """From the kernel's table of neighbours: we are there before it."""
    transit = site.upstream()
    space, interface = transit.namespace, transit.interface
    basin = site.basind(cable(site, transit.link)).start()
    link_local(space, interface)
    ours = link_local(site.node, transit.link.interface(site.node))
    wait_until(lambda: ours in space.ip(f"-6 neigh show dev {interface}"), 30,
               "GoBGP's kernel has heard of us")
    config = space.dir / "gobgp.conf"
    config.write_text(GOBGP.format(interface=interface))
    space.popen("gobgpd", "-f", config, "--pprof-disable", "--api-hosts",
                "127.0.0.1:50051", name="gobgpd")
    wait_until(lambda: basin.peer("cable")["state"] == "Established", 40,
               lambda: basin.peer("cable"))
    wait_until(lambda: "2001:db8:53::/48" in space.run(
        "gobgp", "global", "rib", "-a", "ipv6", check=False), 20,
        "our route")


def test_frr_is_passive(site):
    """It must find nobody: we connect."""
    transit = frr(site, passive=True)
    site.basind(cable(site, transit.link)).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)


def test_we_are_passive(site):
    """FRR knows where we are from our advertisements alone."""
    transit = frr(site)
    site.basind(cable(site, transit.link, "    passive: true\n")).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)


def test_bird_connects_to_us(site):
    """It sends no advertisements the kernel learns from, but it knows us."""
    transit = site.upstream()
    ours = link_local(site.node, transit.link.interface(site.node))
    transit.router.peer(f"{ours}%'{transit.interface}'", 65000,
                        families=(6,))
    transit.start()
    basin = site.basind(cable(site, transit.link)).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)
    assert basin.peer("cable")["state"] == "Established"


def test_a_silent_link_is_named(site):
    transit = site.upstream().start()
    basin = site.basind(cable(site, transit.link)).start()
    wait_until(lambda: "heard" in (basin.peer("cable")["diagnosis"] or
                                   {"cause": ""})["cause"], 20,
               lambda: basin.peer("cable"))
    assert basin.peer("cable")["address"] is None
    assert "%" in basin.cli("show", "peers")


@pytest.mark.parametrize("we_connect", (True, False))
def test_a_restart_of_the_neighbour(site, we_connect):
    """One session before and one after. One side alone connects: when both
    do in the same millisecond, this FRR ends the connection that it lost
    (RFC 4271 section 6.8) and the one that is kept and is established."""
    transit = frr(site, passive=we_connect)
    passive = "    passive: true\n"
    basin = site.basind(cable(site, transit.link,
                              "" if we_connect else passive)).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)
    transit.router.stop()
    transit.router.start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)
    assert basin.peer("cable")["established"] == 2


def test_a_link_local_address_in_the_file(site):
    transit = site.upstream()
    local = link_local(transit.namespace, transit.interface)
    ours = link_local(site.node, transit.link.interface(site.node))
    transit.router.peer(f"{ours}%'{transit.interface}'", 65000,
                        families=(6,))
    transit.start()
    site.basind(f"  transit:\n    address: {local}\n    asn: 65001\n"
                f"    interface: {transit.link.interface(site.node)}\n"
                "    connect_retry: 1s\n").start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)


def link_local(namespace, interface):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for line in namespace.run("ip", "-6", "-o", "addr", "show", "dev",
                                  interface).splitlines():
            words = line.split()
            if words[3].startswith("fe80:") and "tentative" not in line:
                return words[3].split("/")[0]
    raise AssertionError("no link-local address")


