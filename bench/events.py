# SPDX-License-Identifier: ISC
"""Service killed -> WITHDRAW on the wire when the kernel tells of it, beside
the fastest that polling gets: ExaBGP's healthcheck every 10 ms."""

import os
import socket
import statistics
import sys
import textwrap
import time

from contestants import BasinHttp, Exabgp, http_service
from lab import wait_until
from stage import ADDRESS, ASN, PREFIX, ROUTER_ASN, Stage, settle, table

OTHERS = 1000
V6, PREFIX6 = "2001:db8:53::1", "2001:db8:53::/48"
SERVICE = """
import socket, sys
address, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                  socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
if kind == "tcp":
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((address, port))
if kind == "tcp":
    s.listen(128)
while True:
    if kind == "tcp":
        s.accept()[0].close()
    else:
        s.sendto(*s.recvfrom(4096))
"""


def service(stage, kind, address, port=9002):
    process = stage.node.popen(sys.executable, "-I", "-S", "-c", SERVICE,
                               address, port, kind, name="service")

    def answers():
        with stage.node.socket(
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM if kind == "tcp"
                else socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            try:
                client.connect((address, port))
                if kind == "udp":
                    client.send(b"?")
                    return client.recv(16) == b"?"
                return True
            except OSError:
                return False
    wait_until(answers, 5, "the service answers", alive=process.check)
    return process


class BasinWatch(BasinHttp):
    """No checks but the watched socket, and `others` checks of others."""

    kind, address, others = "tcp", ADDRESS, OTHERS

    def longest_turn(self):
        """Of the loop, in ms: what the kernel's word may have to wait for."""
        return f"{self.node.ask('status')['loop']['longest'] * 1e3:.2f}"

    @classmethod
    def service(cls, stage):
        return service(stage, cls.kind, cls.address)

    def config(self, stage, interval):
        others = "".join(
            f"\n      - {{name: other{i}, interval: 1s, address: {ADDRESS}"
            f", tcp: {{port: {20000 + i}}}}}" for i in range(self.others))
        checks = f"""
  others:
    require: any
    checks:{others}""" if self.others else ""
        six = ":" in self.address
        prefix = PREFIX6 if six else PREFIX
        families = ("families: [ipv6]\n    next_hop: "
                    + stage.link.v6(stage.node)) if six else ""
        return textwrap.dedent(f"""\
node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
bgp: {{listen: []}}
services:
  web:
    addresses: [{self.address}]
    watch: {self.kind}/9002{checks}
prefixes:
  {prefix}: {{services: [web]}}
peers:
  router:
    address: {stage.remote}
    asn: {ROUTER_ASN}
    {families}
""")


def contestant(kind, address, others=OTHERS):
    family = "v6" if ":" in address else "v4"
    name = f"basin, watch: {kind}, {family}, {others} checks/s beside it"
    return type("BasinWatch", (BasinWatch,), {
        "name": name, "kind": kind, "address": address, "others": others})


class ExabgpFast(Exabgp):
    name = "ExaBGP healthcheck, tcp, v4, every 10 ms, nothing beside it"
    service = staticmethod(http_service)

    def longest_turn(self):
        return ""


CONTESTANTS = [ExabgpFast, contestant("tcp", ADDRESS, 0)] + [
    contestant(kind, address) for kind in ("tcp", "udp")
    for address in (ADDRESS, V6)]


def kill_times(contestant, runs):
    times = []
    families = (6,) if ":" in getattr(contestant, "address", "") else (4,)
    with Stage(families=families) as stage:
        stage.node.ip(f"addr add {V6}/128 dev lo")
        stage.open()
        process = contestant.service(stage)
        playing = contestant()
        playing.start(stage, 0.01)
        # Spread over the second that the other checks take turns in.
        period = 1 if getattr(contestant, "others", 0) else 0.01
        for run in range(runs):
            stage.wait_prefix()
            stage.wire.restart()
            settle(period, run / runs)
            killed = time.time()
            process.kill()
            times.append(stage.wire.withdrawal(killed) - killed)
            stage.wait_prefix(there=False)
            process = contestant.service(stage)
        return times, playing.longest_turn()


def run(runs):
    runs = max(runs, 20)
    print(f"kill -9 -> WITHDRAW on the wire ({PREFIX}), {runs} kills each; "
          f"wanted: median 1 ms, p99 5 ms "
          f"(load of the machine: {os.getloadavg()[0]:.1f})")
    rows = []
    for one in CONTESTANTS:
        if not one.possible():
            rows.append([one.name, "not installed", "", "", ""])
            continue
        times, longest = kill_times(one, runs)
        times = sorted(t * 1e3 for t in times)
        p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
        rows.append([one.name, f"{statistics.median(times):.2f}",
                     f"{p99:.2f}", f"{times[-1]:.2f}", longest])
    table(["contestant", "median ms", "p99 ms", "max ms", "longest turn ms"],
          rows)
