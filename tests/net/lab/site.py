# SPDX-License-Identifier: ISC
"""The usual place: one node with one TCP service, and its upstreams."""

from .basin import Basin
from .bird import Bird
from .services import TcpService
from .waiting import WaitTimeout, wait_until

ASN = 65000
SERVICE4, SERVICE6 = "192.0.2.53", "2001:db8:53::53"
PREFIX4, PREFIX6 = "192.0.2.0/24", "2001:db8:53::/48"
PORT = 8053

NODE = """\
node:
  name: one
  asn: {asn}
  router_id: 10.255.255.1
  linger: {linger}
services:
  web:
    addresses: [192.0.2.53, 2001:db8:53::53]
    checks:
      - tcp: {{port: 8053}}
        interval: 50ms
        rise: 1
        fall: 1
prefixes:
  192.0.2.0/24: {{services: [web]{more}}}
  2001:db8:53::/48: {{services: [web]{more}}}
"""


def node_text(asn=ASN, linger="100ms", more=""):
    """The configuration without its peers."""
    return NODE.format(asn=asn, linger=linger,
                       more=f", {more}" if more else "")


class Upstream:
    """A router namespace, its link to the node, and the router in it."""

    def __init__(self, site, name, asn, kind=Bird, **options):
        self.site, self.name, self.asn = site, name, asn
        self.namespace = site.lab.namespace(name)
        self.link = site.lab.link(site.node, self.namespace)
        self.router = kind(self.namespace, asn, **options)

    @property
    def address4(self):
        return self.link.v4(self.namespace)

    @property
    def address6(self):
        return self.link.v6(self.namespace)

    @property
    def node4(self):
        return self.link.v4(self.site.node)

    @property
    def node6(self):
        return self.link.v6(self.site.node)

    @property
    def interface(self):
        """Towards the node."""
        return self.link.interface(self.namespace)

    def expect(self, asn=ASN, session=4, **options):
        """Makes the node a neighbour of the router."""
        self.router.peer(self.node6 if session == 6 else self.node4, asn,
                         **options)
        return self

    def start(self):
        self.router.start()
        return self

    def peer(self, more="", session=4, asn=None, name=None,
             families=(4, 6)):
        """This upstream as an entry of `peers:`."""
        address = self.address6 if session == 6 else self.address4
        lines = [f"address: {address}", f"asn: {asn or self.asn}",
                 f"families: [{', '.join(f'ipv{f}' for f in families)}]",
                 "connect_retry: 1s"]
        if len(families) == 2:  # the other family has no address of its own
            lines.append("next_hop: "
                         + (self.node4 if session == 6 else self.node6))
        lines += [line.strip() for line in more.splitlines() if line.strip()]
        return f"  {name or self.name}:\n" + "".join(
            f"    {line}\n" for line in lines)

    def wait_routes(self, *prefixes, timeout=6):
        """Until the router has them; both families when none is named."""
        wanted = prefixes or (PREFIX4, PREFIX6)
        wait_until(lambda: self.router.has(*wanted), timeout,
                   lambda: self._story(f"{wanted} at {self.name}"),
                   alive=self._alive)

    def wait_gone(self, *prefixes, timeout=6):
        wanted = prefixes or (PREFIX4, PREFIX6)

        def gone():
            table = self.router.routes()
            return not any(prefix in table for prefix in wanted)
        wait_until(gone, timeout,
                   lambda: self._story(f"{wanted} gone at {self.name}"))

    def _alive(self):
        if self.site.basin and self.site.basin.process:
            self.site.basin.process.check()

    def _story(self, wanted):
        log = self.site.basin.log() if self.site.basin else ""
        return (f"{wanted}; it has {sorted(self.router.routes())}\n"
                f"--- basind\n{log}\n--- router\n"
                + "\n".join(self.router.log().splitlines()[-30:]))


class Site:
    def __init__(self, lab, node=None):
        self.lab = lab
        self.node = node or lab.namespace("node")
        self.services = []
        self.basin = None

    def upstream(self, name="transit", asn=65001, kind=Bird, **options):
        return Upstream(self, name, asn, kind, **options)

    def serve(self):
        """The TCP service on both addresses, before they exist."""
        self.services = [TcpService(self.node, address, PORT)
                         for address in (SERVICE4, SERVICE6)]
        return self

    def fail(self):
        for service in self.services:
            service.stop()

    def recover(self):
        for service in self.services:
            service.start()

    def config(self, *peers, node=None, extra=""):
        return ((node or node_text()) + "peers:\n" + "".join(peers) + extra)

    def basind(self, *peers, node=None, extra="", **options):
        """A Basin that is not started yet."""
        self.basin = Basin(self.node, self.config(*peers, node=node,
                                                  extra=extra), **options)
        return self.basin


__all__ = ["Site", "Upstream", "WaitTimeout", "node_text", "ASN", "PREFIX4",
           "PREFIX6", "SERVICE4", "SERVICE6", "PORT"]
