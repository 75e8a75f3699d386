# SPDX-License-Identifier: ISC
"""100,000 prefixes announced and withdrawn to BIRD, beside BIRD -> BIRD."""

import textwrap
import time

from contestants import http_service
from lab import Basin, wait_until
from stage import ASN, PREFIX, ROUTER_ASN, Stage, median, spread, table

N = 100_000


def prefixes():
    for i in range(N):
        yield f"{20 + i // 65536}.{i // 256 % 256}.{i % 256}.0/24"


def stream_time(stage, since, kind, total):
    """From `since` until the last prefix is on the wire and BIRD has it."""
    want = total if kind == "announced" else 0
    wait_until(lambda: stage.router.count() == want, 60,
               f"{want} routes at the router", every=0.005)
    return time.time() - since


class BirdToBird:
    name = "BIRD -> BIRD"

    def __init__(self, stage):
        folder = stage.node.dir / "birdnode"
        folder.mkdir()
        routes = "".join(f"route {p} blackhole;\n" for p in prefixes())
        config = folder / "bird.conf"
        config.write_text(textwrap.dedent(f"""
            log "{folder}/bird.log" all;
            router id 10.255.1.1;
            protocol device {{ scan time 10; }}
            protocol bgp upstream {{
                local {stage.local} as {ASN};
                neighbor {stage.remote} as {ROUTER_ASN};
                connect delay time 1; connect retry time 1;
                ipv4 {{ import none; export all; next hop self; }};
            }}
            """) + "protocol static bulk { disabled; ipv4;\n" + routes + "}\n")
        self.stage, self.socket = stage, folder / "bird.ctl"
        stage.node.popen("bird", "-f", "-c", config, "-s", self.socket,
                         "-P", folder / "bird.pid", name="birdnode")
        wait_until(self.socket.exists, 20, "BIRD's control socket")
        wait_until(lambda: stage.router.established(stage.local), 20,
                   "the session")
        time.sleep(1)

    def _switch(self, verb):
        since = time.time()
        self.stage.node.run("birdc", "-s", self.socket, verb, "bulk")
        return since

    def announce(self):
        return self._switch("enable")

    def withdraw(self):
        return self._switch("disable")


class BasinToBird:
    name = "basin -> BIRD"

    def __init__(self, stage):
        self.stage = stage
        http_service(stage)
        addresses = "192.0.2.1"
        lines = "".join(f"  {p}: {{services: [web], blackhole: false}}\n"
                        for p in prefixes())
        self.node = Basin(stage.node, textwrap.dedent(f"""
            node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
            log: {{level: warning}}
            services:
              web:
                addresses: [{addresses}]
                checks: [{{tcp: {{port: 9002}}, interval: 1s, rise: 1}}]
            peers:
              router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
            prefixes:
              {PREFIX}: {{services: [web], blackhole: false}}
            """) + lines)
        self.node.start()
        wait_until(lambda: stage.router.count() == N + 1, 60, "all routes")
        self.withdraw()
        wait_until(lambda: stage.router.count() == 0, 60, "no routes")
        time.sleep(1)

    def announce(self):
        since = time.time()
        self.node.cli("undrain", "service", "web")
        return since

    def withdraw(self):
        since = time.time()
        # A drained node would close its session as well.
        self.node.cli("drain", "service", "web", "--now", "--background",
                      "--reason", "bench")
        return since


def measure(kind, runs):
    with Stage() as stage:
        stage.wire.close()
        stage.open()
        one = kind(stage)
        total = N + (kind is BasinToBird)
        up, down = [], []
        for _ in range(runs):
            up.append(stream_time(stage, one.announce(), "announced", total))
            time.sleep(0.5)
            down.append(stream_time(stage, one.withdraw(), "gone", total))
            time.sleep(0.5)
        return up, down


def run(runs):
    print(f"{N:,} prefixes to one BIRD: command -> the last one is in (out "
          "of) its table, s")
    peer = measure(BirdToBird, runs)
    ours = measure(BasinToBird, runs)
    table(["who", "announced s", "withdrawn s"],
          [["BIRD -> BIRD", *map(spread, peer)],
           ["basin -> BIRD", *map(spread, ours)],
           ["ratio (peer / basin)",
            f"{median(peer[0]) / median(ours[0]):.2f}",
            f"{median(peer[1]) / median(ours[1]):.2f}"]])
    print("  wanted: ratio >= 1")
