# SPDX-License-Identifier: ISC
"""BIRD 2, asked by its own control socket."""

import re
import socket

from .route import Route, Router
from .waiting import wait_until

HEAD = """\
log "{log}" all;
router id {router_id};
debug protocols {{ states, events }};
protocol device {{ scan time 1; }}
"""

KERNEL = """\
protocol direct { ipv4; ipv6; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
"""

PEER = """\
protocol bgp {name} {{
	local{local} as {asn};
	neighbor {address} as {remote_asn};
	passive {passive};
	connect delay time 1;
	connect retry time 1;
	error wait time 1, 2;
	hold time {hold};
	{options}
	{channels}
}}
"""


# RFC 8326: a neighbour that leaves is only used when there is no other.
GRACEFUL = ("filter { if (65535, 0) ~ bgp_community then bgp_local_pref = 0;"
            " accept; }")


class Bird(Router):
    def __init__(self, namespace, asn, router_id=None, kernel=False,
                 extra=""):
        self.namespace = namespace
        self.asn = asn
        self.router_id = router_id or f"10.255.0.{asn % 250 + 1}"
        self.dir = namespace.dir / "bird"
        self.dir.mkdir(exist_ok=True)
        self.socket = self.dir / "bird.ctl"
        self.process = None
        self._defaults = set()  # families with a default route to tell
        self._names = {}  # of protocols, by neighbour's address
        self._config = HEAD.format(log=self.dir / "bird.log",
                                   router_id=self.router_id)
        self._config += (KERNEL if kernel else "") + extra

    def static(self, *prefixes):
        """Routes to announce where a peer's export says so."""
        for family, mark in (("ipv4", "."), ("ipv6", ":")):
            lines = [f"\troute {p} blackhole;\n" for p in prefixes
                     if (":" in p) == (mark == ":")]
            if lines:
                self._config += (f"protocol static {{\n\t{family};\n"
                                 + "".join(lines) + "}\n")

    def peer(self, address, asn, families=(4, 6), passive=False, hold=90,
             export="none", imports="all", options="", local=None,
             channel=""):
        name = f"peer{len(self._names) + 1}"
        self._names[address] = name
        channels = "\n\t".join(
            f"ipv{family} {{ import {imports}; export {export}; {channel} }};"
            for family in families)
        self._config += PEER.format(
            name=name, asn=self.asn, address=address, remote_asn=asn,
            passive="on" if passive else "off", hold=hold, options=options,
            channels=channels, local=f" {local}" if local else "")
        return name

    def default_to(self, address, asn, session):
        """A customer: it is told the default route and nothing else."""
        if session not in self._defaults:
            self._defaults.add(session)
            self.static("::/0" if session == 6 else "0.0.0.0/0")
        self.peer(address, asn, families=(session,), imports=GRACEFUL,
                  export="where source = RTS_STATIC")

    def start(self):
        self.launch()
        self.wait_answers()
        return self

    def launch(self):
        config = self.dir / "bird.conf"
        config.write_text(self._config)
        self.socket.unlink(missing_ok=True)
        self.process = self.namespace.popen(
            "bird", "-f", "-c", config, "-s", self.socket,
            "-P", self.dir / "bird.pid", name="bird")

    def wait_answers(self):
        wait_until(self._answers, 5, "BIRD answers on its control socket",
                   alive=self.process.check)

    def stop(self):
        self.process.stop()

    def _answers(self):
        try:
            return self.ask("show status")
        except OSError:
            return None

    def ask(self, command):
        """birdc's protocol: lines until one with a final code."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            stream = connection.makefile("rw", encoding="utf-8")
            stream.readline()  # the greeting
            stream.write(command + "\n")
            stream.flush()
            lines = []
            for line in stream:
                coded = re.match(r"(\d{4})([ -])", line)
                lines.append(line[5:] if coded else line[1:])
                if coded and coded[2] == " ":
                    break
            return "".join(lines)

    def state(self, address):
        """("up", "Established") of the session to a neighbour."""
        for line in self.ask("show protocols").splitlines():
            words = line.split()
            if words and words[0] == self._names[address]:
                return words[3], " ".join(words[5:])
        return "", ""

    def established(self, address):
        return self.state(address)[1] == "Established"

    def details(self, address):
        return self.ask(f"show protocols all {self._names[address]}")

    def enable(self, address):
        self.ask(f"enable {self._names[address]}")

    def disable(self, address):
        self.ask(f"disable {self._names[address]}")

    def routes(self):
        return parse_routes(self.ask("show route all"))

    def count(self):
        """Number of routes received from BGP."""
        table = self.ask("show route where source = RTS_BGP count")
        return sum(int(n) for n in re.findall(r"^(\d+) of", table, re.M))

    def log(self):
        return (self.dir / "bird.log").read_text(errors="replace")


HEADLINE = re.compile(
    r"(\S+/\d+)?\s+(\w+) \[(\w+) [^\]]*\](?: (\*))?")


def parse_routes(text):
    table, prefix, route = {}, None, None
    for line in text.splitlines():
        head = HEADLINE.match(line)
        if head:
            prefix = head[1] or prefix
            route = Route(prefix, peer=head[3], best=bool(head[4]))
            table.setdefault(prefix, []).append(route)
        elif route:
            key, _, value = line.strip().partition(": ")
            _attribute(route, key, value)
    return table


def _groups(value):
    return {re.sub(r",\s*", ":", group)
            for group in re.findall(r"\(([^)]*)\)", value)}


def _attribute(route, key, value):
    if key == "BGP.as_path":
        route.as_path = [int(asn) for asn in re.findall(r"\d+", value)]
    elif key == "BGP.origin":
        route.origin = value.lower()
    elif key == "BGP.next_hop":
        route.next_hop = value.split()[0]
    elif key == "BGP.med":
        route.med = int(value)
    elif key == "BGP.local_pref":
        route.local_pref = int(value)
    elif key == "BGP.community":
        route.communities = _groups(value)
    elif key == "BGP.ext_community":
        route.extended = _groups(value)
    elif key == "BGP.large_community":
        route.large = _groups(value)
