# SPDX-License-Identifier: ISC
"""FRRouting: bgpd, and zebra where the kernel must learn its routes."""

import json
import shutil
import socket

from .rootless import is_rootless
from .route import Route, Router, standard
from .waiting import wait_until

DAEMONS = "/usr/lib/frr"
CONNECTED = "  redistribute connected\n"

CONFIG = """\
frr defaults datacenter
hostname {name}
log file {log} debugging
ip prefix-list NOTHING deny any
ipv6 prefix-list NOTHING deny any
!
router bgp {asn}
 bgp router-id {router_id}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
{peers} !
 address-family ipv4 unicast
{v4} exit-address-family
 !
 address-family ipv6 unicast
{v6} exit-address-family
!
"""


class Frr(Router):
    def __init__(self, namespace, asn, router_id=None, bfd=None):
        """`bfd`: the section of bfdd, which runs only then."""
        self.bfd = bfd
        self.namespace = namespace
        self.asn = asn
        self.router_id = router_id or f"10.255.1.{asn % 250 + 1}"
        self.dir = namespace.dir / "frr"
        self.dir.mkdir(exist_ok=True)
        self._user = []
        if is_rootless():
            self._user = ["-u", "root", "-g", "root"]
        else:
            shutil.chown(self.dir, "frr", "frr")
        self.processes = []
        self._peers, self._families = "", {4: "", 6: ""}

    def peer(self, address, asn, families=(4, 6), passive=False, hold=90,
             export=False, connected=False, options=()):
        lines = [f"remote-as {asn}", f"timers {max(1, hold // 3)} {hold}",
                 "timers connect 1", "advertisement-interval 0", *options]
        if passive:
            lines.append("passive")
        self._peers += "".join(
            f" neighbor {address} {line}\n" for line in lines)
        for family in families:
            self._families[family] += f"  neighbor {address} activate\n"
            if not export:
                self._families[family] += (
                    f"  neighbor {address} prefix-list NOTHING out\n")
            if connected and CONNECTED not in self._families[family]:
                self._families[family] += CONNECTED

    def unnumbered(self, interface, asn, families=(6,), passive=False):
        """Whoever is heard on the interface."""
        self._peers += (f" neighbor {interface} interface remote-as {asn}\n"
                        f" neighbor {interface} timers connect 1\n")
        if passive:
            self._peers += f" neighbor {interface} passive\n"
        for family in families:
            self._families[family] += (
                f"  neighbor {interface} activate\n"
                f"  neighbor {interface} prefix-list NOTHING out\n")

    def default_to(self, address, asn, session):
        """A customer: it is told the default route and nothing else."""
        self.peer(address, asn, families=(session,))
        self._families[session] += (
            f"  neighbor {address} default-originate\n")

    def network(self, prefix):
        family = 6 if ":" in prefix else 4
        self._families[family] += f"  network {prefix}\n"

    def start(self):
        self.launch()
        self.wait_answers()
        return self

    def launch(self):
        config = self.dir / "frr.conf"
        config.write_text(CONFIG.format(
            name=self.namespace.name, asn=self.asn, log=self.dir / "frr.log",
            router_id=self.router_id, peers=self._peers,
            v4=self._families[4], v6=self._families[6])
            + (self.bfd or ""))
        self.processes = [self._daemon("zebra", "-s", "90000000"),
                          self._daemon("bgpd", "-p", "179")]
        if self.bfd is not None:
            self.processes.append(self._daemon(
                "bfdd", "--bfdctl", self.dir / "bfdd.sock"))

    def wait_answers(self):
        for process in self.processes:
            wait_until(lambda: self._answers(process), 10,
                       f"{process.name} answers", alive=process.check)

    def _answers(self, process):
        try:
            return self.ask("show version",
                            daemon=process.argv[0].split("/")[-1])
        except OSError:
            return None

    def _daemon(self, name, *options):
        for suffix in (".vty", ".pid"):
            (self.dir / (name + suffix)).unlink(missing_ok=True)
        process = self.namespace.popen(
            f"{DAEMONS}/{name}", *self._user, "-A", "127.0.0.1", "-P", "0",
            "-f", self.dir / "frr.conf", "-i", self.dir / f"{name}.pid",
            "-z", self.dir / "zserv.api", "--vty_socket", self.dir,
            *options, name=name)
        wait_until(lambda: (self.dir / f"{name}.vty").exists(), 10,
                   f"the socket of {name}", alive=process.check)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.stop()

    def configure(self, *lines):
        """Lines of `configure terminal`."""
        self.ask("configure terminal", *lines)

    def ask(self, *commands, daemon="bgpd"):
        """vtysh's protocol: NUL-ended both ways, a status octet at the end.
        The answer is the last command's."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.dir / f"{daemon}.vty"))
            answer = b""
            for line in ("enable", *commands):
                connection.sendall(line.encode() + b"\0")
                answer = self._answer(connection)
            return answer.decode(errors="replace")

    @staticmethod
    def _answer(connection):
        answer = b""
        while not (len(answer) >= 4 and answer[-4:-1] == b"\0\0\0"):
            piece = connection.recv(65536)
            if not piece:
                raise ConnectionError("FRR closed its socket")
            answer += piece
        return answer[:-4]

    def json(self, command):
        return json.loads(self.ask(command + " json") or "{}")

    def neighbor(self, address):
        answer = self.json(f"show bgp neighbors {address}")
        return answer.get(address, {})

    def state(self, address):
        return self.neighbor(address).get("bgpState", "")

    def established(self, address):
        return self.state(address) == "Established"

    def routes(self):
        table = {}
        for family in ("ipv4", "ipv6"):
            answer = self.json(f"show bgp {family} unicast")
            for prefix, paths in answer.get("routes", {}).items():
                table[prefix] = [_brief(prefix, path) for path in paths
                                 if path.get("valid")]
        return {prefix: routes for prefix, routes in table.items() if routes}

    def route(self, prefix):
        """The best route with all its attributes, or None."""
        family = "ipv6" if ":" in prefix else "ipv4"
        answer = self.json(f"show bgp {family} unicast {prefix}")
        if answer.get("prefix") != prefix:
            return None
        routes = [_full(prefix, path) for path in answer.get("paths", [])]
        best = [route for route in routes if route.best]
        return (best or routes or [None])[0]

    def count(self):
        return len(self.routes())

    def log(self):
        return (self.dir / "frr.log").read_text(errors="replace")


def _brief(prefix, path):
    hops = path.get("nexthops") or [{}]
    return Route(prefix, best=bool(path.get("bestpath")),
                 as_path=[int(a) for a in path.get("path", "").split()],
                 next_hop=hops[0].get("ip", ""), med=path.get("metric"),
                 peer=path.get("peerId", ""))


def _words(path, key):
    return set(path.get(key, {}).get("string", "").split())


def _full(prefix, path):
    globals_ = [hop for hop in path.get("nexthops", [])
                if hop.get("scope", "global") == "global"]
    return Route(
        prefix,
        as_path=[int(a) for a in
                 path.get("aspath", {}).get("string", "").split()
                 if a.isdigit()],
        origin=path.get("origin", "").lower(),
        next_hop=globals_[0].get("ip", "") if globals_ else "",
        med=path.get("med", path.get("metric")),
        local_pref=path.get("locPrf"),
        communities={standard(w) for w in _words(path, "community")},
        extended={w.lower() for w in _words(path, "extendedCommunity")},
        large=_words(path, "largeCommunity"),
        peer=path.get("peer", {}).get("peerId", ""),
        best=bool(path.get("bestpath", {}).get("overall")))
