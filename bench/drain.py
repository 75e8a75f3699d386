# SPDX-License-Identifier: ISC
"""Queries lost while a node is drained and undrained, 1,000 a second."""

import sys
import textwrap
import time

from stage import table
from lab import Basin, Bird, Lab, UdpService, wait_until

RATE, SECONDS = 1000, 6

CLIENT = """
import socket, struct, sys, time
address, port, rate, seconds = sys.argv[1], 7, int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                  socket.SOCK_DGRAM)
s.connect((address, port))
s.setblocking(False)
n, total, got = 0, int(rate * seconds), {}
start = time.monotonic()
while n < total or time.monotonic() < start + seconds + 1:
    now = time.monotonic() - start
    while n < total and now >= n / rate:
        try:
            s.send(struct.pack("!I", n))
        except OSError:
            pass
        n += 1
    try:
        while True:
            data = s.recv(64)
            got[struct.unpack("!I", data[-4:])[0]] = data[:-4].decode()
    except BlockingIOError:
        pass
    except OSError:
        pass
    time.sleep(0.0003)
lost = [i for i in range(total) if i not in got]
print(total, len(lost), *sorted(set(got.values())))
"""


def node_config(name, address, prefix, link, node, router, prepend):
    return textwrap.dedent(f"""
        node: {{name: {name}, asn: 65010, router_id: 10.255.9.{prepend + 1}, linger: 1s}}
        services:
          echo:
            addresses: ["{address}"]
        prefixes:
          "{prefix}": {{services: [echo]}}
        peers:
          router: {{address: "{link.v6(router) if ":" in address else link.v4(router)}", asn: 65000, prepend: {prepend}}}
        """)


def once(address, prefix):
    """(lost in drain, lost in undrain, who answered)"""
    with Lab() as lab:
        router, client = lab.namespace("router"), lab.namespace("client")
        bird = Bird(router, 65000, kernel=True)
        nodes = []
        family = 6 if ":" in address else 4
        for number, name in enumerate(("near", "far")):
            box = lab.namespace(name)
            link = lab.link(box, router)
            other = link.v6(router) if family == 6 else link.v4(router)
            box.ip(f"-{family} route add default via {other}")
            local = link.v6(box) if family == 6 else link.v4(box)
            bird.peer(local, 65010, passive=True, families=(family,))
            node = Basin(box, node_config(name, address, prefix, link, box,
                                          router, number))
            node.start()
            UdpService(box, address, word=name.encode())
            nodes.append(node)
        link = lab.link(client, router)
        other = link.v6(router) if family == 6 else link.v4(router)
        client.ip(f"-{family} route add default via {other}")
        bird.start()
        wait_until(lambda: bird.count() == 2, 20, "both nodes announce")
        process = client.popen(sys.executable, "-I", "-S", "-c", CLIENT,
                               address, RATE, SECONDS, name="client")
        time.sleep(1.5)
        nodes[0].cli("drain", "node", "--reason", "bench")
        time.sleep(2)
        nodes[0].cli("undrain", "node")
        process.wait(SECONDS + 5)
        sent, lost, *names = process.output().split()
        return int(sent), int(lost), names


def run(runs):
    print(f"Drain and undrain of the nearer of two nodes at {RATE} queries/s")
    rows = []
    for address, prefix in (("192.0.2.1", "192.0.2.0/24"),
                            ("2001:db8:abcd::1", "2001:db8:abcd::/48")):
        found = [once(address, prefix) for _ in range(runs)]
        if any(set(f[2]) != {"near", "far"} for f in found):
            raise SystemExit("drain: traffic did not move: " + str(found))
        rows.append([prefix, sum(f[0] for f in found),
                     sum(f[1] for f in found)])
    table(["prefix", "queries", "lost"], rows)
    print("  wanted: 0 lost")
