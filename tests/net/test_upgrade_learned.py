# SPDX-License-Identifier: ISC
"""Hot upgrade: neighbours whose address was learned, and routes beyond the
configuration."""

import struct

from lab import Capture, Frr, bgp, wait_until
from test_block import (BIRD_FLOW, SENT, importing, peer_text, received,
                        section, with_flows)
from test_dynamic import lan, names
from test_unnumbered import cable, frr
from test_upgrade import FAST, quiet, successors, upgrade

__all__ = ["successors"]
HOLD = "    hold_time: 3s\n"
FLOW4 = struct.pack(">HBB", 1, 0, 133)


def test_neighbours_of_a_range(site, successors):
    one = site.upstream("one", 65001).expect(families=(4,), hold=3).start()
    two = site.upstream("two", 65002, kind=Frr).expect(
        families=(4,), hold=3).start()
    basin = site.basind(lan(more=HOLD)).start()
    one.wait_routes("192.0.2.0/24", timeout=30)
    two.wait_routes("192.0.2.0/24", timeout=30)
    before = sorted(names(basin))
    with (Capture(one.namespace, one.interface) as first,
          Capture(two.namespace, two.interface) as second):
        for _ in range(2):
            upgrade(basin, successors)
        quiet(first, one)
        quiet(second, two)
    assert sorted(names(basin)) == before
    shown = basin.peer(f"lan@{two.address4}")
    assert (shown["state"], shown["asn"], shown["dynamic"],
            shown["established"]) == ("Established", 65002, True, 1)
    basin.configure(site.config(lan(more=HOLD + "    prepend: 2\n")))
    basin.ask("reload")
    wait_until(lambda: one.router.routes()["192.0.2.0/24"][0].as_path
               == [65000] * 3, 20, one.router.routes)


def test_a_neighbour_on_an_interface(site, successors):
    transit = frr(site, passive=True)
    basin = site.basind(cable(site, transit.link, HOLD)).start()
    transit.wait_routes("2001:db8:53::/48", timeout=40)
    before = basin.peer("cable")
    with Capture(transit.namespace, transit.interface) as wire:
        for _ in range(2):
            upgrade(basin, successors)
        wait_until(lambda: basin.peer("cable")["messages_out"]["keepalive"]
                   > before["messages_out"]["keepalive"] + 3, 15,
                   lambda: basin.peer("cable"))
        assert not wire.disturbances()
    now = basin.peer("cable")
    assert (now["state"], now["address"], now["established"]) == (
        "Established", before["address"], 1)


def test_a_block_stands(site, successors):
    bird = site.upstream("transit", extra=BIRD_FLOW).expect(hold=3)
    with_flows(bird)
    bird.start()
    basin = site.basind(peer_text(bird) + "    " + FAST + "\n",
                        extra=section("transit")).start()
    bird.wait_routes()
    basin.ask("block", dst="192.0.2.7")
    basin.ask("block", flow="dst 192.0.2.0/24 proto udp sport 123")

    def flows():
        return [line for line in
                bird.router.ask("show route table flowtab4").splitlines()
                if "flow4" in line]

    bird.wait_routes("192.0.2.7/32")
    wait_until(lambda: len(flows()) == 1, 10, flows)
    with Capture(bird.namespace, bird.interface) as wire:
        for _ in range(2):
            upgrade(basin, successors)
        quiet(wire, bird)
    assert len(flows()) == 1
    assert len(basin.ask("show blocks")["blocks"]) == 2
    basin.ask("unblock", dst="192.0.2.7")
    bird.wait_gone("192.0.2.7/32")


def test_received_flows_are_asked_for_again(site, successors):
    """They are not handed over; of a family without any nobody asks."""
    bird = site.upstream("transit", extra=SENT).expect(
        hold=3, export="where source = RTS_STATIC")
    head, _, tail = bird.router._config.rpartition("}\n")
    bird.router._config = (
        head + "\tflow4 { table flowtab4; import all; export all; };\n"
        "\tflow6 { table flowtab6; import all; export none; };\n}\n" + tail)
    bird.start()
    basin = site.basind(importing(bird) + "    " + FAST + "\n").start()
    bird.wait_routes()

    def seen():
        return len(received(site, "transit"))
    wait_until(lambda: seen() == 5, 20, seen)
    with Capture(bird.namespace, bird.interface) as wire:
        for n in (1, 2):
            upgrade(basin, successors)
            wait_until(lambda: seen() == 5, 20, seen)
            asked = wire.messages(bird.node4, bgp.REFRESH)
            assert [message.body for message in asked] == [FLOW4] * n
    assert basin.peer("transit")["established"] == 1
