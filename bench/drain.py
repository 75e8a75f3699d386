# SPDX-License-Identifier: ISC
"""Requests lost while the nearer of two nodes is drained and comes back:
2,000 a second, datagrams and short TCP connections, IPv4 and IPv6, through
BIRD and through FRR. DRAIN_REQUESTS is how many in one run [100000].

A route that moves takes the connections with it that are open in this very
moment: the other node knows nothing of them and resets them. Clients open such
a connection anew (RFC 7766 section 6.2.4 asks it of resolvers, RFC 9110
section 9.2.2 allows it in HTTP), and so does this one, once. How often it had
to is shown; a request is lost when no answer came all the same."""

import json
import os
import sys
import textwrap
import time

from stage import table
from lab import Basin, Bird, Frr, Lab, wait_until
from lab.bird import GRACEFUL

RATE = 2000
REQUESTS = int(os.environ.get("DRAIN_REQUESTS", 100000))
ADDRESSES = ("192.0.2.1", "2001:db8:abcd::1")
PREFIXES = ("192.0.2.0/24", "2001:db8:abcd::/48")

# Echoes behind its name: datagrams, and one line of each connection.
SERVER = """
import selectors, socket, sys
word, addresses = sys.argv[1].encode(), sys.argv[2:]
loop = selectors.DefaultSelector()
def datagram(s):
    try:
        while True:
            data, who = s.recvfrom(64)
            s.sendto(word + data, who)
    except OSError:
        pass
def connection(s):
    try:
        while True:
            c = s.accept()[0]
            c.setblocking(False)
            loop.register(c, selectors.EVENT_READ, line)
    except OSError:
        pass
def line(c):
    try:
        data = c.recv(64)
        if data:
            c.send(word + data)
    except OSError:
        pass
    loop.unregister(c)
    c.close()
for address in addresses:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind, ready in ((socket.SOCK_DGRAM, datagram),
                        (socket.SOCK_STREAM, connection)):
        s = socket.socket(family, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.setsockopt(*((41, 78) if ":" in address else (0, 15)), 1)
        s.setblocking(False)
        s.bind((address, 7))
        if kind == socket.SOCK_STREAM:
            s.listen(1024)
        loop.register(s, selectors.EVENT_READ, ready)
while True:
    for key, _ in loop.select():
        key.data(key.fileobj)
"""

# One request every 1/rate s: datagram or connection, IPv4 or IPv6 by turns.
CLIENT = """
import json, selectors, socket, struct, sys, time
rate, total, addresses = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
loop = selectors.DefaultSelector()
GIVE_UP = 3
answers, pending, anew, errors = {}, {}, set(), {}
def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET
def take(data):
    if len(data) > 4:
        answers[struct.unpack("!I", data[-4:])[0]] = data[:-4].decode()
def datagram(s, n):
    try:
        while True:
            take(s.recv(64))
    except BlockingIOError:
        pass
    except OSError as e:
        errors[e.errno] = errors.get(e.errno, 0) + 1
def end(s, n):
    loop.unregister(s)
    s.close()
    pending.pop(s, None)
def broken(s, n, e):
    errors[e] = errors.get(e, 0) + 1
    end(s, n)
    if n not in anew:
        anew.add(n)
        connect(n)
def connected(s, n):
    try:
        s.send(struct.pack("!I", n))
        loop.modify(s, selectors.EVENT_READ, (answered, n))
    except OSError as e:
        broken(s, n, e.errno)
def answered(s, n):
    try:
        data = s.recv(64)
    except OSError as e:
        broken(s, n, e.errno)
        return
    if not data:
        broken(s, n, 0)
        return
    take(data)
    end(s, n)
udp = []
for address in addresses:
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.connect((address, 7))
    s.setblocking(False)
    loop.register(s, selectors.EVENT_READ, (datagram, 0))
    udp.append(s)
def request(n):
    if n % 2 == 0:
        try:
            udp[n // 2 % len(addresses)].send(struct.pack("!I", n))
        except OSError as e:
            errors[e.errno] = errors.get(e.errno, 0) + 1
    else:
        connect(n)
def connect(n):
    address = addresses[n // 2 % len(addresses)]
    s = socket.socket(family(address), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.setblocking(False)
    e = s.connect_ex((address, 7))
    if e not in (0, 115):
        errors[e] = errors.get(e, 0) + 1
        s.close()
        return
    pending[s] = time.monotonic()
    loop.register(s, selectors.EVENT_WRITE, (connected, n))
n, start = 0, time.monotonic()
while True:
    now = time.monotonic()
    while n < total and now >= start + n / rate:
        request(n)
        n += 1
    if n == total and now > start + total / rate + GIVE_UP:
        break
    due = start + n / rate - now if n < total else 0.05
    for key, _ in loop.select(max(0, min(due, 0.05))):
        ready, number = key.data
        ready(key.fileobj, number)
    for s, since in list(pending.items())[:1]:
        if now - since > GIVE_UP:
            end(s, 0)
lost = [i for i in range(total) if i not in answers]
print(json.dumps({
    "sent": total, "errors": errors, "anew": sorted(anew),
    "lost": {"udp": sum(i % 2 == 0 for i in lost),
             "tcp": sum(i % 2 for i in lost)},
    "when": [round(i / rate, 3) for i in lost[:20]],
    "by": {w: list(answers.values()).count(w) for w in set(answers.values())},
    "seconds": round(time.monotonic() - start, 1)}))
"""


def node_config(name, number, link, router):
    return textwrap.dedent(f"""
        node: {{name: {name}, asn: 65010, router_id: 10.255.9.{number + 1}}}
        services:
          echo:
            addresses: ["{ADDRESSES[0]}", "{ADDRESSES[1]}"]
        prefixes:
          "{PREFIXES[0]}": {{services: [echo]}}
          "{PREFIXES[1]}": {{services: [echo]}}
        peers:
          router4:
            {{address: {link.v4(router)}, asn: 65000, prepend: {number}}}
          router6:
            {{address: "{link.v6(router)}", asn: 65000, prepend: {number}}}
        """)


def make_router(kind, namespace):
    if kind == "BIRD":
        return Bird(namespace, 65000, kernel=True)
    return Frr(namespace, 65000)


def expect(kind, router, address, family):
    """A session whose GRACEFUL_SHUTDOWN counts; FRR does so by itself."""
    if kind == "BIRD":
        router.peer(address, 65010, families=(family,), imports=GRACEFUL)
    else:
        router.peer(address, 65010, families=(family,))


def make_node(lab, router, kind, machine, name, number):
    box = lab.namespace(name)
    link = lab.link(box, machine)
    for family, other in ((4, link.v4(machine)), (6, link.v6(machine))):
        box.ip(f"-{family} route add default via {other}")
    expect(kind, router, link.v4(box), 4)
    expect(kind, router, link.v6(box), 6)
    box.popen(sys.executable, "-I", "-S", "-c", SERVER, name, *ADDRESSES,
              name="server")
    return Basin(box, node_config(name, number, link, machine)).start()


def once(kind):
    with Lab() as lab:
        machine, client = lab.namespace("router"), lab.namespace("client")
        router = make_router(kind, machine)
        nodes = [make_node(lab, router, kind, machine, name, number)
                 for number, name in enumerate(("near", "far"))]
        link = lab.link(client, machine)
        for family, other in ((4, link.v4(machine)), (6, link.v6(machine))):
            client.ip(f"-{family} route add default via {other}")
        router.start()
        wait_until(lambda: all(node.ask("status")["sent"] == 2
                               for node in nodes), 30, "both nodes announce")
        time.sleep(1)
        load = client.popen(sys.executable, "-I", "-S", "-c", CLIENT, RATE,
                            REQUESTS, *ADDRESSES, name="client")
        seconds = REQUESTS / RATE
        time.sleep(seconds / 5)
        began = time.monotonic()
        said = nodes[0].command("drain", "node", "--reason", "bench",
                                timeout=90)[1]
        waited = time.monotonic() - began
        time.sleep(seconds / 10)
        nodes[0].cli("undrain", "node")
        load.wait(seconds + 60)
        return load.output(), waited, said


def run(runs):
    print(f"Drain and undrain of the nearer of two nodes at {RATE} "
          "requests/s, half of them TCP, half of them IPv6")
    rows = []
    for kind in ("BIRD", "FRR"):
        for _ in range(runs):
            output, waited, said = once(kind)
            found = json.loads(output.splitlines()[-1])
            if set(found["by"]) != {"near", "far"}:
                raise SystemExit("drain: traffic did not move: "
                                 f"{found}\n{said}")
            rows.append([kind, found["sent"], found["lost"]["udp"],
                         found["lost"]["tcp"], len(found["anew"]),
                         found["by"]["far"],
                         f"{waited:.1f} s", found["seconds"],
                         found["when"] or ""])
    table(["router", "requests", "lost UDP", "lost TCP", "TCP anew",
           "answered far", "drain took", "seconds", "lost at"], rows)
    print("  wanted: 0 lost")
