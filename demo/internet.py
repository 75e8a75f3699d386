# SPDX-License-Identifier: ISC
"""The stage: five networks, three cities, three anycast nodes.

        Tokyo              New York            London
          |                   |                  |
        asia -- pacific -- america ---------- europe
          |                                      |
          +------------- mideast ----------------+
"""

import pathlib
import subprocess
import sys
import time

from lab import Basin, Bird, Capture, Frr, Nsd, wait_until

SERVICE4, SERVICE6 = "192.0.2.53", "2001:db8:53::53"
PREFIX4, PREFIX6 = "192.0.2.0/24", "2001:db8:53::/48"
PREFIXES = {"IPv4": PREFIX4, "IPv6": PREFIX6}
ANYCAST_AS = 65000

NETWORKS = {  # name: AS number, routing daemon
    "asia": (64510, Frr),
    "europe": (64520, Bird),
    "america": (64530, Bird),
    "pacific": (64540, Frr),
    "mideast": (64550, Bird),
}
PEERINGS = [("asia", "pacific"), ("pacific", "america"),
            ("america", "europe"), ("europe", "mideast"),
            ("mideast", "asia")]
CITIES = {  # city: name of its node, network
    "Tokyo": ("tokyo", "asia"),
    "London": ("london", "europe"),
    "New York": ("newyork", "america"),
}

CONFIG = """\
node:
  name: {node}
  asn: 65000
  router_id: 10.255.0.{number}
  drain: {{quiet: 1s, limit: 8s}}
services:
  dns:
    addresses: [192.0.2.53, 2001:db8:53::53]
    checks:
      - dns: {{query: example.com SOA, aa: true, nsid: {node}}}
        interval: 100ms
        fall: 1
        rise: 2
prefixes:
  192.0.2.0/24:      {{services: [dns]}}
  2001:db8:53::/48:  {{services: [dns]}}
peers:
  {network}-v4: {{address: {peer4}, asn: {asn}, families: [ipv4],
                 import: default, install: true}}
  {network}-v6: {{address: {peer6}, asn: {asn}, families: [ipv6],
                 import: default, install: true}}
"""


class City:
    """A node with its name server, and a client beside it."""

    def __init__(self, internet, name, node, network, number):
        lab = internet.lab
        self.name, self.node, self.network = name, node, network
        self.edge = lab.namespace("edge-" + node)
        self.client = lab.namespace("client-" + node)
        self.router = internet.routers[network]
        space = self.router.namespace
        self.link = lab.link(self.edge, space)
        self._home = lab.link(self.client, space)
        for family, gateway in ((4, self._home.v4(space)),
                                (6, self._home.v6(space))):
            self.client.ip(f"-{family} route add default via {gateway}")
        self.nsd = Nsd(self.edge, [SERVICE4, SERVICE6], node)
        self.basin = Basin(self.edge, CONFIG.format(
            node=node, network=network, number=number,
            asn=NETWORKS[network][0],
            peer4=self.link.v4(space), peer6=self.link.v6(space)))
        self.queries = None

    def watch(self):
        """The wire between the node and its network."""
        space = self.router.namespace
        return Capture(space, self.link.interface(space))

    def ask(self, rate):
        """Starts the client, or changes how much it asks."""
        if self.queries is None:
            self.queries = Queries(self, rate)
        else:
            self.queries.rate(rate)


class Queries:
    """The running client of a city and what became of its queries."""

    def __init__(self, city, rate):
        program = pathlib.Path(__file__).with_name("client.py")
        self.results = []  # (time sent, family, node or "-", ms)
        self._rest = ""
        path = city.client.dir / "results"
        path.touch()
        self._log = open(path, encoding="ascii")
        self._process = city.client.popen(
            sys.executable, program, SERVICE4, SERVICE6, rate, path,
            name="client", stdin=subprocess.PIPE)
        city.edge.lab.closers.append(self._log.close)

    def rate(self, number):
        self._process.write(f"{number}\n")

    def read(self):
        self._process.check()
        lines = (self._rest + self._log.read()).split("\n")
        self._rest = lines.pop()
        for line in lines:
            sent, family, node, took = line.split()
            self.results.append((float(sent), family, node, float(took)))
        return self.results

    def between(self, start, end, family=None):
        """Queries sent in that time; waits until the fate of all is known."""
        while time.time() < end + 1.1:
            time.sleep(0.05)
        return [r for r in self.read() if start <= r[0] < end
                and family in (None, r[1])]

    def last(self, family):
        """The node that answered last."""
        for _, of, node, _ in reversed(self.read()):
            if of == family and node != "-":
                return node
        return None


class Internet:
    def __init__(self, lab):
        self.lab = lab
        self.routers = {}
        for name, (asn, kind) in NETWORKS.items():
            options = {"kernel": True} if kind is Bird else {}
            self.routers[name] = kind(lab.namespace(name), asn, **options)
        for one, other in PEERINGS:
            self._peering(self.routers[one], self.routers[other])
        self.cities = {
            name: City(self, name, node, network, number + 1)
            for number, (name, (node, network)) in enumerate(CITIES.items())}
        for city in self.cities.values():
            self._customer(city)

    def _peering(self, one, other):
        link = self.lab.link(one.namespace, other.namespace)
        for here, there in ((one, other), (other, one)):
            for session in (4, 6):
                address = (link.v6 if session == 6 else link.v4)(
                    there.namespace)
                here.peer(address, there.asn, families=(session,),
                          **self._everything(here))

    @staticmethod
    def _everything(router):
        if isinstance(router, Bird):
            return {"export": "where source = RTS_BGP || "
                              "source = RTS_DEVICE"}
        return {"export": True, "connected": True}

    def _customer(self, city):
        """The node is told the default route and nothing else."""
        for session in (4, 6):
            address = (city.link.v6 if session == 6 else city.link.v4)(
                city.edge)
            city.router.default_to(address, ANYCAST_AS, session)

    def start(self):
        for router in self.routers.values():
            router.launch()
        for router in self.routers.values():
            router.wait_answers()

    def converged(self):
        """Every network knows the way to every client."""
        return all(router.count() >= 2 * len(CITIES)
                   for router in self.routers.values())

    def wait_converged(self, timeout=20):
        wait_until(self.converged, timeout, lambda: "all routers agree; " +
                   str({n: r.count() for n, r in self.routers.items()}),
                   every=0.1)
