# SPDX-License-Identifier: ISC
"""Service killed -> WITHDRAW at the router, every check kind, beside peers."""

import time

from contestants import BASINS, PEERS, BasinDns, http_service
from lab import Nsd
from stage import PREFIX, Stage, median, settle, spread, table


def service_for(contestant, stage):
    """What is killed: NSD for the dns check, else a small web server."""
    if contestant is not BasinDns:
        return http_service(stage)
    nsd = Nsd(stage.node, [f"{stage.address}@9053"], "bench")
    nsd.start()
    return nsd


def crash_times(contestant, interval, runs):
    """Seconds from kill -9 to the WITHDRAW, `runs` times on one stage."""
    times = []
    with Stage() as stage:
        stage.open()
        service = service_for(contestant, stage)
        contestant().start(stage, interval)
        for run in order(runs):
            stage.wait_prefix()
            stage.wire.restart()
            settle(interval, run / runs)
            killed = time.time()
            service.kill()
            times.append(stage.wire.withdrawal(killed) - killed)
            stage.wait_prefix(there=False)
            service = service_for(contestant, stage)
    return times


def order(runs):
    """0 to runs - 1, neighbours far apart."""
    half = (runs + 1) // 2
    return [n for pair in zip(range(half), range(half, 2 * half))
            for n in pair if n < runs]


def run(runs):
    # The delay is uniform over the interval: a median of five is noise, so
    # kills are spread evenly over its phases.
    kills = {0.1: max(runs, 20), 1.0: max(runs, 12)}
    print(f"Service killed -> WITHDRAW at the router ({PREFIX}), fall 1")
    for interval in (0.1, 1.0):
        rows, fastest = [], None
        for contestant in [*PEERS, *BASINS]:
            if interval not in contestant.intervals:
                continue
            if not contestant.possible():
                rows.append([contestant.name, "not installed", "", ""])
                continue
            times = crash_times(contestant, interval, kills[interval])
            limit = interval / 2 + 0.005
            ours = contestant in BASINS
            if not ours:
                fastest = min(fastest or 9e9, median(times))
            ratio = f"{median(times) / fastest:.2f}" if ours else ""
            verdict = ("" if not ours else "yes" if median(times) <= limit
                       else f"NO ({median(times) * 1e3:.0f} > "
                            f"{limit * 1e3:.0f})")
            rows.append([contestant.name, spread(times, 1e3, 1), ratio,
                         verdict])
        print(f"\n interval {interval * 1e3:.0f} ms, {kills[interval]} "
              "kills each")
        table(["contestant", "median [min..max] ms", "to fastest peer",
               "<= half + 5 ms"], rows)
