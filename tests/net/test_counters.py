# SPDX-License-Identifier: ISC
"""What reaches the services: counted, and when it is too much."""

import socket
import threading
import time

import pytest

from lab import stays, wait_until
from lab.services import UdpService
from lab.site import PREFIX4, SERVICE4, SERVICE6

NODE = """\
node:
  name: one
  asn: 65000
  router_id: 10.255.255.1
  linger: 100ms
{node}services:
  web:
    addresses: [192.0.2.53, 2001:db8:53::53]
    checks:
      - tcp: {{port: 8053}}
        interval: 50ms
        rise: 1
        fall: 1
{service}prefixes:
  192.0.2.0/24: {{services: [web], ladder_hold: 0s}}
  2001:db8:53::/48: {{services: [web], ladder_hold: 0s}}
"""
FAST = "    overload: {packets: 1000000, cpu: 100, latency: 1h}\n"


def node(more="", service=""):
    return NODE.format(node=more, service=service)


class Sender:
    """Datagrams to the service from where a client would be."""

    def __init__(self, namespace, address, port=9999):
        self.to = (address, port)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = namespace.socket(family, socket.SOCK_DGRAM)
        self.stop = False

    def send(self, count, size=100):
        for _ in range(count):
            self.socket.sendto(bytes(size), self.to)

    def flood(self):
        """About 2,000 a second until .stop; sleeps, so as not to hog."""
        def run():
            while not self.stop:
                self.send(20)
                time.sleep(0.01)
        threading.Thread(target=run, daemon=True).start()
        return self


@pytest.fixture
def transit(site):
    upstream = site.upstream().expect().start()
    upstream.namespace.ip(f"route add {SERVICE4}/32 via {upstream.node4}")
    upstream.namespace.ip(
        f"-6 route add {SERVICE6}/128 via {upstream.node6}")
    return upstream


def counter(site, address):
    """One entry of `show counters`."""
    return site.basin.ask("show counters", name=address)["counters"][0]


def wait_packets(site, address, packets):
    wait_until(lambda: counter(site, address)["packets"] >= packets, 20,
               lambda: counter(site, address))
    return counter(site, address)


def test_what_others_send_is_counted_and_our_checks_are_not(site, transit):
    site.basind(transit.peer(), node=node(service=FAST), http=True).start()
    transit.wait_routes()
    wait_until(lambda: counter(site, SERVICE4)["available"], 10,
               lambda: counter(site, SERVICE4))
    Sender(transit.namespace, SERVICE4).send(40, 72)
    Sender(transit.namespace, SERVICE6).send(30, 52)
    seen = wait_packets(site, SERVICE4, 40)
    assert (seen["packets"], seen["octets"]) == (40, 40 * 100)
    seen = wait_packets(site, SERVICE6, 30)
    assert (seen["packets"], seen["octets"]) == (30, 30 * 100)
    assert site.basin.metric("basin_service_packets_total") == 70
    assert site.basin.metric("basin_service_bytes_total") == 7000
    assert site.basin.metric("basin_counters_available") == 1
    assert SERVICE4 in site.basin.cli("show", "counters")
    # The sandboxed process reads the load of the node as well.
    load = site.basin.ask("show services")["services"][0]["load"]
    assert load["packets"]["value"] is not None
    wait_until(lambda: site.basin.ask("show services")["services"][0]["load"]
               ["cpu"]["value"] is not None, 10, "the processors' share")


def test_counts_survive_a_flush_and_a_reload(site, transit):
    site.basind(transit.peer(), node=node(service=FAST)).start()
    transit.wait_routes()
    wait_until(lambda: counter(site, SERVICE4)["available"], 10, "counted")
    sender = Sender(transit.namespace, SERVICE4)
    sender.send(10)
    wait_packets(site, SERVICE4, 10)
    site.node.run("nft", "flush", "ruleset")
    sender.send(10)
    assert wait_packets(site, SERVICE4, 20)["packets"] == 20
    more = node(service=FAST).replace("[192.0.2.53,",
                                      "[192.0.2.53, 192.0.2.54,")
    before = site.basin.generation()
    site.basin.reload(site.config(transit.peer(), node=more))
    wait_until(lambda: site.basin.generation() > before, 10, "reloaded")
    wait_until(lambda: counter(site, "192.0.2.54")["available"], 10,
               lambda: counter(site, "192.0.2.54"))
    sender.send(10)
    assert wait_packets(site, SERVICE4, 30)["packets"] == 30
    site.basin.terminate()
    site.basin.process.wait(10)
    assert not site.node.run("nft", "list", "tables").strip()


def test_switched_off_there_is_no_table(site, transit):
    site.basind(transit.peer(), node=node(more="  counters: off\n")).start()
    transit.wait_routes()
    answer = site.basin.ask("show counters")
    assert not answer["available"] and "switched off" in answer["why"]
    assert not site.node.run("nft", "list", "tables").strip()
    before = site.basin.generation()
    site.basin.reload(site.config(transit.peer(), node=node()))
    wait_until(lambda: site.basin.generation() > before, 10, "reloaded")
    wait_until(lambda: counter(site, SERVICE4)["available"], 10,
               lambda: counter(site, SERVICE4))
    site.basin.reload(site.config(transit.peer(),
                                  node=node(more="  counters: off\n")))
    wait_until(lambda: not site.node.run("nft", "list", "tables").strip(), 10,
               "the table is gone")


def test_where_it_is_not_permitted_that_is_said(site, transit):
    site.basind(transit.peer(), node=node(service=FAST)).start(
        under=["setpriv", "--bounding-set", "-net_admin", "--inh-caps",
               "-net_admin", "--"])
    wait_until(lambda: "not permitted"
               in (site.basin.ask("show counters")["why"] or ""), 10,
               lambda: site.basin.ask("show counters"))
    assert not counter(site, SERVICE4)["available"]
    load = site.basin.ask("show services")["services"][0]["load"]
    assert load["packets"]["value"] is None
    assert not load["packets"]["high"]
    assert "not permitted" in site.basin.cli("show", "counters")


def service_state(site):
    return site.basin.ask("show services")["services"][0]["state"]


def rung(site):
    return site.basin.ask("show prefixes", name=PREFIX4)["prefixes"][0][
        "rung"]


def test_a_flood_overloads_and_never_withdraws(site, transit):
    UdpService(site.node, SERVICE4, 9999)
    limits = "    overload: {packets: 500, after: 200ms, clear: 1s}\n"
    site.basind(transit.peer(), node=node(service=limits)).start()
    transit.wait_routes()
    assert service_state(site) == "up"
    flood = Sender(transit.namespace, SERVICE4).flood()
    try:
        wait_until(lambda: service_state(site) == "overloaded", 20,
                   lambda: site.basin.ask("show counters"))
        wait_until(lambda: rung(site) == "degraded", 10, lambda: rung(site))
        stays(lambda: transit.router.has(PREFIX4), 0.5, "announced")
        assert "packets" in site.basin.cli("show", "services")
        events = site.basin.ask("show events", kind="service")["events"]
        assert any(e["to"] == "overloaded" and "limit 500/s" in e["detail"]
                   for e in events), events
        assert "overloaded" in site.basin.cli("why", PREFIX4)
    finally:
        flood.stop = True
    wait_until(lambda: service_state(site) == "up", 20,
               lambda: site.basin.ask("show counters"))
    wait_until(lambda: rung(site) == "healthy", 10, lambda: rung(site))
    assert transit.router.has(PREFIX4)
