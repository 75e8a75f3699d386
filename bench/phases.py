# SPDX-License-Identifier: ISC
"""Detection alone, without sampling noise: 400 prefixes, each with its own
check of one server, spread evenly over the interval. One kill -9 gives 400
delays from the kill to each prefix's WITHDRAW."""

import textwrap
import time

from contestants import BasinDns, BasinExec, BasinHttp, BasinTcp
from failover import service_for
from lab import Basin, wait_until
from stage import ASN, ROUTER_ASN, Stage, median, table

N = 400


def prefix(i):
    return f"10.{100 + i // 250}.{i % 250}.0/24"


def config(stage, contestant, interval):
    check = contestant.check.format(address=stage.address)
    if contestant in (BasinTcp, BasinDns):
        check += f", address: {stage.address}"
    services = "".join(
        f"  s{i}: {{addresses: [{prefix(i)[:-4]}1], checks: [{{{check}, "
        f"interval: {int(interval * 1000)}ms, rise: 1, fall: 1}}]}}\n"
        for i in range(N))
    prefixes = "".join(f"  {prefix(i)}: {{services: [s{i}]}}\n"
                       for i in range(N))
    return textwrap.dedent(f"""
        node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
        log: {{level: error}}
        peers:
          router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
        """) + "services:\n" + services + "prefixes:\n" + prefixes


def delays(contestant, interval, kills):
    found = []
    with Stage() as stage:
        stage.open()
        service = service_for(contestant, stage)
        Basin(stage.node, config(stage, contestant, interval)).start()
        for _ in range(kills):
            wait_until(lambda: stage.router.count() == N, 60, "all routes")
            time.sleep(0.5)
            stage.wire.restart()
            killed = time.time()
            service.kill()
            wait_until(lambda: stage.router.count() == 0, 60, "no routes")
            found += [message.time - killed
                      for message in stage.wire.capture.updates(stage.local)
                      for _ in message.withdrawn]
            service = service_for(contestant, stage)
    return found


def run(runs):
    print(f"{N} checks over one interval, fall 1: kill -> WITHDRAW of each "
          f"prefix, ms, {runs} kills")
    rows = []
    for interval in (0.1, 1.0):
        limit = interval / 2 + 0.005
        for one in (BasinTcp, BasinHttp, BasinDns, BasinExec):
            if one is BasinExec and interval < 1:
                continue  # 4,000 commands a second are not what it is for
            times = sorted(delays(one, interval, runs))
            rows.append([one.name, f"{interval * 1e3:.0f}", len(times),
                         f"{median(times) * 1e3:.1f}",
                         f"{times[len(times) * 99 // 100] * 1e3:.1f}",
                         "yes" if median(times) <= limit else "NO"])
    table(["check", "interval", "withdrawals", "median", "p99",
           "median <= half + 5 ms"], rows)
