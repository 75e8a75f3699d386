# SPDX-License-Identifier: ISC
"""IPv6 anycast addresses of a link: two nodes, one client, no router."""

import socket
import struct
import sys
import time

import pytest

from lab import Basin, wait_until

SERVICE = "2001:db8:1::53"
CONFIG = """\
node: {{name: {name}, asn: 65000, router_id: 10.255.255.{number}}}
bgp: {{listen: []}}
services:
  dns:
    addresses: ["{service}"]
    interface: {interface}
    on_link: true
    watch: file{ready}
  other: {{}}
prefixes:
  192.0.2.0/24: {{services: [other]}}
peers:
  nobody: {{address: 127.0.0.2, asn: 65001}}
"""
ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(41, 78, 1)
s.bind((sys.argv[1], 5300))
print("ready", flush=True)
while True:
    text, client = s.recvfrom(100)
    s.sendto(sys.argv[2].encode(), client)
"""


class Node:
    def __init__(self, lab, bridge, number):
        self.number, self.name = number, f"node{number}"
        self.space = lab.namespace(self.name)
        self.interface = bridge.port(self.space, f"2001:db8:1::{number}/64")
        self.ready = self.space.dir / "ready"
        self.ready.write_text("")
        self.space.dir.chmod(0o755)
        self.basin = Basin(self.space, CONFIG.format(
            name=self.name, number=number, service=SERVICE,
            interface=self.interface, ready=self.ready))

    def start(self):
        echo = self.space.popen(sys.executable, "-I", "-S", "-c", ECHO,
                                SERVICE, self.name, name="echo")
        wait_until(lambda: "ready" in echo.output(), 10, "the server",
                   alive=echo.check)
        self.basin.start()
        return self.wait("joined")

    def wait(self, state):
        wait_until(lambda: self.state() == state, 10, f"address is {state}")
        return self

    def state(self):
        return self.basin.ask("show addresses")["addresses"][0]["state"]


class Bridge:
    """The link, and the client's place on it."""

    def __init__(self, lab):
        self.space = lab.namespace("client")
        self.ports = 0
        self.space.ip("link add br0 type bridge mcast_snooping 0")
        self.space.ip("link set br0 up")
        self.space.ip("addr add 2001:db8:1::ff/64 dev br0 nodad")

    def port(self, space, address):
        self.ports += 1
        own, far = f"port{self.ports}", f"eth{self.ports}"
        self.space.ip(f"link add {own} type veth peer name {far}")
        self.space.ip(f"link set {far} netns {space.path}")
        self.space.ip(f"link set {own} master br0 up")
        space.ip(f"link set {far} up")
        space.ip(f"addr add {address} dev {far} nodad")
        return far

    def answer(self):
        """Who answers a request, or None."""
        self.space.ip("-6 neigh flush dev br0")
        with self.space.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.settimeout(0.5)
            s.connect((SERVICE, 5300))  # hears only what comes from it
            try:
                s.send(b"who")
                return s.recv(100).decode()
            except OSError:
                return None

    def advertisements(self):
        """Flags octet of each answer to one Neighbor Solicitation for the
        service address, by who sent it."""
        found = {}
        with self.space:
            raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                                socket.IPPROTO_ICMPV6)
        with raw:
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS,
                           255)
            with self.space:
                index = socket.if_nametoindex("br0")
            raw.bind(("2001:db8:1::ff", 0))
            target = socket.inet_pton(socket.AF_INET6, SERVICE)
            own = bytes.fromhex((self.mac()).replace(":", ""))
            raw.sendto(struct.pack("!BBHI", 135, 0, 0, 0) + target
                       + b"\1\1" + own, ("ff02::1:ff00:53", 0, 0, index))
            end = time.monotonic() + 2
            while time.monotonic() < end:
                raw.settimeout(max(0.01, end - time.monotonic()))
                try:
                    packet, sender = raw.recvfrom(200)
                except OSError:
                    break
                if packet[0] == 136 and packet[8:24] == target:
                    found[sender[0]] = packet[4]
        return found

    def mac(self):
        words = self.space.ip("-o link show br0").split()
        return words[words.index("link/ether") + 1]


@pytest.fixture
def place(lab):
    bridge = Bridge(lab)
    nodes = [Node(lab, bridge, number).start() for number in (1, 2)]
    return bridge, nodes


def test_two_nodes_answer_and_neither_overrides(place):
    bridge, nodes = place
    wait_until(lambda: bridge.answer() in ("node1", "node2"), 10, "an answer")
    flags = bridge.advertisements()
    assert set(flags) == {"2001:db8:1::1", "2001:db8:1::2"}
    for octet in flags.values():
        assert octet & 0x40 and not octet & 0x20  # solicited, no override


def test_who_is_down_leaves(place):
    bridge, nodes = place
    assert f"joined on {nodes[0].interface}" in nodes[0].basin.cli("doctor")
    nodes[0].ready.unlink()
    nodes[0].wait("left")
    assert "not joined on" in nodes[0].basin.cli("doctor")
    assert set(bridge.advertisements()) == {"2001:db8:1::2"}
    wait_until(lambda: bridge.answer() == "node2", 10, "node2 answers")
    nodes[1].basin.cli("drain", "node", "--reason", "test", "--now")
    nodes[1].wait("left")
    assert bridge.advertisements() == {}
    nodes[0].ready.write_text("")
    nodes[0].wait("joined")
    wait_until(lambda: bridge.answer() == "node1", 10, "node1 answers")


def test_a_link_that_was_down_is_joined_anew(place):
    bridge, nodes = place
    one, interface = nodes[0], nodes[0].interface
    nodes[1].ready.unlink()
    nodes[1].wait("left")
    one.space.ip(f"link set {interface} down")
    one.space.ip(f"link set {interface} up")
    one.space.ip(f"addr add 2001:db8:1::1/64 dev {interface} nodad")
    wait_until(lambda: bridge.answer() == "node1", 10, "it answers again")


def test_who_ends_leaves(place):
    bridge, nodes = place
    nodes[0].basin.process.stop()
    nodes[1].basin.process.kill()  # the helper ends with it, and leaves
    wait_until(lambda: bridge.advertisements() == {}, 10, "nobody answers")
