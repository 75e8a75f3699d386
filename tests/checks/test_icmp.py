# SPDX-License-Identifier: ISC
"""The icmp check against the kernel of a neighbour: two namespaces, one
cable. Needs root."""
import json
import os
import subprocess

import pytest

from verdicts import bad

ADDRESSES = {"192.0.2.2": "4", "2001:db8::2": "6"}


class Cable:
    """A node and its neighbour; ping sockets are permitted to the node."""

    def __init__(self, program):
        self.program = program
        self.node, self.peer = (f"bsn{os.getpid()}{x}" for x in "ab")

    def sh(self, line, where=None):
        words = (["ip", "netns", "exec", where] if where else [])
        subprocess.run([*words, "sh", "-ec", line], check=True,
                       capture_output=True)

    def open(self):
        for name in (self.node, self.peer):
            self.sh(f"ip netns add {name}")
            self.sh("ip link set lo up", name)
        self.sh(f"ip -n {self.node} link add v0 type veth "
                f"peer name v0 netns {self.peer}")
        for name, host in ((self.node, 1), (self.peer, 2)):
            self.sh(f"ip address add 192.0.2.{host}/24 dev v0;"
                    f"ip address add 2001:db8::{host}/64 dev v0 nodad;"
                    "ip link set v0 up", name)
        self.permit("0 0")

    def permit(self, groups):
        self.sh(f"echo {groups} >/proc/sys/net/ipv4/ping_group_range",
                self.node)

    def close(self):
        for name in (self.node, self.peer):
            subprocess.run(["ip", "netns", "delete", name], check=False,
                           capture_output=True)

    def run(self, runs=1, **conf):
        done = subprocess.run(
            ["ip", "netns", "exec", self.node, self.program,
             json.dumps({"kind": "icmp", **conf}), str(runs)],
            capture_output=True, text=True, timeout=60, check=True)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(results) == runs
        return results if runs > 1 else results[0]


@pytest.fixture
def cable(program):
    if os.getuid():
        pytest.skip("needs root for namespaces")
    cable = Cable(program)
    try:
        cable.open()
        yield cable
    finally:
        cable.close()


def test_answer(cable):
    for target in ADDRESSES:
        for r in cable.run(runs=50, target=target):
            assert (r["verdict"], r["detail"]) == ("pass", ""), r
        for size in (16, 1400, 8952):
            r = cable.run(target=target, size=size)
            assert r["verdict"] == "pass", r
    r = cable.run(target="192.0.2.2", source="192.0.2.1")
    assert r["verdict"] == "pass", r
    bad(cable.run(target="192.0.2.2", source="192.0.2.9"), "local",
        "is not an address of this node", verdict="unknown")


def test_silence(cable):
    for target, family in ADDRESSES.items():
        path = "icmp/" if family == "6" else "icmp_"
        cable.sh(f"echo 1 >/proc/sys/net/ipv{family}/{path}echo_ignore_all",
                 cable.peer)
        bad(cable.run(target=target, timeout_ms=200), "timeout",
            f"echo request to {target}: no answer within 200 ms")


def test_unreachable(cable):
    """Nobody on the link, no route, and what a router says."""
    cable.sh("ip route add 198.51.100.0/24 via 192.0.2.2;"
             "ip route add 2001:db8:1::/64 via 2001:db8::2", cable.node)
    cable.sh("echo 1 >/proc/sys/net/ipv4/ip_forward;"
             "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding;"
             "ip route add unreachable 198.51.100.0/24;"
             "ip route add unreachable 2001:db8:1::/64", cable.peer)
    for target in ("192.0.2.77", "198.51.100.1", "2001:db8:1::1",
                   "203.0.113.1"):
        bad(cable.run(target=target, timeout_ms=8000), "unreachable", target)


def test_not_permitted(cable):
    cable.permit("1 0")
    for target in ADDRESSES:
        bad(cable.run(target=target), "local",
            "set sysctl net.ipv4.ping_group_range", verdict="unknown")
