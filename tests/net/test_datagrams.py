# SPDX-License-Identifier: ISC
"""The kinds that send one datagram, run by the daemon in its sandbox."""

import struct
import time

import pytest

from lab import wait_until
from lab.services import UdpService
from lab.site import PREFIX4, SERVICE4

NODE = """\
node: {{name: one, asn: 65000, router_id: 10.255.255.1, linger: 100ms}}
services:
  one:
    addresses: [192.0.2.53]
    checks:
      - {check}
        interval: 50ms
        timeout: 50ms
        rise: 1
        fall: 1
prefixes:
  192.0.2.0/24: {{services: [one]}}
"""


class NtpService(UdpService):
    """A time server of stratum 2 that is right. Not a real one: chrony is
    asked in tests/checks."""

    def _serve(self, server):
        while self._socket is server:
            try:
                request, client = server.recvfrom(512)
            except TimeoutError:
                continue
            except OSError:
                return
            now = int((time.time() + 2208988800) * 2**32)
            server.sendto(struct.pack(
                "!BBbbII4sQ8sQQ", 0x24, 2, 6, -20, 0, 0, b"\x7f\0\0\1", now,
                request[40:48], now, now), client)


class SoaService(UdpService):
    """A name server that knows one record. Real ones: tests/checks."""

    serial = 7

    def _serve(self, server):
        while self._socket is server:
            try:
                query, client = server.recvfrom(512)
            except TimeoutError:
                continue
            except OSError:
                return
            server.sendto(
                query[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + query[12:]
                + b"\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x16\0\0"
                + struct.pack("!5I", self.serial, 60, 60, 3600, 60), client)


KINDS = {
    "udp": ("udp: {port: 7000, send: ping, expect: ping}",
            lambda node: UdpService(node, SERVICE4, 7000)),
    "ntp": ("ntp: {port: 7123, max_offset: 1s}",
            lambda node: NtpService(node, SERVICE4, 7123)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_of_datagrams_decides(site, kind):
    check, serve = KINDS[kind]
    upstream = site.upstream().expect(families=(4,)).start()
    node = site.basind(upstream.peer(families=(4,)),
                       node=NODE.format(check=check))
    service = serve(site.node)
    node.start()
    upstream.wait_routes(PREFIX4)
    service.stop()
    upstream.wait_gone(PREFIX4)
    assert "checks_down" in node.log()
    serve(site.node)
    upstream.wait_routes(PREFIX4)


def test_a_neighbour_that_answers_no_echo_decides(site):
    upstream = site.upstream().expect(families=(4,)).start()
    far = site.lab.namespace("far")
    link = site.lab.link(site.node, far)
    node = site.basind(
        upstream.peer(families=(4,)),
        node=NODE.format(check="icmp: {}\n        address: "
                               + link.v4(far)))
    site.node.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
    node.start()
    upstream.wait_routes(PREFIX4)
    far.run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
    upstream.wait_gone(PREFIX4)
    far.run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=0")
    wait_until(lambda: upstream.router.has(PREFIX4), 6, node.log)


def test_a_zone_that_does_not_follow_decides(site):
    upstream = site.upstream().expect(families=(4,)).start()
    node = site.basind(upstream.peer(families=(4,)), node=NODE.format(
        check="soa: {zone: example.com, port: 7053, primary: 127.0.0.1, "
              "primary_port: 7054, max_age: 1s}"))
    primary = SoaService(site.node, "127.0.0.1", 7054)
    SoaService(site.node, SERVICE4, 7053)
    node.start()
    upstream.wait_routes(PREFIX4)
    primary.serial = 9
    upstream.wait_gone(PREFIX4)
    assert "serial 7 is 2 behind the primary's" in node.log()
    primary.serial = 7
    upstream.wait_routes(PREFIX4)
