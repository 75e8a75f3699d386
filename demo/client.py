#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A resolver in one city: asks both service addresses and notes who answers.

    client.py ADDRESS4 ADDRESS6 RATE FILE     (queries per second in all)

One line goes to FILE for each query when its fate is known:
"SENT FAMILY NODE MILLISECONDS", where NODE is "-" when no answer came within
a second. A number on standard input is a new rate.
"""

import collections
import os
import select
import socket
import sys
import time

PATIENCE = 1.0  # seconds until a query counts as lost
OPT, NSID = 41, 3

# example.com SOA, with an OPT record that asks for the NSID (RFC 5001).
QUESTION = b"\7example\3com\0" + b"\0\6\0\1"
QUERY = (b"\0\0" + b"\0\0" + b"\0\1" + b"\0\0\0\0" + b"\0\1" + QUESTION +
         b"\0\0\x29\x04\xd0\0\0\0\0\0\4" + b"\0\3\0\0")


def skip_name(packet, at):
    while packet[at]:
        if packet[at] & 0xC0:
            return at + 2
        at += packet[at] + 1
    return at + 1


def nsid_of(packet):
    """The answering server's name for itself, "?" when it gave none."""
    number = int.from_bytes
    records = sum(number(packet[i:i + 2], "big") for i in (6, 8, 10))
    at = skip_name(packet, 12) + 4
    for _ in range(records):
        at = skip_name(packet, at)
        kind = number(packet[at:at + 2], "big")
        length = number(packet[at + 8:at + 10], "big")
        data = packet[at + 10:at + 10 + length]
        at += 10 + length
        while kind == OPT and len(data) >= 4:
            code = number(data[:2], "big")
            size = number(data[2:4], "big")
            if code == NSID:
                return data[4:4 + size].decode("ascii", "replace")
            data = data[4 + size:]
    return "?"


class Family:
    """The queries over one address family."""

    def __init__(self, name, address, lines):
        self.name, self.lines = name, lines
        self.waiting = collections.OrderedDict()  # number: time sent
        self.next = 0
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_DGRAM)
        self.socket.connect((address, 53))
        self.socket.setblocking(False)

    def ask(self, now):
        self.next = (self.next + 1) & 0xFFFF
        self.waiting[self.next] = now
        try:
            self.socket.send(self.next.to_bytes(2, "big") + QUERY[2:])
        except OSError:
            pass  # no route at this moment: it is lost, and counts

    def hear(self):
        while True:
            try:
                packet = self.socket.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error: the query stays without answer
            sent = self.waiting.pop(int.from_bytes(packet[:2], "big"), None)
            if sent is not None:
                self._note(sent, nsid_of(packet))

    def forget(self, now):
        while self.waiting:
            number, sent = next(iter(self.waiting.items()))
            if now - sent < PATIENCE:
                return
            del self.waiting[number]
            self._note(sent, "-")

    def _note(self, sent, node):
        self.lines.append(f"{sent:.6f} {self.name} {node} "
                          f"{(time.time() - sent) * 1000:.3f}\n")


def new_rate(rate):
    """The last number on standard input; 0 when the story is over."""
    text = os.read(0, 4096).decode()
    return float(text.split()[-1]) if text else 0


def main():
    lines = []
    families = [Family(name, address, lines)
                for name, address in zip(("IPv4", "IPv6"), sys.argv[1:3])]
    rate = float(sys.argv[3])
    results = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND)
    readers = [0, *(family.socket for family in families)]
    due = flushed = time.time()
    while rate:
        ready, _, _ = select.select(readers, [], [],
                                    max(0, due - time.time()))
        if 0 in ready:
            rate = new_rate(rate)
        now = time.time()
        while rate and due <= now:
            due += len(families) / rate
            for family in families:
                family.ask(now)
        for family in families:
            family.hear()
            family.forget(now)
        if now - flushed > 0.02 and lines:
            os.write(results, "".join(lines).encode())
            lines.clear()
            flushed = now


if __name__ == "__main__":
    main()
