#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A reload that changes nothing: 1,000 peers, 10,000 prefixes, 0 messages.

The peers are one process that answers on 1,000 addresses and counts what it is
sent; KEEPALIVEs are due every 30 s and counted apart.
"""

import re
import textwrap
import time

from stage import cpu, pss, table  # first: it knows where lab is
from lab import Basin, Lab, wait_until

PEERS, PREFIXES = 1000, 10000

SPEAKER = r"""
import asyncio, struct, sys
MARKER = b"\xff" * 16
counts = [0] * 6
up = 0
def message(kind, body=b""):
    return MARKER + struct.pack(">HB", 19 + len(body), kind) + body
def hello(address):
    caps = bytes([1, 4, 0, 1, 0, 1, 65, 4]) + struct.pack(">I", 65001)
    body = struct.pack(">BHH4sB", 4, 65001, 90, address,
                       len(caps) + 2) + bytes([2, len(caps)]) + caps
    return message(1, body)
async def talk(reader, writer):
    global up
    local = writer.get_extra_info("sockname")[0]
    writer.write(hello(bytes(int(x) for x in local.split("."))))
    try:
        while True:
            head = await reader.readexactly(19)
            size, kind = struct.unpack(">HB", head[16:])
            await reader.readexactly(size - 19)
            counts[kind] += 1
            if kind == 1:
                writer.write(message(4))
                up += 1
            if kind == 4:
                writer.write(message(4))
    except (asyncio.IncompleteReadError, ConnectionError):
        up -= 1
async def say():
    while True:
        with open(sys.argv[1] + ".new", "w") as f:
            f.write(" ".join(map(str, [up] + counts)))
        import os
        os.replace(sys.argv[1] + ".new", sys.argv[1])
        await asyncio.sleep(0.2)
async def main():
    server = await asyncio.start_server(talk, "0.0.0.0", 179, backlog=1000)
    await say()
asyncio.run(main())
"""


def config(n_peers, n_prefixes, extra=""):
    text = textwrap.dedent(f"""
        node: {{name: node, asn: 65000, router_id: 10.255.1.1, counters: off}}
        services: {{static: {{}}}}
        {extra}
        """)
    text += "peers:\n" + "".join(
        f"  p{i}: {{address: 10.77.{i // 250}.{i % 250 + 1}, asn: 65001, "
        f"multihop: true, families: [ipv4]}}\n" for i in range(n_peers))
    return text + "prefixes:\n" + "".join(
        f"  10.{100 + i // 250}.{i % 250}.0/24: {{services: [static]}}\n"
        for i in range(n_prefixes))


def counts(path):
    try:
        return [int(word) for word in path.read_text().split()]
    except (OSError, ValueError):
        return [0] * 7


def settled(path, n):
    first = counts(path)
    time.sleep(1)
    now = counts(path)
    return now[0] == n and first[2:4] == now[2:4] and now


def measure(n_peers, n_prefixes):
    with Lab() as lab:
        node, box = lab.namespace("node"), lab.namespace("router")
        link = lab.link(node, box)
        box.ip("route add local 10.77.0.0/16 dev lo")
        node.ip(f"route add 10.77.0.0/16 via {link.v4(box)}")
        script, path = box.dir / "speaker.py", box.dir / "counts"
        script.write_text(SPEAKER)
        box.popen("prlimit", "--nofile=8192", "python3", script, path,
                  name="speaker")
        basin = Basin(node, config(n_peers, n_prefixes)).start(
            under=("prlimit", "--nofile=8192"))
        before = wait_until(lambda: settled(path, n_peers), 300,
                            "all peers have everything")
        pids = [basin.process.pid]
        basin.configure(config(n_peers, n_prefixes, "# touched"))
        begin, used = time.time(), cpu(pids)
        while True:
            try:
                answer = basin.ask("reload")
                break
            except TimeoutError:
                time.sleep(0.1)
        took = time.time() - begin
        used = cpu(pids) - used
        time.sleep(3)
        after = counts(path)
        assert re.search("no differences", answer["message"]), answer
        sent = sum(after[i] - before[i] for i in (2, 3, 4, 6))
        return [f"{n_peers} x {n_prefixes}", f"{took * 1000:.0f} ms",
                f"{used:.2f} s", sent, after[0],
                f"{pss(pids) / 1e6:.0f} MB"]


def run(runs):
    print("reload: a file without a difference")
    table(["peers x prefixes", "answered after", "processor",
           "messages but KEEPALIVE", "sessions", "memory (PSS)"],
          [measure(10, 1000), measure(PEERS, PREFIXES)])
