# SPDX-License-Identifier: ISC
"""The protocol of docs/mesh.md once more, for a node that is not honest."""

import hashlib
import hmac
import os
import random
import socket
import struct
import threading

HELLO, STATE, ASK, PROMISE = 1, 2, 3, 4
HEAD = struct.Struct("!BBHQQQQQ")
TAG = 16


def _name(text):
    return bytes([len(text)]) + text.encode()


def prefix_octets(text):
    address, length = text.split("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return bytes([6 if ":" in address else 4, int(length)]) + \
        socket.inet_pton(family, address)


def seal(key, octets):
    return octets + hmac.new(key, octets, hashlib.sha256).digest()[:TAG]


class Message:
    """What a datagram says; its tag is not looked at."""

    def __init__(self, octets):
        (self.version, self.type, self.length, self.boot, self.for_boot,
         self.sequence, self.nonce, self.echo) = HEAD.unpack_from(octets)
        at = HEAD.size
        n = octets[at]
        self.sender = octets[at + 1:at + 1 + n].decode()
        at += 1 + n
        n = octets[at]
        self.receiver = octets[at + 1:at + 1 + n].decode()
        self.body = octets[at + 1 + n:-TAG]

    def asks(self):
        """(prefix octets, attempt) of every item of an ASK."""
        (n,), at = struct.unpack_from("!H", self.body), 2
        for _ in range(n):
            size = 2 + (4 if self.body[at] == 4 else 16)
            prefix = self.body[at:at + size]
            _, attempt = struct.unpack_from("!QQ", self.body, at + size)
            at += size + 16
            yield prefix, attempt


class Liar:
    """Has a key, says that it announces everything, and announces nothing.

    What it receives is kept in `heard`, to be sent again.
    """

    def __init__(self, namespace, name, address, port, key, nodes):
        self.name, self.key = name, key
        self.nodes = nodes  # {name: address}
        self.port = port
        self.boot = random.getrandbits(63) | 1
        self.sequence = 0
        self.boots = {}  # of the others
        self.heard = []
        self.asked = 0
        self.socket = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.settimeout(0.2)
        self._running = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        namespace.lab.closers.append(self.close)

    def close(self):
        self._running = False
        self._thread.join(5)
        self.socket.close()

    def datagram(self, to, kind, body=b"", nonce=0, echo=0, **other):
        """Sealed; `other` replaces a field: sender, key, version, boot."""
        self.sequence += 1
        names = _name(other.get("sender", self.name)) + _name(to)
        size = HEAD.size + len(names) + len(body) + TAG
        octets = HEAD.pack(other.get("version", 1), kind, size,
                           other.get("boot", self.boot),
                           self.boots.get(to, 0), self.sequence, nonce,
                           echo) + names + body
        return seal(other.get("key", self.key), octets)

    def send(self, to, octets):
        self.socket.sendto(octets, (self.nodes[to], self.port))

    def say(self, to, kind, body=b"", **more):
        self.send(to, self.datagram(to, kind, body, **more))

    def _serve(self):
        while self._running:
            try:
                octets = self.socket.recv(2048)
            except socket.timeout:
                continue
            except OSError:
                return
            self._answer(octets)

    def _answer(self, octets):
        message = Message(octets)
        self.heard.append(octets)
        del self.heard[:-2000]
        self.boots[message.sender] = message.boot
        if message.nonce:
            self.say(message.sender, HELLO, echo=message.nonce)
        if message.type == ASK:
            self._promise(message)

    def _promise(self, message):
        items = list(message.asks())
        self.asked += len(items)
        body = struct.pack("!H", len(items)) + b"".join(
            prefix + struct.pack("!QB", attempt, 3)
            for prefix, attempt in items)
        self.say(message.sender, PROMISE, body)


def random_octets(n):
    return os.urandom(n)
