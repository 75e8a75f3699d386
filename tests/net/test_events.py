# SPDX-License-Identifier: ISC
"""The kernel tells when a service's socket is gone: no check has to find it."""

import os
import signal
import sys
import time

import pytest

from lab import Capture, stays, wait_until
from lab.site import (PORT, PREFIX4, PREFIX6, SERVICE4, SERVICE6,
                      Site)

# Checks are far too slow to be what is seen here.
NODE = """\
node: {{name: one, asn: 65000, router_id: 10.255.255.1, linger: 100ms}}
services:
  web:
    addresses: [{addresses}]
    watch: [{watch}]
    on_event: {on_event}
    checks: {checks}
prefixes:
  192.0.2.0/24: {{services: [web]}}
  2001:db8:53::/48: {{services: [web]}}
"""
SLOW = "[{tcp: 8053, interval: 30s, rise: 1, fall: 1}]"

# python OWN KIND:ADDRESS ...: one socket each; "fork" forks when all are
# there, "reuse" shares the port with others.
OWN = """
import os, signal, socket, sys
kept = []
for word in sys.argv[1:]:
    if word in ("fork", "reuse"):
        continue
    kind, _, address = word.partition(":")
    v6 = ":" in address
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET,
                      socket.SOCK_STREAM if kind == "tcp"
                      else socket.SOCK_DGRAM)
    if kind == "tcp":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "reuse" in sys.argv:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.setsockopt(*((41, 78) if v6 else (0, 15)), 1)
    s.bind((address, 8053))
    if kind == "tcp":
        s.listen(64)
    kept.append(s)
print("there", flush=True)
if "fork" in sys.argv:
    child = os.fork()
    if child:  # it alone prints: whoever reads this kills that process
        print(child, flush=True)
signal.pause()
"""
BOTH = [SERVICE4, SERVICE6]
# Seconds. Far below any interval; the benchmark measures what it really is.
AT_ONCE = 0.5


def own(site, *words):
    process = site.node.popen(sys.executable, "-I", "-S", "-c", OWN, *words,
                              name=f"own{len(site.lab.processes)}")
    wait_until(lambda: "there" in process.output(), 10, "its sockets",
               alive=process.check)
    return process


class Place:
    """A node whose service is watched, its router, and the wire."""

    def __init__(self, lab, watch="tcp/8053", on_event="down", checks="[]",
                 addresses=BOTH):
        self.site = Site(lab)
        self.transit = self.site.upstream().expect().start()
        self.node = NODE.format(
            watch=watch, on_event=on_event, checks=checks,
            addresses=", ".join(addresses))
        self.basin = self.site.basind(self.transit.peer(), node=self.node)

    def start(self, *words):
        self.service = own(self.site, *words)
        self.basin.start()
        self.transit.wait_routes()
        return self

    def killed(self, kill=None):
        """Seconds from kill -9 to the first WITHDRAW on the wire."""
        with Capture(self.transit.namespace, self.transit.interface) as wire:
            time.sleep(0.1)
            begun = time.time()
            (kill or self.service.kill)()
            first = wait_until(
                lambda: next((m.time for m in wire.updates(self.transit.node4)
                              if m.withdrawn), None),
                3, lambda: self.transit._story("a withdrawal"))
        self.transit.wait_gone()
        return first - begun

    def again(self, *words):
        self.service = own(self.site, *words)
        self.transit.wait_routes()

    def shown(self):
        return self.basin.ask("show services")["services"][0]


@pytest.mark.parametrize("kind", ["tcp", "udp"])
@pytest.mark.parametrize("addresses", [
    [SERVICE4, SERVICE6], ["0.0.0.0", "::1", SERVICE6], ["::"]],
    ids=["addresses", "wildcard", "one_socket_for_both"])
def test_a_killed_service_is_withdrawn_at_once(lab, kind, addresses):
    place = Place(lab, watch=f"{kind}/8053")
    words = [f"{kind}:{address}" for address in addresses]
    place.start(*words)
    assert place.killed() < AT_ONCE
    shown = place.shown()
    assert shown["state"] == "down" and shown["reason"] == "watch_gone"
    assert shown["watch"] == [{
        "watch": f"{kind}/8053", "socket": f"{kind}/8053", "present": False}]
    assert f"nothing listens on {kind}/8053" in place.basin.cli(
        "why", PREFIX4)
    place.again(*words)
    assert place.shown()["watch"][0]["present"]
    assert place.killed() < AT_ONCE


def test_processes_that_share_a_port_count_as_one(lab):
    place = Place(lab)
    words = ["reuse", f"tcp:{SERVICE4}", f"tcp:{SERVICE6}"]
    other = own(place.site, *words)
    place.start(*words)
    other.kill()
    stays(lambda: place.transit.router.has(PREFIX4, PREFIX6))
    assert place.killed() < AT_ONCE


def test_a_forked_service_lives_until_its_last_process(lab):
    place = Place(lab, watch="udp/8053")
    place.start("fork", f"udp:{SERVICE4}", f"udp:{SERVICE6}")
    wait_until(lambda: len(place.service.output().split()) == 2, 10, "a child")
    child = int(place.service.output().split()[1])
    place.service.kill()
    stays(lambda: place.transit.router.has(PREFIX4, PREFIX6))
    assert place.killed(lambda: os.kill(child, signal.SIGKILL)) < AT_ONCE


def test_one_address_that_nobody_listens_on_is_enough(lab):
    place = Place(lab)
    six = own(place.site, f"tcp:{SERVICE6}")
    place.start(f"tcp:{SERVICE4}")
    assert place.killed(six.kill) < AT_ONCE


def test_what_was_not_there_at_the_start_is_announced_when_it_is(lab):
    place = Place(lab)
    place.basin.start()
    wait_until(lambda: place.shown()["reason"] == "watch_gone", 3, "gone")
    assert not place.transit.router.has(PREFIX4)
    place.again(f"tcp:{SERVICE4}", f"tcp:{SERVICE6}")


def test_checks_run_at_once_when_it_is_there_again(lab):
    place = Place(lab, checks=SLOW)
    words = [f"tcp:{SERVICE4}", f"tcp:{SERVICE6}"]
    place.start(*words)
    assert place.killed() < AT_ONCE
    begun = time.monotonic()
    place.again(*words)
    assert time.monotonic() - begun < 5  # the interval is 30 s


def test_on_event_check_lets_the_checks_decide(lab):
    place = Place(lab, on_event="check", checks=SLOW)
    words = [f"tcp:{SERVICE4}", f"tcp:{SERVICE6}"]
    place.start(*words)
    assert place.killed() < 1
    assert place.shown()["reason"] == "checks_down"
    place.again(*words)


def test_on_event_check_alone_takes_nothing_down(lab):
    place = Place(lab, watch="udp/8053", on_event="check", checks=SLOW)
    udp = own(place.site, f"udp:{SERVICE4}", f"udp:{SERVICE6}")
    place.start(f"tcp:{SERVICE4}", f"tcp:{SERVICE6}")
    udp.kill()
    wait_until(lambda: not place.shown()["watch"][0]["present"], 3, "gone")
    stays(lambda: place.transit.router.has(PREFIX4, PREFIX6))


def test_lost_notifications_are_repaired(lab):
    """More sockets end at once than the kernel keeps notifications of."""
    place = Place(lab, watch="udp/8053")
    place.start(f"udp:{SERVICE4}", f"udp:{SERVICE6}")
    flood = [place.site.node.socket(2, 2) for _ in range(900)]
    for number, end in enumerate(flood):
        end.bind(("127.0.0.1", 20000 + number))
    place.basin.process.signal(signal.SIGSTOP)
    try:
        for _ in range(6):
            for end in flood:
                end.close()
            flood = []
            for number in range(900):
                end = place.site.node.socket(2, 2)
                end.bind(("127.0.0.1", 20000 + number))
                flood.append(end)
        for end in flood:
            end.close()
        time.sleep(0.2)
        place.service.kill()
        time.sleep(0.2)
    finally:
        place.basin.process.signal(signal.SIGCONT)
    place.transit.wait_gone(timeout=3)
    place.again(f"udp:{SERVICE4}", f"udp:{SERVICE6}")


def test_connections_of_the_service_are_no_events(lab):
    place = Place(lab)
    place.start(f"tcp:{SERVICE4}", f"tcp:{SERVICE6}")
    before = place.shown()["transitions"]
    for _ in range(40):
        with place.site.node.socket() as client:
            client.connect((SERVICE4, PORT))
    stays(lambda: place.transit.router.has(PREFIX4, PREFIX6))
    assert place.shown()["transitions"] == before


def test_a_reload_changes_what_is_watched(lab):
    place = Place(lab)
    words = [f"tcp:{SERVICE4}", f"tcp:{SERVICE6}"]
    place.start(*words)
    place.basin.reload(place.site.config(
        place.transit.peer(), node=place.node.replace("tcp/8053",
                                                      "udp/8053")))
    place.transit.wait_gone()
    place.again("udp:0.0.0.0", f"udp:{SERVICE6}")
    place.basin.reload(place.site.config(
        place.transit.peer(),
        node=place.node.replace("    watch: [tcp/8053]\n", "")))
    place.service.kill()
    stays(lambda: place.transit.router.has(PREFIX4, PREFIX6))
