# SPDX-License-Identifier: ISC
"""GoBGP, asked by gobgp(1)."""

import time

from .speaker import ROUTE4, ROUTE6, SECRET

HEAD = """\
[global.config]
as = {asn}
router-id = "10.255.0.9"
"""

NEIGHBOR = """\
[[neighbors]]
[neighbors.config]
neighbor-address = "{node}"
peer-as = {asn}
{secret}
[neighbors.transport.config]
local-address = "{address}"
passive-mode = {passive}
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
hold-time = {hold}
"""

FAMILY = """\
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "{name}"
"""


class Gobgp:
    program = "gobgpd"
    heard_communities = ("65000:100", "no-export", "65000:1:2", "65000:7",
                         "65000 65000", "{Med: 5}")
    blackhole = "blackhole"

    def __init__(self, namespace, asn):
        self.namespace = namespace
        self.config = HEAD.format(asn=asn)
        self.process = None

    def peer(self, session, asn):
        secret = session.has("MD5") and f'auth-password = "{SECRET}"'
        text = NEIGHBOR.format(
            node=self._at(session), asn=asn, address=session.address + (
                "%node" if session.has("link-local") else ""),
            passive=str(session.passive).lower(), secret=secret or "",
            hold=session.hold)
        if session.has("GTSM"):
            text += ("[neighbors.ttl-security.config]\nenabled = true\n"
                     "ttl-min = 255\n")
        if session.has("multihop"):
            text += ("[neighbors.ebgp-multihop.config]\nenabled = true\n"
                     "multihop-ttl = 3\n")
        restart = session.has("graceful restart")
        if restart:
            text += ("[neighbors.graceful-restart.config]\nenabled = true\n"
                     "restart-time = 60\nnotification-enabled = true\n")
        names = [f"ipv{family}-unicast" for family in session.families]
        if session.has("flowspec"):
            names += ["ipv4-flowspec", "ipv6-flowspec"]
        for name in names:
            text += FAMILY.format(name=name)
            if restart:
                text += ("[neighbors.afi-safis.mp-graceful-restart.config]\n"
                         "enabled = true\n")
            if session.has("its limit"):
                text += ("[neighbors.afi-safis.prefix-limit.config]\n"
                         "max-prefixes = 1\n")
        self.config += text

    @staticmethod
    def _at(session):
        return session.node + ("%node" if session.has("link-local") else "")

    def start(self):
        config = self.namespace.dir / "gobgp.conf"
        config.write_text(self.config)
        self.process = self.namespace.popen(
            "gobgpd", "-f", config, "--pprof-disable", "--api-hosts",
            "127.0.0.1:50051", name="gobgpd")
        for family, route in (("ipv4", ROUTE4), ("ipv6", ROUTE6)):
            self._add(family, route)
        return self

    def _add(self, family, route):
        for _ in range(100):  # until its socket is there
            self.ask("global", "rib", "add", route, "-a", family)
            if route in self.ask("global", "rib", "-a", family):
                return
            self.process.check()
            time.sleep(0.05)
        raise AssertionError(self.process.output())

    def ask(self, *words):
        return self.namespace.run("gobgp", *words, check=False)

    def heard(self, session):
        return "".join(self.ask("neighbor", self._at(session), "adj-in", "-a",
                                family) for family in ("ipv4", "ipv6"))

    def story(self, session):
        return self.ask("neighbor", self._at(session)) + self.process.output()

    def refresh(self, session):
        self.ask("neighbor", self._at(session), "softresetin")

    def shut(self, session, text):
        self.ask("neighbor", self._at(session), "shutdown", "--reason", text)

    def kill(self):
        self.process.kill()
