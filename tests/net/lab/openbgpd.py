# SPDX-License-Identifier: ISC
"""OpenBGPD, asked by bgpctl."""

import os

from .speaker import EXTRA4, ROUTE4, ROUTE6, SECRET

CONFIG = """\
AS {asn}
router-id 10.255.0.9
socket "{dir}/bgpd.sock"
fib-update no
network {route4}
network {route6}
network {extra}
{neighbors}
allow from any
allow to any prefix {{ {route4}, {route6}, {extra} }}
"""


class Openbgpd:
    program = "bgpd"
    heard_communities = ("65000:100", "NO_EXPORT", "65000:1:2", "rt 65000:7",
                         "65000 65000", "metric 5")
    blackhole = "BLACKHOLE"

    def __init__(self, namespace, asn):
        self.namespace, self.asn = namespace, asn
        self.neighbors = ""
        self.process = None
        self.socket = namespace.dir / "bgpd.sock"

    def peer(self, session, asn):
        zone = "%node" if session.has("link-local") else ""
        lines = [f"remote-as {asn}", f"local-address {session.address}{zone}",
                 "announce IPv4 unicast", "announce IPv6 unicast",
                 "announce enhanced refresh yes", f"holdtime {session.hold}"]
        if session.passive:
            lines.append("passive")
        if session.has("GTSM"):
            lines.append("ttl-security yes")
        if session.has("multihop"):
            lines.append("multihop 3")
        if session.has("roles"):
            lines.append("announce policy provider")
        if session.has("its limit"):
            lines.append("max-prefix 1")
        if session.has("MD5"):
            lines.append(f'tcp md5sig password "{SECRET}"')
        self.neighbors += (f"neighbor {session.node}{zone} {{\n" +
                           "".join(f"\t{line}\n" for line in lines) + "}\n")

    def start(self):
        config = self.namespace.dir / "bgpd.conf"
        config.write_text(CONFIG.format(
            asn=self.asn, dir=self.namespace.dir, route4=ROUTE4,
            route6=ROUTE6, extra=EXTRA4, neighbors=self.neighbors))
        config.chmod(0o600)
        os.makedirs("/run/openbgpd", exist_ok=True)  # it locks itself in
        self.process = self.namespace.popen("/usr/sbin/bgpd", "-d", "-f",
                                            config, name="openbgpd")
        return self

    def ask(self, *words):
        return self.namespace.run("bgpctl", "-s", self.socket, *words,
                                  check=False)

    def heard(self, session):
        """Its table of this neighbour, as text."""
        return self.ask("show", "rib", "neighbor", session.node, "detail")

    def story(self, session):
        """What it says of the neighbour."""
        return self.ask("show", "neighbor", session.node)

    def refresh(self, session):
        self.ask("neighbor", session.node, "refresh")

    def shut(self, session, text):
        self.ask("neighbor", session.node, "down", text)

    def kill(self):
        self.process.kill()
        self.namespace.run("rm", "-f", self.socket)
