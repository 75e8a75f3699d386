# SPDX-License-Identifier: ISC
"""Ten checked services, idle: memory, processes and processor time."""

import textwrap
import time

from contestants import BasinTcp, BirdScript, Exabgp, http_service
from stage import ASN, ROUTER_ASN, Stage, cpu, median, pss, spread, table

SECONDS = 6


class BasinTen(BasinTcp):
    """Ten services with a TCP check each, one prefix each."""

    name = "basin, ten tcp checks"

    def config(self, stage, interval):
        services = prefixes = ""
        for i in range(10):
            services += textwrap.indent(textwrap.dedent(f"""
                s{i}:
                  addresses: [192.0.{i}.1]
                  checks:
                    - tcp: 9002
                      address: {stage.address}
                      interval: 1s
                      rise: 1
                """), "  ")
            prefixes += f"  192.0.{i}.0/24: {{services: [s{i}]}}\n"
        return (textwrap.dedent(f"""
            node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
            peers:
              router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
            services:
            """) + services + "prefixes:\n" + prefixes)


class BasinTenMetrics(BasinTen):
    name = "basin, the same and /metrics"
    http = True


class ExabgpTen(Exabgp):
    name = "ExaBGP + 10 healthchecks"

    def start(self, stage, interval):
        folder = stage.node.dir / "exabgp"
        folder.mkdir()
        processes = names = ""
        for i in range(10):
            check = folder / f"check{i}.conf"
            check.write_text(
                "command = curl -sf --max-time 1 "
                f"http://{stage.address}:9002/health\n"
                f"ip = 192.0.{i}.0/24\ninterval = 1\n"
                "fast-interval = 1\nrise = 1\nfall = 1\n"
                "withdraw-on-down\nno-ip-setup\nno-syslog\n")
            processes += (f"process h{i} {{ run /usr/bin/python3 -m exabgp "
                          f"healthcheck --config {check}; encoder text; }}\n")
            names += f" h{i},"
        config = folder / "exabgp.conf"
        config.write_text(processes + textwrap.dedent(f"""
            neighbor {stage.remote} {{
                router-id 10.255.1.1;
                local-address {stage.local};
                local-as {ASN};
                peer-as {ROUTER_ASN};
                family {{ ipv4 unicast; }}
                api {{ processes [ {names.rstrip(',')} ]; }}
            }}
            """))
        self.processes = [stage.node.popen(
            "exabgp", config, name="exabgp", env={
                "exabgp.daemon.user": "root", "exabgp.log.level": "CRIT",
                "exabgp.api.cli": "false"})]


class BirdTen(BirdScript):
    name = "BIRD + 10 scripts"

    def start(self, stage, interval):
        super().start(stage, interval)
        for i in range(9):
            self.processes.append(stage.node.popen(
                "bash", "-c", f"while :; do curl -sf --max-time 1 "
                f"http://{stage.address}:9002/health >/dev/null; sleep 1; "
                "done", name=f"script{i}"))


def measure(contestant):
    with Stage() as stage:
        stage.open()
        http_service(stage)
        one = contestant()
        one.start(stage, 1.0)
        stage.wait_prefix()
        time.sleep(2)
        before = cpu(one.pids())
        samples = []
        for _ in range(SECONDS):
            time.sleep(1)
            samples.append(pss(one.pids()))
        used = cpu(one.pids()) - before
        return median(samples), used / SECONDS, len(one.pids())


def run(runs):
    print(f"Ten checks at 1 s, idle for {SECONDS} s: all processes together")
    rows = []
    for contestant in [ExabgpTen, BirdTen, BasinTen, BasinTenMetrics]:
        if not contestant.possible():
            rows.append([contestant.name, "not installed", "", ""])
            continue
        found = [measure(contestant) for _ in range(runs)]
        rows.append([contestant.name,
                     spread([f[0] for f in found], 1e-6),
                     spread([f[1] for f in found], 100),
                     found[-1][2]])
    table(["contestant", "PSS MB", "% of a core", "processes"], rows)
    print("  wanted of basin: <= 9 MB (stretch 6.5), <= 0.3 %")
