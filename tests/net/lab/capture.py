# SPDX-License-Identifier: ISC
"""What was on the wire: frames, TCP streams put together, BGP messages."""

import ipaddress
import shutil
import socket
import struct
import subprocess
import threading
from dataclasses import dataclass, field

from . import bgp
from .rootless import is_rootless
from .waiting import wait_until

ETH_P_ALL = 3
SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
FIN, SYN, RST = 1, 2, 4


@dataclass
class Segment:
    time: float
    source: tuple  # address, port
    destination: tuple
    sequence: int
    flags: int
    data: bytes


@dataclass
class Stream:
    """One direction of one TCP connection."""

    source: tuple
    destination: tuple
    next: int = None  # sequence number wanted
    waiting: dict = field(default_factory=dict)  # came too early
    octets: bytes = b""
    closed: int = 0  # FIN and RST seen


class Capture:
    """Watches an interface from now on.

        with Capture(namespace, "router") as wire:
            ...
        wire.updates(source="10.0.1.1")
    """

    def __init__(self, namespace, interface, port=179):
        self.port = port
        self.frames = []  # (time, octets)
        self._socket = namespace.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.bind((interface, ETH_P_ALL))
        force = socket.SO_RCVBUF if is_rootless() else SO_RCVBUFFORCE
        self._socket.setsockopt(socket.SOL_SOCKET, force, 16 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.settimeout(0.05)
        self._stop = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        namespace.lab.closers.append(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if not self._stop:
            self._stop = True
            self._thread.join()
            self._socket.close()

    def _listen(self):
        while not self._stop:
            try:
                octets, extra, _, _ = self._socket.recvmsg(262144, 64)
            except TimeoutError:
                continue
            except OSError:
                return  # the interface went
            if self._ours(octets):
                self.frames.append((_stamp(extra), octets))

    def _ours(self, octets):
        """Cheap: is it TCP with our port at either end?"""
        if octets[12:14] == b"\x08\x00":
            tcp = 14 + (octets[14] & 15) * 4
            protocol = octets[23]
        elif octets[12:14] == b"\x86\xdd":
            tcp, protocol = 54, octets[20]
        else:
            return False
        return protocol == 6 and self.port in struct.unpack_from(
            ">HH", octets, tcp)

    def segments(self):
        return [_segment(time, octets) for time, octets in self.frames]

    def messages(self, source=None, kind=None):
        """All BGP messages so far, in order, decoded."""
        streams, found = {}, []
        for segment in self.segments():
            stream = _stream(streams, segment)
            found += _feed(stream, segment)
        found.sort(key=lambda message: message.time)
        return [message for message in found
                if source in (None, message.source)
                and kind in (None, message.kind)]

    def updates(self, source=None):
        """UPDATEs that carry routes: End-of-RIB left out."""
        return [message for message in self.messages(source, bgp.UPDATE)
                if message.end_of_rib is None]

    def disturbances(self):
        """All but KEEPALIVE and End-of-RIB; new connections too."""
        return ([message for message in self.messages()
                 if message.kind != bgp.KEEPALIVE
                 and message.end_of_rib is None]
                + [segment for segment in self.segments()
                   if segment.flags & (SYN | FIN | RST)])

    def notifications(self, source=None):
        return self.messages(source, bgp.NOTIFICATION)

    def opens(self, source=None):
        return self.messages(source, bgp.OPEN)

    def wait(self, kind, source=None, timeout=5, after=0.0):
        """The first message of a kind behind a time."""
        def first():
            for message in self.messages(source, kind):
                if message.time > after:
                    return message
            return None
        return wait_until(first, timeout, lambda: "a {} from {}; seen: {}"
                          .format(bgp.NAMES[kind], source,
                                  [str(m) for m in self.messages()]))

    def save(self, path):
        """As a pcap file with nanoseconds."""
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0,
                                   262144, 1))
            for time, octets in self.frames:
                file.write(struct.pack(
                    "<IIII", int(time), int(time % 1 * 1e9), len(octets),
                    len(octets)) + octets)

    def tshark(self, directory, *fields, filter="bgp"):
        """The same in the eyes of tshark: a list of field tuples."""
        if not shutil.which("tshark"):
            return None
        path = directory / "capture.pcap"
        self.save(path)
        command = ["tshark", "-r", str(path), "-Y", filter, "-T", "fields"]
        for name in fields:
            command += ["-e", name]
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=30, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def _stamp(extra):
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return seconds + nanoseconds / 1e9
    return 0.0


def _segment(time, octets):
    if octets[12:14] == b"\x08\x00":
        ip = octets[14:14 + int.from_bytes(octets[16:18], "big")]
        source, destination, tcp = ip[12:16], ip[16:20], ip[(ip[0] & 15) * 4:]
    else:
        length = int.from_bytes(octets[18:20], "big")
        source, destination = octets[22:38], octets[38:54]
        tcp = octets[54:54 + length]
    ports = struct.unpack_from(">HHI", tcp)
    return Segment(
        time, (str(ipaddress.ip_address(source)), ports[0]),
        (str(ipaddress.ip_address(destination)), ports[1]), ports[2],
        tcp[13], tcp[(tcp[12] >> 4) * 4:])


def _stream(streams, segment):
    key = segment.source, segment.destination
    if key not in streams or segment.flags & SYN:
        streams[key] = Stream(*key)
        if segment.flags & SYN:
            streams[key].next = (segment.sequence + 1) % 2**32
    return streams[key]


def _feed(stream, segment):
    """Puts a segment into its stream; returns the messages it completed."""
    if segment.flags & (FIN | RST):
        stream.closed |= segment.flags & (FIN | RST)
    if segment.flags & SYN or not segment.data:
        return []
    if stream.next is None:  # the capture began in the middle
        if segment.data[:16] != bgp.MARKER:
            return []
        stream.next = segment.sequence
    stream.waiting[segment.sequence] = segment.data
    while _advance(stream):
        pass
    return _complete(stream, segment)


def _advance(stream):
    """Moves one waiting piece that continues the stream to its end."""
    for sequence in sorted(stream.waiting):
        ahead = (sequence - stream.next) % 2**32
        overlap = (stream.next - sequence) % 2**32
        data = stream.waiting[sequence]
        if ahead and overlap >= 2**31:
            continue  # a gap before it
        del stream.waiting[sequence]
        if overlap < len(data):
            stream.octets += data[overlap:]
            stream.next = (stream.next + len(data) - overlap) % 2**32
        return True
    return False


def _complete(stream, segment):
    found = []
    try:
        parts, stream.octets = bgp.split(stream.octets)
    except bgp.Malformed:
        stream.octets = b""  # a hostile peer's garbage
        return []
    for kind, body in parts:
        try:
            message = bgp.decode(kind, body)
        except bgp.Malformed as problem:
            message = bgp.Message(kind, body)
            message.attributes = {"malformed": str(problem)}
        message.time = segment.time
        message.source, message.destination = (
            stream.source[0], stream.destination[0])
        found.append(message)
    return found
