# SPDX-License-Identifier: ISC
"""A BFD neighbour spoken by hand (RFC 5880), as polite as the test says."""

import collections
import socket
import struct
import threading
import time

Packet = collections.namedtuple(
    "Packet", "state diag poll final demand mult my your desired required "
              "ttl port time")
DOWN, INIT, UP = 1, 2, 3
MINE = 0x5eed5eed
IP_RECVTTL = 12


class BfdPeer:
    """Answers at once and sends every 10 ms while it is `talking`."""

    def __init__(self, namespace, address, other):
        self.other = other
        self.packets, self.new = [], []
        self.state, self.your = DOWN, 0
        self.demand = self.talking = self.independent = False
        self._lock = threading.Lock()
        self._in = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        self._in.bind((address, 3784))
        self._in.settimeout(0.01)
        self._out = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._out.bind((address, 49200))
        self._end = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        namespace.lab.closers.append(self.close)

    def close(self):
        self._end = True
        self._thread.join(2)
        self._in.close()
        self._out.close()

    def bring_up(self):
        self.state, self.talking = DOWN, True

    def stop(self):
        """Falls silent, and into no state."""
        self.talking = False

    def poll(self):
        self.send(flags=0x20)

    def drain(self):
        with self._lock:
            self.new.clear()

    def heard(self, wanted):
        """The newest packet since drain() that is wanted, or None."""
        with self._lock:
            found = [p for p in self.new if wanted(p)]
        return found[-1] if found else None

    def send(self, state=None, diag=0, flags=0, ttl=255, mult=20):
        if state is not None:
            self.state, self.talking = state, False
        octets = struct.pack(
            ">BBBBIIIII", 0x20 | diag,
            self.state << 6 | flags | (2 if self.demand and
                                       self.state == UP else 0)
            | (8 if self.independent else 0),
            mult, 24, MINE, self.your, 20000, 20000, 0)
        self._out.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        try:
            self._out.sendto(octets, (self.other, 3784))
        except OSError:
            pass

    def _run(self):
        due = 0
        while not self._end:
            self._receive()
            if self.talking and time.monotonic() >= due:
                self.send()
                due = time.monotonic() + 0.01

    def _receive(self):
        try:
            octets, control, _, source = self._in.recvmsg(128, 64)
        except (TimeoutError, OSError):
            return
        ttl = struct.unpack("i", control[0][2])[0] if control else None
        (first, flags, mult, _, my, your, desired,
         required) = struct.unpack_from(">BBBBIIII", octets)
        packet = Packet(flags >> 6, first & 31, bool(flags & 0x20),
                        bool(flags & 0x10), bool(flags & 2), mult, my, your,
                        desired, required, ttl, source[1], time.monotonic())
        with self._lock:
            self.packets.append(packet)
            self.new.append(packet)
        if self.talking:
            self._follow(packet)

    def _follow(self, packet):
        self.your = packet.my
        if self.state == DOWN and packet.state == DOWN:
            self.state = INIT
        elif self.state in (DOWN, INIT) and packet.state in (INIT, UP):
            self.state = UP
        elif self.state == UP and packet.state == DOWN:
            self.state = DOWN
        if packet.poll:
            self.send(flags=0x10)
