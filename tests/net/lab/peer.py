# SPDX-License-Identifier: ISC
"""A BGP neighbour spoken by hand: as polite or as hostile as the test says."""

import socket
import time

from . import bgp


class Peer:
    """One TCP connection to or from a speaker."""

    def __init__(self, namespace, address, asn=65001,
                 router_id="10.66.66.66"):
        self.namespace = namespace
        self.address = address  # ours
        self.asn = asn
        self.router_id = router_id
        self.socket = None
        self._stream = b""
        self._listener = None
        namespace.lab.closers.append(self.close)

    def _family(self):
        return socket.AF_INET6 if ":" in self.address else socket.AF_INET

    def listen(self):
        """Waits for the speaker's connection on port 179."""
        self._listener = self.namespace.socket(self._family(),
                                               socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self.address, 179))
        self._listener.listen(8)
        return self

    def accept(self, timeout=8):
        self._listener.settimeout(timeout)
        self.socket, _ = self._listener.accept()
        self._stream = b""
        return self

    def connect(self, address, timeout=5, source=None):
        self.socket = self.namespace.socket(self._family(),
                                            socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.bind((source or self.address, 0))
        self.socket.connect((address, 179))
        self._stream = b""
        return self

    def send(self, octets):
        self.socket.settimeout(5)
        self.socket.sendall(octets)
        return self

    def open(self, **changes):
        return self.send(bgp.open_message(
            changes.pop("asn", self.asn),
            changes.pop("router_id", self.router_id), **changes))

    def keepalive(self):
        return self.send(bgp.frame(bgp.KEEPALIVE))

    def receive(self, timeout=5):
        """The next message; None when the connection has ended."""
        deadline = time.monotonic() + timeout
        while True:
            found, rest = bgp.split(self._stream)
            if found:
                kind, body = found[0]
                self._stream = self._stream[19 + len(body):]
                return bgp.decode(kind, body)
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                octets = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not octets:
                return None
            self._stream = rest + octets

    def expect(self, kind, timeout=5):
        """Reads on until a message of this kind."""
        deadline = time.monotonic() + timeout
        seen = []
        while time.monotonic() < deadline:
            try:
                message = self.receive(deadline - time.monotonic())
            except TimeoutError:
                break
            if message is None:
                seen.append("the end of the connection")
                break
            if message.kind == kind:
                return message
            seen.append(str(message))
        raise AssertionError(f"no {bgp.NAMES[kind]} within {timeout} s, but "
                             f"{seen}")

    def expect_routes(self, timeout=5):
        """Prefixes of the first UPDATE that announces any."""
        deadline = time.monotonic() + timeout
        while True:
            update = self.expect(bgp.UPDATE, deadline - time.monotonic())
            if update.announced:
                return update.announced

    def establish(self, **changes):
        """OPEN and KEEPALIVE both ways. Returns the speaker's OPEN."""
        self.open(**changes)
        theirs = self.expect(bgp.OPEN)
        self.keepalive()
        self.expect(bgp.KEEPALIVE)
        return theirs

    def wait_silent(self, seconds, most=1000):
        """Until nothing has come for so long; what had been sent before is
        read away. AssertionError: it speaks on, or has ended."""
        for _ in range(most):
            try:
                if self.receive(seconds) is None:
                    raise AssertionError("the connection has ended")
            except TimeoutError:
                return self
        raise AssertionError(f"{most} messages and never a silence")

    def ended(self, timeout=5):
        """True when the speaker closes within the time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                if self.receive(deadline - time.monotonic()) is None:
                    return True
            except TimeoutError:
                return False
        return False

    def hang_up(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def close(self):
        self.hang_up()
        if self._listener:
            self._listener.close()
            self._listener = None
