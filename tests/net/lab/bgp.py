# SPDX-License-Identifier: ISC
"""BGP messages to and from bytes; strict, and independent of basin's own."""

import ipaddress
import struct
from dataclasses import dataclass, field

MARKER = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5
NAMES = {1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE",
         5: "ROUTE-REFRESH"}
IPV4, IPV6 = 1, 2  # address families (AFI)
FLOW = 133  # RFC 8955; the NLRI are told as "flowAFI:" and octets in hex


class Malformed(Exception):
    """The octets are not what RFC 4271 and its friends say."""


HARD_RESET = (6, 9)


@dataclass
class Message:
    kind: int
    body: bytes
    time: float = 0.0  # of the segment that completed it
    source: str = ""
    destination: str = ""
    # OPEN
    asn: int = None
    hold: int = None
    router_id: str = ""
    capabilities: dict = field(default_factory=dict)
    # UPDATE
    announced: list = field(default_factory=list)
    withdrawn: list = field(default_factory=list)
    attributes: dict = field(default_factory=dict)
    end_of_rib: int = None  # the family it ends
    # NOTIFICATION
    code: tuple = None
    data: bytes = b""

    @property
    def name(self):
        return NAMES.get(self.kind, str(self.kind))

    @property
    def text(self):
        """The shutdown communication (RFC 9003)."""
        data = self.data[2:] if self.code == HARD_RESET else self.data
        if self.reason not in ((6, 2), (6, 4)) or not data:
            return ""
        return data[1:1 + data[0]].decode()

    @property
    def reason(self):
        """Code and subcode; of what a Hard Reset carries (RFC 8538)."""
        return (tuple(self.data[:2]) if self.code == HARD_RESET
                else self.code)

    def __str__(self):
        words = [self.name]
        if self.code:
            words.append("{}/{} {!r}".format(*self.code, self.data))
        if self.announced:
            words.append("announce " + " ".join(self.announced[:4]))
        if self.withdrawn:
            words.append("withdraw " + " ".join(self.withdrawn[:4]))
        return f"{self.source} > {self.destination} " + " ".join(words)


class Reader:
    def __init__(self, octets):
        self.octets = octets

    def __bool__(self):
        return bool(self.octets)

    def take(self, n):
        if len(self.octets) < n:
            raise Malformed(f"{n} octets wanted, {len(self.octets)} left")
        head, self.octets = self.octets[:n], self.octets[n:]
        return head

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def child(self, n):
        return Reader(self.take(n))


def split(stream):
    """Whole messages at the head of a stream, and what is left."""
    found = []
    while len(stream) >= 19:
        if stream[:16] != MARKER:
            raise Malformed(f"marker {stream[:16].hex()}")
        length = int.from_bytes(stream[16:18], "big")
        if not 19 <= length <= 65535:
            raise Malformed(f"length {length}")
        if len(stream) < length:
            break
        found.append((stream[18], stream[19:length]))
        stream = stream[length:]
    return found, stream


def decode(kind, body, as4=True):
    message = Message(kind, body)
    reader = Reader(body)
    if kind == OPEN:
        _open(message, reader)
    elif kind == UPDATE:
        _update(message, reader, as4)
    elif kind == NOTIFICATION:
        message.code = (reader.number(1), reader.number(1))
        message.data = reader.octets
    elif kind == KEEPALIVE and body:
        raise Malformed("KEEPALIVE with a body")
    return message


def _open(message, reader):
    if reader.number(1) != 4:
        raise Malformed("version is not 4")
    message.asn = reader.number(2)
    message.hold = reader.number(2)
    message.router_id = str(ipaddress.IPv4Address(reader.take(4)))
    options = reader.child(reader.number(1))
    if reader:
        raise Malformed("octets behind the options")
    while options:
        kind, value = options.number(1), options.child(options.number(1))
        while kind == 2 and value:
            code = value.number(1)
            octets = value.take(value.number(1))
            message.capabilities.setdefault(code, []).append(octets)
    if 65 in message.capabilities:
        message.asn = int.from_bytes(message.capabilities[65][0], "big")


def _prefixes(reader, family):
    found, octets = [], 4 if family == IPV4 else 16
    while reader:
        bits = reader.number(1)
        if bits > octets * 8:
            raise Malformed(f"prefix of {bits} bits")
        raw = reader.take((bits + 7) // 8).ljust(octets, b"\0")
        try:
            found.append(str(ipaddress.ip_network((raw, bits))))
        except ValueError as problem:
            raise Malformed(f"prefix: {problem}") from None
    return found


def _update(message, reader, as4):
    message.withdrawn = _prefixes(reader.child(reader.number(2)), IPV4)
    attributes = reader.child(reader.number(2))
    if not message.body[4:] and message.body == b"\0\0\0\0":
        message.end_of_rib = IPV4
    while attributes:
        flags, kind = attributes.number(1), attributes.number(1)
        value = attributes.child(attributes.number(2 if flags & 16 else 1))
        if kind in message.attributes:
            raise Malformed(f"attribute {kind} twice")
        message.attributes[kind] = _attribute(message, flags, kind, value,
                                              as4)
    message.announced += _prefixes(reader, IPV4)


def _numbers(reader, n):
    found = []
    while reader:
        found.append(reader.number(n))
    return found


def _path(reader, size):
    path = []
    while reader:
        kind = reader.number(1)
        asns = [reader.number(size) for _ in range(reader.number(1))]
        path += asns if kind == 2 else [tuple(asns)]
    return path


def _attribute(message, flags, kind, value, as4):
    optional = bool(flags & 0x80)
    if optional == (kind in (1, 2, 3, 5, 6)):
        raise Malformed(f"attribute {kind} with flags {flags:#x}")
    if kind == 2:
        return _path(value, 4 if as4 else 2)
    if kind == 17:
        return _path(value, 4)
    if kind == 3:
        return str(ipaddress.IPv4Address(value.take(4)))
    if kind in (1, 4, 5):
        return value.number(1 if kind == 1 else 4)
    if kind == 8:
        return {f"{n >> 16}:{n & 0xffff}" for n in _numbers(value, 4)}
    if kind == 32:
        n = _numbers(value, 4)
        return {":".join(map(str, n[i:i + 3])) for i in range(0, len(n), 3)}
    if kind == 14:
        return _reach(message, value)
    if kind == 15:
        return _unreach(message, value)
    return value.octets


def _nlri(reader, family, safi):
    if safi != FLOW:
        return _prefixes(reader, family)
    found = []
    while reader:
        n = reader.number(1)
        if n >= 0xf0:
            n = (n & 0xf) << 8 | reader.number(1)
        found.append(f"flow{family}:{reader.take(n).hex()}")
    return found


def _reach(message, value):
    family, safi = value.number(2), value.number(1)
    hops = value.child(value.number(1))
    value.take(1)
    message.announced += _nlri(value, family, safi)
    if safi == FLOW and not hops:
        return {"family": family, "safi": safi, "next_hops": []}
    size = 4 if len(hops.octets) == 4 else 16
    found = [str(ipaddress.ip_address(hops.take(size)))]
    while hops:
        found.append(str(ipaddress.ip_address(hops.take(size))))
    return {"family": family, "safi": safi, "next_hops": found}


def _unreach(message, value):
    family, safi = value.number(2), value.number(1)
    if not value and len(message.attributes) == 0:
        message.end_of_rib = family
    message.withdrawn += _nlri(value, family, safi)
    return {"family": family, "safi": safi}


# ---- the other direction, for a peer that speaks by hand -----------------

def frame(kind, body=b""):
    return MARKER + struct.pack(">HB", 19 + len(body), kind) + body


def capability(code, value=b""):
    return bytes([2, len(value) + 2, code, len(value)]) + value


def multiprotocol(family):
    return capability(1, struct.pack(">HBB", family, 0, 1))


def open_message(asn, router_id, hold=90, families=(IPV4, IPV6), as4=True,
                 version=4, extra=b""):
    options = b"".join(multiprotocol(family) for family in families)
    if as4:
        options += capability(65, struct.pack(">I", asn))
    options += extra
    return frame(OPEN, struct.pack(
        ">BHH4sB", version, asn if asn < 65536 else 23456, hold,
        ipaddress.IPv4Address(router_id).packed, len(options)) + options)


def attribute(kind, value, flags=0x40):
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, kind, len(value)) + value
    return struct.pack(">BBB", flags, kind, len(value)) + value


def nlri(prefix):
    network = ipaddress.ip_network(prefix)
    octets = (network.prefixlen + 7) // 8
    return bytes([network.prefixlen]) + network.network_address.packed[:octets]


def update(attributes=b"", announced=(), withdrawn=()):
    """An IPv4 UPDATE from ready attribute octets."""
    gone = b"".join(nlri(prefix) for prefix in withdrawn)
    new = b"".join(nlri(prefix) for prefix in announced)
    return frame(UPDATE, struct.pack(">H", len(gone)) + gone +
                 struct.pack(">H", len(attributes)) + attributes + new)


def path_attributes(asns, next_hop):
    """ORIGIN, AS_PATH (four octets) and NEXT_HOP."""
    path = struct.pack(f">BB{len(asns)}I", 2, len(asns), *asns)
    return (attribute(1, b"\0") + attribute(2, path) +
            attribute(3, ipaddress.IPv4Address(next_hop).packed))
