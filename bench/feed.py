# SPDX-License-Identifier: ISC
"""A full table of 1,000,000 IPv4 routes over one session: basin takes the
default route out of it, the others take what they take by default."""

import pathlib
import random
import re
import shutil
import sys
import textwrap
import time

from contestants import http_service
from lab import Basin, wait_until
from stage import (ASN, PREFIX, ROUTER_ASN, Stage, family, median, pss, spread,
                   table)

ROUTES, SETS = 1_000_000, 204_000

# Serves one session after the other: OPEN, KEEPALIVE, the table when told.
BLASTER = r"""
import pathlib, select, socket, struct, sys, time
address, port, asn, table, folder = sys.argv[1:]
octets = pathlib.Path(table).read_bytes().replace(
    b"\x40\x03\x04\xc0\0\x02\xfe", b"\x40\x03\x04" +
    socket.inet_aton(address))
folder = pathlib.Path(folder)
marker = b"\xff" * 16
def message(kind, body=b""):
    return marker + struct.pack("!HB", 19 + len(body), kind) + body
capabilities = (b"\x01\x04\x00\x01\x00\x01" + b"\x41\x04" +
                struct.pack("!I", int(asn)) + b"\x02\x00")
hello = message(1, struct.pack("!BHHI", 4, int(asn), 240, 0x0afffe01) +
                bytes([len(capabilities) + 2, 2, len(capabilities)]) +
                capabilities)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, int(port)))
listener.listen(8)
while True:
    s = listener.accept()[0]
    try:
        s.sendall(hello + message(4))
        deadline = time.time() + 60
        while not (folder / "go").exists() and time.time() < deadline:
            if select.select([s], [], [], 0.005)[0] and not s.recv(65536):
                break
        else:
            begin = time.time()
            (folder / "begun").write_text(repr(begin))
            s.sendall(octets)
            while s.recv(65536):
                pass
    except OSError:
        pass
    s.close()
"""


def attributes(rng):
    path = [ROUTER_ASN] + [rng.randrange(70_000, 400_000)
                           for _ in range(rng.choice((2, 3, 3, 4, 4, 5)))]
    communities = [rng.getrandbits(32) for _ in range(rng.choice((0, 2, 4)))]
    out = b"\x40\x01\x01\x00"
    body = bytes([2, len(path)]) + b"".join(n.to_bytes(4, "big") for n in path)
    out += bytes([0x40, 2, len(body)]) + body
    out += b"\x40\x03\x04\xc0\0\x02\xfe"  # the blaster puts its own
    if communities:
        out += bytes([0xc0, 8, 4 * len(communities)])
        out += b"".join(n.to_bytes(4, "big") for n in communities)
    return out


def generate(path, routes=ROUTES, sets=SETS):
    """Raw UPDATEs, ending with the default route and End-of-RIB; how many."""
    rng = random.Random(4271)
    count, at, messages = 0, 0, []

    def put(nlri):
        attr = attributes(rng)
        body = b"\0\0" + len(attr).to_bytes(2, "big") + attr + nlri
        messages.append(b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") +
                        b"\x02" + body)

    left = sets - 1
    while count < routes - 1:
        here = max(1, min(rng.choice((1, 1, 2, 3, 5, 8, 14)),
                          routes - 1 - count - (left - 1)))
        if left == 1:
            here = min(routes - 1 - count, 900)
        nlri = b"".join(b"\x18" + (0x010000 + at + i).to_bytes(3, "big")
                        for i in range(here))
        at += here
        count += here
        left = max(1, left - 1)
        put(nlri)
    put(b"\0")
    messages.append(b"\xff" * 16 + b"\x00\x17\x02\0\0\0\0")
    path.write_bytes(b"".join(messages))
    return len(messages)


class Feed:
    """The stage with the blaster in the place of the router."""

    def __init__(self, stage, data):
        self.stage = stage
        self.folder = pathlib.Path(stage.box.dir)
        self.folder.mkdir(exist_ok=True)
        self.process = stage.box.popen(
            sys.executable, "-I", "-S", "-c", BLASTER, stage.remote, 179,
            ROUTER_ASN, data, self.folder, name="blaster")

    def go(self):
        (self.folder / "go").write_text("")
        begun = self.folder / "begun"
        wait_until(lambda: begun.exists() and begun.read_text(), 60,
                   "the table is sent", every=0.001)
        return float(begun.read_text())


class BasinFeed:
    name = "basin, import: default"
    needs = ()

    def __init__(self, stage, updates):
        http_service(stage)
        self.updates = updates
        self.node = Basin(stage.node, textwrap.dedent(f"""
            node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
            log: {{level: warning}}
            bgp: {{listen: []}}
            services:
              web:
                addresses: [192.0.2.1]
                checks: [{{tcp: {{port: 9002}}, interval: 1s, rise: 1}}]
            prefixes:
              {PREFIX}: {{services: [web]}}
            peers:
              router:
                address: {stage.remote}
                asn: {ROUTER_ASN}
                import: default
            """), http=False)
        self.node.start()
        self.pids = [self.node.process.pid]

    def _peer(self):
        return self.node.peer("router")

    def ready(self):
        return self._peer()["state"] == "Established"

    def done(self):
        peer = self._peer()
        return (peer["messages_in"]["update"] >= self.updates and
                peer["imported"] == 1)


class BirdFeed:
    name = "BIRD, import all"
    needs = ("bird", "birdc")

    def __init__(self, stage, updates):
        folder = stage.node.dir / "birdfeed"
        folder.mkdir()
        config = folder / "bird.conf"
        config.write_text(textwrap.dedent(f"""
            log "{folder}/bird.log" all;
            router id 10.255.1.1;
            protocol device {{ scan time 10; }}
            protocol bgp upstream {{
                local {stage.local} as {ASN};
                neighbor {stage.remote} as {ROUTER_ASN};
                connect delay time 1; connect retry time 1;
                ipv4 {{ import all; export none; }};
            }}
            """))
        self.stage, self.socket = stage, folder / "bird.ctl"
        process = stage.node.popen("bird", "-f", "-c", config, "-s",
                                   self.socket, "-P", folder / "bird.pid",
                                   name="birdfeed")
        wait_until(self.socket.exists, 20, "BIRD's control socket")
        self.pids = [process.pid]

    def _ask(self, *words):
        return self.stage.node.run("birdc", "-s", self.socket, *words)

    def ready(self):
        return "Established" in self._ask("show", "protocols")

    def done(self):
        found = re.search(r"(\d+) of (\d+) routes", self._ask(
            "show", "route", "count"))
        return found and int(found.group(1)) >= ROUTES


def measure(kind, data, updates):
    with Stage() as stage:
        stage.wire.close()
        feed = Feed(stage, data)
        one = kind(stage, updates)
        wait_until(one.ready, 60, f"{kind.name} has its session")
        time.sleep(1)
        begun = feed.go()
        wait_until(one.done, 180, f"{kind.name} has the table", every=0.02)
        took = time.time() - begun
        time.sleep(1)
        pids = [pid for first in one.pids for pid in family(first)]
        return took, pss(pids) / 2 ** 20


def possible():
    return [kind for kind in (BasinFeed, BirdFeed)
            if all(shutil.which(program) for program in kind.needs)]


def run(runs):
    print(f"{ROUTES:,} IPv4 routes in {SETS:,} attribute sets: first octet "
          "sent -> the last route is processed, s; PSS afterwards, MiB")
    rows, medians = [], {}
    data = pathlib.Path("/tmp") / f"basin-feed-{time.time_ns()}.bin"
    try:
        updates = generate(data)
        for kind in possible():
            results = [measure(kind, data, updates) for _ in range(runs)]
            medians[kind] = median([r[0] for r in results])
            rows.append([kind.name, spread([r[0] for r in results]),
                         spread([r[1] for r in results], digits=1)])
        if BirdFeed in medians:
            ratio = medians[BirdFeed] / medians[BasinFeed]
            rows.append(["ratio (BIRD / basin)", f"{ratio:.2f}", ""])
        table(["who", "time s", "PSS MiB"], rows)
    finally:
        data.unlink(missing_ok=True)
    print("  wanted: ratio >= 2, basin <= 12 MiB")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
