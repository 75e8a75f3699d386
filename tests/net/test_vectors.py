# SPDX-License-Identifier: ISC
"""Every vector of tests/vectors, each on a session of its own: what basind
answers is what the RFCs say, and a session that goes on is still in step."""

import concurrent.futures
import dataclasses
import ipaddress
import pathlib
import socket
import threading
import time

import pytest

from lab import bgp
from lab.basin import ROOT
from lab.site import ASN, PREFIX4
from lab.waiting import wait_until

VECTORS = pathlib.Path(ROOT) / "tests" / "vectors"
PEER_ASN = 65001
NET = "198.51.100.0/24"
NET_OCTETS = bgp.nlri(NET)
OWN_OCTETS = bgp.nlri(PREFIX4)
REFRESH = bgp.frame(bgp.REFRESH, b"\0\1\0\1")
KEEPALIVE = bgp.frame(bgp.KEEPALIVE)
END_OF_RIB = b"\0\0\0\0"
THREADS = 24
PATIENCE = 20  # seconds for one answer of a busy machine

FAMILIES = {"flow": "[ipv4, ipv6, ipv4-flow, ipv6-flow]", "ipv4": "[ipv4]"}
MORE = {"ext": "    extended_messages: on\n"}
FLOWS = [bgp.capability(1, bytes([0, afi, 0, 133])) for afi in (1, 2)]


@dataclasses.dataclass
class Vector:
    name: str
    rfc: str
    session: str
    octets: bytes
    verdict: str
    number: int = 0

    @property
    def address(self):
        net = "fd07::" if self.session == "hop6" else "10.7.0.0"
        return str(ipaddress.ip_address(net) + 256 + self.number)

    @property
    def asn(self):
        return ASN if self.session == "ibgp" else PEER_ASN

    def open_message(self):
        extra = bgp.capability(2) + bgp.capability(70)
        if self.session == "flow":
            extra += b"".join(FLOWS)
        if self.session == "ext":
            extra += bgp.capability(6)
        if self.session == "hop6":
            extra += bgp.capability(5, bytes([0, 1, 0, 1, 0, 2]))
        families = (bgp.IPV4,) if self.session == "ipv4" else (bgp.IPV4,
                                                               bgp.IPV6)
        return bgp.open_message(self.asn, "10.7.7.7", families=families,
                                as4=self.session != "old", extra=extra)

    def peer(self, far):
        families = FAMILIES.get(self.session, "[ipv4, ipv6]")
        hop = far.node4 if self.session == "hop6" else far.node6
        more = MORE.get(self.session, "")
        if "ipv6" in families:
            more += f"    next_hop: {hop}\n"
        return (f"  v{self.number}:\n    address: {self.address}\n"
                f"    asn: {self.asn}\n    passive: on\n"
                f"    families: {families}\n"
                f"    import: [{NET}]\n{more}")


def octets_of(text):
    """Hexadecimal words; M is a marker, ab*9 is nine times ab."""
    octets = b""
    for word in text.split():
        unit, _, count = word.partition("*")
        octets += (bgp.MARKER if unit == "M"
                   else bytes.fromhex(unit) * int(count or 1))
    return octets


def read_vectors():
    found = []
    for path in sorted(VECTORS.glob("*.txt")):
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                name, rfc, session, octets, verdict = line.split(" | ")
                found.append(Vector(name, rfc, session, octets_of(octets),
                                    verdict, len(found)))
    return found


class Wrong(Exception):
    """basind did something else."""


class Talk:
    """One session, spoken by hand; only frames are looked at."""

    def __init__(self, vector, sock):
        self.vector = vector
        self.socket = sock
        self.stream = b""

    def send(self, octets):
        try:
            self.socket.sendall(octets)
        except ConnectionError:
            pass  # closed while we were still sending: what came is read

    def receive(self):
        """(type, body); None at the end of the connection."""
        while True:
            found, _ = bgp.split(self.stream)
            if found:
                kind, body = found[0]
                self.stream = self.stream[19 + len(body):]
                return kind, body
            try:
                octets = self.socket.recv(65536)
            except ConnectionError:
                return None
            except TimeoutError:
                raise Wrong(f"nothing for {PATIENCE} s") from None
            if not octets:
                return None
            self.stream += octets

    def until(self, what, wanted):
        """Reads to the first message that is wanted."""
        while True:
            message = self.receive()
            if message is None:
                raise Wrong(f"closed, expected {what}")
            if message[0] == bgp.NOTIFICATION:
                raise Wrong(f"NOTIFICATION {message[1].hex()}, expected "
                            f"{what}")
            if wanted(*message):
                return

    def until_kind(self, kind):
        self.until(bgp.NAMES[kind], lambda got, body: got == kind)

    def until_announced(self):
        self.until("the announcement", lambda kind, body:
                   kind == bgp.UPDATE and OWN_OCTETS in body)

    def until_end_of_rib(self):
        self.until("End-of-RIB", lambda kind, body:
                   kind == bgp.UPDATE and body == END_OF_RIB)

    def establish(self):
        self.send(self.vector.open_message())
        self.until_kind(bgp.OPEN)
        self.send(KEEPALIVE)
        self.until_kind(bgp.KEEPALIVE)
        self.until_end_of_rib()

    def announce(self, next_hop):
        """A route whose fate tells what became of the vector's UPDATE."""
        if self.vector.session == "hop6":
            return
        asns = [] if self.vector.asn == ASN else [PEER_ASN]
        attributes = bgp.path_attributes(asns, next_hop)
        if not asns:
            attributes = attributes.replace(b"\x40\x02\x02\x02\x00",
                                            b"\x40\x02\x00")
            attributes += bgp.attribute(5, bytes(4))
        if self.vector.session == "old":
            attributes = attributes.replace(
                b"\x40\x02\x06\x02\x01\0\0\xfd\xe9",
                b"\x40\x02\x04\x02\x01\xfd\xe9")
        self.send(bgp.update(attributes, [NET]))

    def ending(self):
        """How the session ends: its NOTIFICATION, or "close"."""
        said = "close"
        while True:
            message = self.receive()
            if message is None:
                return said
            kind, body = message
            if kind == bgp.NOTIFICATION:
                said = f"reset {body[0]}/{body[1]}"
                if body[2:]:
                    said += f" {body[2:].hex()}"

    def expect_ending(self):
        wanted = self.vector.verdict
        if wanted.startswith("close"):
            wanted = "close"
        said = self.ending()
        if said != wanted:
            raise Wrong(said)

    def in_step(self):
        """What comes behind the vector is understood and answered."""
        self.send(KEEPALIVE + REFRESH)
        self.until_announced()


def ends(vector):
    return vector.verdict.startswith(("reset", "close"))


def play(talk, node, hop, connecting):
    """Sends the vector and says whether all was as it should be."""
    vector = talk.vector
    with connecting:
        talk.socket.settimeout(PATIENCE)
        talk.socket.connect((node, 179))
    if vector.session == "open":
        talk.send(vector.octets)
    else:
        talk.establish()
        talk.announce(hop)
        talk.send(vector.octets)
    if ends(vector):
        talk.expect_ending()
    elif vector.session == "open":
        talk.until_kind(bgp.OPEN)
        talk.until_kind(bgp.KEEPALIVE)
        talk.send(KEEPALIVE)
        talk.until_announced()
    else:
        talk.in_step()


def routes_expected(vector):
    """How many routes are left of NET; None: the vector says nothing."""
    if (vector.session == "open" or vector.name.startswith("unreach")
            or not vector.octets.endswith(NET_OCTETS)):
        return None
    if vector.verdict.startswith("withdraw"):
        return 0
    return 1 if vector.verdict.startswith(("accept", "discard")) else None


def play_all(vectors, sockets, far):
    connecting = threading.BoundedSemaphore(8)

    def one(vector):
        talk = Talk(vector, sockets[vector.number])
        node = far.node6 if vector.session == "hop6" else far.node4
        try:
            play(talk, node, far.address4, connecting)
        except Wrong as problem:
            return f"{vector.name}: {problem}, expected {vector.verdict}"
        except (OSError, bgp.Malformed) as problem:
            return f"{vector.name}: {problem!r}"
        return None

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return [found for found in pool.map(one, vectors) if found]


def all_peers(basin):
    """Every page of `show peers`, by name."""
    found = {}
    while True:
        page = basin.ask("show peers", offset=len(found))
        found.update((peer["peer"], peer) for peer in page["peers"])
        if len(found) >= page["total"]:
            return found


def check_routes(site, vectors):
    """What is left of the route, and that sessions are still there."""
    wanted = {f"v{v.number}": v for v in vectors if not ends(v)}

    def wrong():
        peers = all_peers(site.basin)
        for name, vector in wanted.items():
            routes = routes_expected(vector)
            if peers[name]["state"] != "Established":
                yield f"{vector.name}: {peers[name]['state']}"
            elif routes is not None and peers[name]["imported"] != routes:
                yield (f"{vector.name}: {peers[name]['imported']} routes, "
                       f"expected {routes}")
    return list(wrong())


@pytest.fixture
def far(site):
    """A namespace in which every address of two networks is ours."""
    upstream = site.upstream("far", PEER_ASN)
    space = upstream.namespace
    space.ip("route add local 10.7.0.0/16 dev lo")
    space.ip("-6 route add local fd07::/64 dev lo")
    site.node.ip(f"route add 10.7.0.0/16 via {upstream.address4}")
    site.node.ip(f"-6 route add fd07::/64 via {upstream.address6}")
    return upstream


def open_sockets(far, vectors):
    sockets = {}
    for vector in vectors:
        family = socket.AF_INET6 if ":" in vector.address else socket.AF_INET
        sock = far.namespace.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:  # IPV6_FREEBIND
            sock.setsockopt(socket.IPPROTO_IPV6, 78, 1)
        sock.bind((vector.address, 0))
        sockets[vector.number] = sock
    return sockets


def test_every_vector_gets_the_verdict_of_the_rfcs(site, far):
    vectors = read_vectors()
    assert len(vectors) > 600
    site.basind(*(v.peer(far) for v in vectors)).start()
    wait_until(lambda: site.basin.ask("status")["prefixes"], 10, "an answer")
    sockets = open_sockets(far, vectors)
    started = time.monotonic()
    try:
        failed = play_all(vectors, sockets, far)
        failed += check_routes(site, vectors)
    finally:
        for sock in sockets.values():
            sock.close()
    print(f"{len(vectors)} vectors in {time.monotonic() - started:.1f} s")
    assert not failed, "\n".join([f"{len(failed)} wrong"] + failed)
    assert site.basin.process.running(), site.basin.log()
