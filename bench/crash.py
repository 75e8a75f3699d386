# SPDX-License-Identifier: ISC
"""kill -9 of the announcing daemon -> the route is gone at the router."""

import os
import signal
import subprocess
import time

from contestants import BasinTcp, Contestant, Exabgp, bird, http_service
from lab import Frr, wait_until
from lab.waiting import WaitTimeout
from stage import ASN, PREFIX, ROUTER_ASN, Stage, spread, table


class BirdAlone(Contestant):
    name = "BIRD"
    needs = ("bird",)

    def start(self, stage, interval):
        process, socket = bird(stage)
        stage.node.run("birdc", "-s", socket, "enable", "anycast")
        self.processes = [process]


class FrrAlone(Contestant):
    name = "FRR"
    needs = ("vtysh",)

    def start(self, stage, interval):
        frr = Frr(stage.node, ASN, "10.255.1.1")
        frr.peer(stage.remote, ROUTER_ASN, families=(4,), export=True)
        frr.network(PREFIX)
        frr.start()
        self.processes = list(reversed(frr.processes))


class Openbgpd(Contestant):
    name = "OpenBGPD"
    needs = ("bgpd",)

    def start(self, stage, interval):
        config = stage.node.dir / "bgpd.conf"
        config.write_text(
            f"AS {ASN}\nrouter-id 10.255.1.1\nfib-update no\n"
            f"listen on {stage.local}\n"
            f'socket "{stage.node.dir}/bgpd.sock"\n'
            f"network {PREFIX}\n"
            f"neighbor {stage.remote} {{ remote-as {ROUTER_ASN} }}\n"
            "allow to any\n")
        config.chmod(0o600)
        os.makedirs("/run/openbgpd", exist_ok=True)
        self.processes = [stage.node.popen(
            "bgpd", "-d", "-f", config, name="bgpd")]




class Monitor:
    """`ip -ts monitor route` in the router's namespace."""

    def __init__(self, stage):
        self.log = stage.box.dir / "monitor.out"
        with stage.box:
            self.process = subprocess.Popen(
                ["ip", "-ts", "monitor", "route"],
                stdout=open(self.log, "wb"), stderr=subprocess.DEVNULL)
        time.sleep(0.1)

    def deleted(self, since):
        def seen():
            for line in self.log.read_text().splitlines():
                if "Deleted" in line and PREFIX in line:
                    return stamp(line)
            return None
        try:
            return wait_until(seen, 20, "the route is deleted", every=0.01)
        finally:
            self.process.kill()
            self.process.wait()


def stamp(line):
    """[2026-11-22T13:00:00.123456] as seconds since 1970."""
    text = line[line.index("[") + 1:line.index("]")]
    whole, _, fraction = text.partition(".")
    return (time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) +
            float("0." + fraction))


def crash(contestant):
    with Stage() as stage:
        # The router installs what it learns, so the kernel tells when.
        stage.router._config += (
            'protocol kernel { ipv4 { export where source = RTS_BGP; }; }\n')
        stage.open()
        service = http_service(stage)
        one = contestant()
        one.start(stage, 0.1)
        wait_until(lambda: PREFIX in stage.box.routes(), 30,
                   "the router has the route")
        time.sleep(0.2)
        monitor = Monitor(stage)
        killed = time.time()
        one.processes[0].signal(signal.SIGKILL)
        gone = monitor.deleted(killed)
        service.kill()
        return gone - killed


def measured(contestant, runs):
    """FRR asks for graceful restart by default: BIRD keeps its route."""
    try:
        return spread([crash(contestant) for _ in range(runs)], 1e3, 2)
    except WaitTimeout:
        return "> 20,000 (kept for a graceful restart)"


def run(runs):
    print("kill -9 of the daemon -> route gone in the router's kernel, ms")
    rows = []
    for contestant in [BirdAlone, Openbgpd, FrrAlone, Exabgp, BasinTcp]:
        if not contestant.possible():
            rows.append([contestant.name, "not installed"])
            continue
        rows.append([contestant.name.partition(",")[0],
                     measured(contestant, runs)])
    table(["daemon", "median [min..max] ms"], rows)
    print("  wanted of basin: <= 3 ms")
