# SPDX-License-Identifier: ISC
"""1,000 prefixes with a TCP check each every second; 10,000 checks/s, also of
several kinds."""

import textwrap
import time

from contestants import http_service
from lab import Basin, wait_until
from lab.services import UdpService
from stage import ASN, ROUTER_ASN, Stage, cpu, family, pss, spread, table

SECONDS = 20

ASYNCIO = """
import asyncio, sys
address, n = sys.argv[1], int(sys.argv[2])
def prefix(i):
    return "10.%d.%d.0/24" % (100 + i // 250, i % 250)
async def check(i):
    up, loop = None, asyncio.get_running_loop()
    due = loop.time() + i / n
    while True:
        await asyncio.sleep(max(0, due - loop.time()))
        due += 1
        try:
            _, w = await asyncio.wait_for(asyncio.open_connection(address, 9002), 1)
            w.close()
            now = True
        except Exception:
            now = False
        if now != up:
            up = now
            print(("announce" if up else "withdraw"), "route", prefix(i),
                  "next-hop self", flush=True)
async def main():
    await asyncio.gather(*[check(i) for i in range(n)])
asyncio.run(main())
"""


def basin_config(stage, n, interval):
    services = prefixes = ""
    for i in range(n):
        third, fourth = 100 + i // 250, i % 250
        services += (f"  s{i}: {{addresses: [10.{third}.{fourth}.1], checks: "
                     f"[{{tcp: 9002, address: {stage.address}, "
                     f"interval: {interval}, rise: 1}}]}}\n")
        prefixes += f"  10.{third}.{fourth}.0/24: {{services: [s{i}]}}\n"
    return (textwrap.dedent(f"""
        node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
        peers:
          router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
        """) + "services:\n" + services + "prefixes:\n" + prefixes)


def mixed_config(stage):
    """10,000 checks every second: 40 % tcp, 40 % udp, 10 % push, 10 % file.
    """
    kinds = [f"tcp: 9002, address: {stage.address}",
             f"udp: {{port: 9003, send: x}}, address: {stage.address}"]
    services = ""
    for s in range(100):
        services += f"  s{s}:\n    checks:\n"
        for c in range(100):
            kind = (kinds[c % 2] if c % 10 < 8 else
                    ["push: 1h", "file: /etc/passwd"][c % 2])
            services += f"      - {{name: c{s}-{c}, {kind}, rise: 1}}\n"
    names = ", ".join(f"s{s}" for s in range(100))
    return (textwrap.dedent(f"""
        node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
        peers:
          router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
        """) + "services:\n" + services
            + f"prefixes:\n  10.100.0.0/24: {{services: [{names}]}}\n")


def metric(node, name):
    for line in node.namespace.run(
            "curl", "-s", "http://127.0.0.1:9179/metrics").splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[-1])
    return float("nan")


def mixed():
    """Share of a core, octets, lateness, longest turn, checks a second."""
    with Stage() as stage:
        stage.open()
        http_service(stage)
        UdpService(stage.node, stage.address, 9003)
        node = Basin(stage.node, mixed_config(stage), http=True)
        node.start()
        for s in range(100):
            node.ask("push", name=f"s{s}")
        wait_until(lambda: stage.router.count() == 1, 60, "the prefix")
        time.sleep(3)
        pids = [node.process.pid, node.helper_pid()]
        done, used, began = samples(node), cpu(pids), time.monotonic()
        stalls = metric(node, "basin_loop_stalls_total")
        time.sleep(SECONDS)
        used, took = cpu(pids) - used, time.monotonic() - began
        rate = (samples(node) - done) / took
        stalls = metric(node, "basin_loop_stalls_total") - stalls
        return used / took, pss(pids), lateness(node), rate, stalls


def lateness(node):
    """p99 lateness in seconds, as the daemon's own metric says."""
    for line in node.namespace.run(
            "curl", "-s", "http://127.0.0.1:9179/metrics").splitlines():
        if line.startswith("basin_check_lateness_p99_seconds "):
            return float(line.split()[-1])
    return float("nan")


def samples(node):
    total = 0
    for line in node.namespace.run(
            "curl", "-s", "http://127.0.0.1:9179/metrics").splitlines():
        if line.startswith("basin_check_samples_total{"):
            total += float(line.split()[-1])
    return total


def basin(n, interval):
    with Stage() as stage:
        stage.open()
        http_service(stage)
        node = Basin(stage.node, basin_config(stage, n, interval), http=True)
        node.start()
        wait_until(lambda: stage.router.count() == n, 60,
                   f"{n} prefixes at the router")
        time.sleep(3)
        pids = [node.process.pid, node.helper_pid()]
        done, used, began = samples(node), cpu(pids), time.monotonic()
        time.sleep(SECONDS)
        used = cpu(pids) - used
        took = time.monotonic() - began
        rate = (samples(node) - done) / took
        return used / took, pss(pids), lateness(node), rate


def exabgp(n):
    with Stage() as stage:
        stage.open()
        http_service(stage)
        script = stage.node.dir / "check.py"
        script.write_text(ASYNCIO)
        config = stage.node.dir / "exabgp.conf"
        config.write_text(textwrap.dedent(f"""
            process checker {{
                run /usr/bin/python3 {script} {stage.address} {n};
                encoder text;
            }}
            neighbor {stage.remote} {{
                router-id 10.255.1.1;
                local-address {stage.local};
                local-as {ASN};
                peer-as {ROUTER_ASN};
                family {{ ipv4 unicast; }}
                api {{ processes [ checker ]; }}
            }}
            """))
        process = stage.node.popen(
            "exabgp", config, name="exabgp", env={
                "exabgp.daemon.user": "root", "exabgp.log.level": "CRIT",
                "exabgp.api.cli": "false", "exabgp.api.ack": "false"})
        wait_until(lambda: stage.router.count() == n, 60,
                   f"{n} prefixes at the router")
        time.sleep(3)
        pids = family(process.pid)
        used, began = cpu(pids), time.monotonic()
        time.sleep(SECONDS)
        return (cpu(pids) - used) / (time.monotonic() - began), pss(pids)


def run(runs):
    print("1,000 prefixes, each with its own TCP check every second")
    found = [basin(1000, "1s") for _ in range(max(runs // 2, 1))]
    rows = [["basin", spread([f[0] for f in found], 100),
             spread([f[1] for f in found], 1e-6),
             spread([f[2] for f in found], 1e3), f"{found[-1][3]:.0f}"]]
    used, memory = exabgp(1000)
    rows.insert(0, ["asyncio checker under ExaBGP", f"{used * 100:.2f}",
                    f"{memory * 1e-6:.2f}", "", ""])
    table(["contestant", "% of a core", "PSS MB", "p99 lateness ms",
           "checks/s"], rows)
    print("  wanted of basin: <= 5 %, <= 16 MB, p99 <= 20 ms\n")
    print("10,000 checks per second (1,000 checks every 100 ms)")
    used, memory, late, rate = basin(1000, "100ms")
    table(["contestant", "checks/s", "% of a core", "p99 lateness ms"],
          [["basin", f"{rate:.0f}", f"{used * 100:.1f}",
            f"{late * 1e3:.2f}"]])
    print("  wanted of basin: 10,000/s, <= 100 % of a core\n")
    print("10,000 checks every second: tcp, udp, push and file")
    used, memory, late, rate, stalls = mixed()
    table(["contestant", "checks/s", "% of a core", "PSS MB",
           "p99 lateness ms", "turns > 5 ms"],
          [["basin", f"{rate:.0f}", f"{used * 100:.1f}",
            f"{memory * 1e-6:.1f}", f"{late * 1e3:.2f}", f"{stalls:.0f}"]])
    print("  wanted of basin: 10,000/s, <= 40 MB, p99 <= 20 ms")
