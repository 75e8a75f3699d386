# SPDX-License-Identifier: ISC
"""Service killed -> WITHDRAW on the wire when the kernel tells of it, beside
the fastest that polling gets: ExaBGP's healthcheck every 10 ms."""

import statistics
import sys
import textwrap
import time

from contestants import BasinHttp, Exabgp, http_service
from lab import wait_until
from stage import ASN, PREFIX, ROUTER_ASN, Stage, settle, table

UDP_SERVICE = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
while True:
    s.sendto(*s.recvfrom(4096))
"""


def udp_service(stage, port=9002):
    process = stage.node.popen(sys.executable, "-I", "-S", "-c", UDP_SERVICE,
                               stage.address, port, name="udp")

    def answers():
        with stage.node.socket(2, 2) as client:
            client.settimeout(0.2)
            try:
                client.connect((stage.address, port))
                client.send(b"?")
                return client.recv(16) == b"?"
            except OSError:
                return False
    wait_until(answers, 5, "the UDP server answers", alive=process.check)
    return process


class BasinWatch(BasinHttp):
    """No checks but the watched socket, and `others` checks of others."""

    name = "basin, watch: tcp"
    watch, service = "tcp/9002", staticmethod(http_service)
    others = 0

    def config(self, stage, interval):
        others = "".join(
            f"\n      - {{name: other{i}, interval: 1s, address: {stage.address}"
            f", tcp: {{port: {20000 + i}}}}}" for i in range(self.others))
        checks = f"""
  others:
    require: any
    checks:{others}""" if self.others else ""
        return textwrap.dedent(f"""\
node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
bgp: {{listen: []}}
services:
  web:
    addresses: [{stage.address}]
    watch: {self.watch}{checks}
prefixes:
  {PREFIX}: {{services: [web]}}
peers:
  router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
""")


class BasinWatchUdp(BasinWatch):
    name = "basin, watch: udp"
    watch, service = "udp/9002", staticmethod(udp_service)


class BasinWatchBusy(BasinWatchUdp):
    name = "basin, watch: udp, 1,000 checks a second"
    others = 1000


class ExabgpFast(Exabgp):
    name = "ExaBGP healthcheck, 10 ms"
    service = staticmethod(http_service)


def kill_times(contestant, runs):
    times = []
    with Stage() as stage:
        stage.open()
        service = contestant.service(stage)
        contestant().start(stage, 0.01)
        for run in range(runs):
            stage.wait_prefix()
            stage.wire.restart()
            settle(0.01, run / runs)
            killed = time.time()
            service.kill()
            times.append(stage.wire.withdrawal(killed) - killed)
            stage.wait_prefix(there=False)
            service = contestant.service(stage)
    return times


def run(runs):
    runs = max(runs, 20)
    print(f"kill -9 -> WITHDRAW on the wire ({PREFIX}), {runs} kills each; "
          f"wanted: median 1 ms, p99 5 ms")
    rows = []
    for contestant in [ExabgpFast, BasinWatch, BasinWatchUdp,
                       BasinWatchBusy]:
        if not contestant.possible():
            rows.append([contestant.name, "not installed", "", ""])
            continue
        times = sorted(t * 1e3 for t in kill_times(contestant, runs))
        p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
        rows.append([contestant.name, f"{statistics.median(times):.2f}",
                     f"{p99:.2f}", f"{times[-1]:.2f}"])
    table(["contestant", "median ms", "p99 ms", "max ms"], rows)
