# SPDX-License-Identifier: ISC
"""One laboratory per speaker: basind and the speaker, with a session for
every combination that a row of the matrix needs."""

import json
import shutil

from lab import Lab
from lab.basin import Basin
from lab.bird import Bird
from lab.exabgp import Exabgp
from lab.frr import Frr
from lab.gobgp import Gobgp
from lab.openbgpd import Openbgpd
from lab.rootless import is_rootless
from lab.site import PREFIX4, PREFIX6, Site, node_text
from lab.speaker import EXTRA4, ROUTE4, ROUTE6, SECRET, Session

ASN = 65000
# More of the node's, too much for a limit; FRR acts on the third.
MORE4 = "198.51.100.0/24"
MORE = f"""\
  {MORE4}: {{services: [web]}}
  198.51.101.0/24: {{services: [web]}}
"""
VICTIM4, VICTIM6 = "192.0.2.7/32", "2001:db8:53::7/128"
MANY = 1024  # prefixes of four octets: too much for a message of 4096
LAST4 = f"172.{16 + (MANY - 1) // 256}.{(MANY - 1) % 256}.0/24"
REMOTE = 4200000001  # four octets: RFC 6793 in every session

ATTRIBUTES = ["prepend: 1", "med: 5",
              'communities: ["65000:100", no-export, "65000:1:2", '
              '"rt:65000:7"]']

BIRD_FLOW = """\
flow4 table flowtab4;
flow6 table flowtab6;
"""


class BirdSide(Bird):
    program = "bird"
    heard_communities = ("(65000,100)", "(65535,65281)", "(65000, 1, 2)",
                         "(rt, 65000, 7)", "65000 65000", "BGP.med: 5")
    blackhole = "(65535,666)"

    def __init__(self, namespace, asn):
        super().__init__(namespace, asn, router_id="10.255.0.9",
                         extra=BIRD_FLOW)
        self.static(ROUTE4, ROUTE6)

    def peer(self, session, asn):
        options = ["enable extended messages on;", "enable route refresh on;"]
        if session.has("MD5"):
            options.append(f'password "{SECRET}";')
        if session.has("GTSM"):
            options.append("ttl security on;")
        if session.has("multihop"):
            options.append("multihop 3;")
        if session.has("graceful restart"):
            options.append("graceful restart on;")
        if session.has("roles"):
            options.append("local role provider;")
        channel = ""
        if session.has("its limit"):
            channel = "import limit 1 action disable;"
        if session.has("RFC 8950"):
            channel += "extended next hop on;"
        super().peer(session.node, asn, families=session.families,
                     passive=session.passive, local=session.address,
                     hold=session.hold,
                     export="where source = RTS_STATIC", channel=channel,
                     options="\n\t".join(options))
        if session.has("flowspec"):
            self._config = self._config.rstrip()[:-1] + (
                "\tflow4 { table flowtab4; import all; export none; };\n"
                "\tflow6 { table flowtab6; import all; export none; };\n}\n")

    def heard(self, session):
        name = self._names[session.node]
        return (self.ask(f"show route all protocol {name}") +
                self.ask(f"show route table flowtab4 all protocol {name}") +
                self.ask(f"show route table flowtab6 all protocol {name}"))

    def story(self, session):
        return self.details(session.node) + self.log()

    def refresh(self, session):
        self.ask(f"reload in {self._names[session.node]}")

    def shut(self, session, text):
        self.ask(f'disable {self._names[session.node]} "{text}"')

    def kill(self):
        self.process.kill()


class FrrSide(Frr):
    program = "zebra"
    heard_communities = ("65000:100", "no-export", "65000:1:2", "RT:65000:7",
                         "65000 65000", '"metric": 5')
    blackhole = "blackhole"

    def __init__(self, namespace, asn):
        super().__init__(namespace, asn, router_id="10.255.0.9")
        for route in (ROUTE4, ROUTE6):
            self.network(route)

    def peer(self, session, asn):
        options = [f"update-source {session.address}",
                   "capability extended-nexthop"]
        if session.has("MD5"):
            options.append(f"password {SECRET.replace(' ', '_')}")
        if session.has("GTSM"):
            options.append("ttl-security hops 1")
        if session.has("multihop"):
            options.append("ebgp-multihop 3")
        if session.has("graceful restart"):
            options.append("graceful-restart")
        if session.has("roles"):
            options.append("local-role provider")
        super().peer(session.node, asn, families=session.families,
                     passive=session.passive, export=True,
                     hold=session.hold, options=options)
        if session.has("its limit"):
            for family in session.families:
                self._families[family] += (
                    f"  neighbor {session.node} maximum-prefix 1\n")

    def heard(self, session):
        paths = []
        for family, prefix in ((4, PREFIX4), (6, PREFIX6), (4, MORE4),
                               (4, VICTIM4), (6, VICTIM6), (4, LAST4)):
            answer = self.json(f"show bgp ipv{family} unicast {prefix}")
            paths += [prefix + json.dumps(path)
                      for path in answer.get("paths", [])
                      if path.get("peer", {}).get("peerId") == session.node]
        return "\n".join(paths)

    def story(self, session):
        return self.ask(f"show bgp neighbors {session.node}") + self.log()

    def refresh(self, session):
        for family in (4, 6):
            self.ask(f"clear bgp ipv{family} unicast {session.node} soft in")

    def shut(self, session, text):
        self.configure(f"router bgp {self.asn}",
                       f"neighbor {session.node} shutdown message {text}")

    def kill(self):
        for process in self.processes:
            process.kill()


KINDS = {"BIRD": BirdSide, "FRR": FrrSide, "OpenBGPD": Openbgpd,
         "GoBGP": Gobgp, "ExaBGP": Exabgp}

# Sessions by name: who connects, over what, its features, basin's options.
SESSIONS = [
    ("plain4", "basin", 4, (), ATTRIBUTES),
    ("plain6", "basin", 6, (), ATTRIBUTES),
    ("accept4", "peer", 4, (), []),
    ("accept6", "peer", 6, (), []),
    ("far", "basin", 4, ("multihop",), ["multihop: true"]),
    ("md5-4", "basin", 4, ("MD5", "MD5 connects"), []),
    ("md5-6", "peer", 6, ("MD5", "MD5 accepts"), []),
    ("gtsm4", "basin", 4, ("GTSM",), ["gtsm: on"]),
    ("gtsm6", "peer", 6, ("GTSM6", "GTSM"), ["gtsm: on"]),
    ("roles", "basin", 4, ("roles",), ["role: customer"]),
    ("dynamic", "peer", 4, ("dynamic",), []),
    ("nexthop6", "basin", 6, ("RFC 8950",), []),
    ("local", "basin", 6, ("link-local",), []),
    ("long", "basin", 4, ("extended messages",),
     ["extended_messages: true"]),
    ("hold", "basin", 4, ("hold time",), ["hold_time: 30s"]),
    ("hold2", "basin", 4, ("their hold time",), []),
    ("flows", "basin", 4, ("flowspec",), []),
    ("theirs", "basin", 4, ("goodbye",), []),
    ("ours", "basin", 4, ("farewell",), []),
    ("toomany", "basin", 4, ("our limit",), ["max_prefix: 1"]),
    ("toomuch", "basin", 4, ("its limit",), []),
    ("hard", "basin", 4, ("graceful restart", "hard reset"), []),
    ("restart", "basin", 4, ("graceful restart",),
     ["graceful_restart: {mode: on, forwarding: true}"]),
]


class Scene:
    """Built once per speaker and asked by all of its rows."""

    def __init__(self, lab, kind, wanted):
        self.lab, self.kind = lab, kind
        self.site = Site(lab).serve()
        self.space = lab.namespace("other")
        self.link = lab.link(self.site.node, self.space)
        self.speaker = KINDS[kind](self.space, REMOTE)
        self.sessions = {}
        self.secret = lab.dir / "secret"
        self.secret.write_text(self._secret() + "\n")
        self.secret.chmod(0o600)
        if not is_rootless():
            shutil.chown(self.secret, "nobody")
        for number, row in enumerate(SESSIONS):
            if wanted(row[3]):  # else a row says why not
                self._session(number, *row)
        self.basin = Basin(self.site.node, self.config())

    def _secret(self):
        return SECRET.replace(" ", "_") if self.kind == "FRR" else SECRET

    def _addresses(self, number, transport):
        if transport == 6:
            return (f"fd00:{self.link.number:x}::1{number:02}",
                    f"fd00:{self.link.number:x}::2{number:02}", 64)
        return (f"10.0.{self.link.number}.1{number:02}",
                f"10.0.{self.link.number}.2{number:02}", 24)

    def _session(self, number, name, connects, transport, features, basin):
        node, address, length = self._addresses(number, transport)
        node_at, peer_at = "other", "node"
        if "multihop" in features:
            node, address, length = "172.31.0.1", "172.31.0.2", 32
            node_at = peer_at = "lo"
        if "link-local" in features:
            node, address = f"fe80::1{number:02}", f"fe80::2{number:02}"
        flag = " nodad" if transport == 6 else ""
        self.site.node.ip(f"addr add {node}/{length} dev {node_at}{flag}")
        self.space.ip(f"addr add {address}/{length} dev {peer_at}{flag}")
        if "multihop" in features:
            self.site.node.ip(f"route add {address} via {self.peer(4)}")
            self.space.ip(f"route add {node} via {self.node(4)}")
        session = Session(
            name, number, connects, transport, features=frozenset(features),
            node=node, address=address, node4=self.node(4),
            node6=self.node(6), peer4=self.peer(4), peer6=self.peer(6),
            basin=list(basin), hold=30 if "their hold time" in features
            else 90,
            imports=(ROUTE4, ROUTE6, EXTRA4))
        if session.has("MD5"):
            session.basin.append(f"md5: {{key_file: {self.secret}}}")
        self.sessions[name] = session
        self.speaker.peer(session, ASN)

    def node(self, family):
        return (self.link.v4 if family == 4 else self.link.v6)(self.site.node)

    def peer(self, family):
        return (self.link.v4 if family == 4 else self.link.v6)(self.space)

    def entry(self, session):
        """The session as an entry of `peers:`."""
        if session.has("dynamic"):
            return (f"  dynamic:\n    address: {session.address}/32\n"
                    f"    asn: [{REMOTE}]\n    families: ipv4\n")
        lines = [f"address: {session.address}", f"asn: {REMOTE}",
                 f"source: {session.node}", "connect_retry: 1s",
                 *self._families(session),
                 f"import: {json.dumps(session.imports)}", *session.basin]
        if session.connects == "peer":
            lines.append("passive: true")
        return f"  {session.name}:\n" + "".join(
            f"    {line}\n" for line in lines)

    def _families(self, session):
        other = self.node(6 if session.transport == 4 else 4)
        if session.has("RFC 8950"):
            return ["families: [ipv4, ipv6]"]
        if session.has("link-local"):
            return ["families: ipv6",
                    f"interface: {self.link.interface(self.site.node)}"]
        flows = ", ipv4-flow, ipv6-flow" if session.has("flowspec") else ""
        return [f"families: [ipv4, ipv6{flows}]", f"next_hop: {other}"]

    def config(self):
        return (node_text(ASN) + MORE + "peers:\n" +
                "".join(map(self.entry, self.sessions.values())) +
                self._block() + self._many())

    def _block(self):
        names = ["plain4"] + ["flows"] * ("flows" in self.sessions)
        return f"block:\n  peers: [{', '.join(names)}]\n"

    def _many(self):
        """A program that announces more than 4096 octets to one session."""
        if "long" not in self.sessions:
            return ""
        script = self.site.node.dir / "many.sh"
        nlri = " ".join(f"172.{16 + i // 256}.{i % 256}.0/24"
                        for i in range(MANY))
        script.write_text(f"echo announce attributes next-hop self med 7 "
                          f"nlri {nlri}\nexec cat > /dev/null\n")
        script.chmod(0o755)
        self.site.node.dir.chmod(0o755)
        return (f"exabgp:\n  many: {{run: [/bin/sh, {script}], "
                "peers: [long]}\n")

    def start(self):
        self.basin.start()  # first: OpenBGPD tries once in two minutes
        self.speaker.start()
        return self

    def basin_says(self, name):
        return self.basin.peer(name)


def enter(kind, wanted):
    laboratory = Lab()
    laboratory.__enter__()
    try:
        return Scene(laboratory, kind, wanted).start()
    except BaseException:
        laboratory.close()
        raise


