# SPDX-License-Identifier: ISC
"""Service killed -> WITHDRAW at the router, every check kind, beside peers."""

import multiprocessing
import time
from statistics import mean

from contestants import BASINS, PEERS, BasinDns, http_service
from lab import Nsd
from lab.waiting import WaitTimeout
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
            settle(interval, run / runs if contestant in BASINS else None)
            killed = time.time()
            service.kill()
            try:
                times.append(stage.wire.withdrawal(killed, 10) - killed)
            except WaitTimeout:
                # ExaBGP now and then keeps the route: counted as lost.
                return times + [float("inf")]
            stage.wait_prefix(there=False)
            service = service_for(contestant, stage)
    return times


def order(runs):
    """0 to runs - 1, neighbours far apart."""
    half = (runs + 1) // 2
    return [n for pair in zip(range(half), range(half, 2 * half))
            for n in pair if n < runs]


def measure(task):
    """For a worker process: one contestant, one stage."""
    contestant, interval, runs = task
    return crash_times(contestant, interval, runs)


def all_times(contestants, interval, runs):
    """At 1 s everybody waits most of the time: four at once then."""
    tasks = [(one, interval, runs) for one in contestants]
    if interval < 1:
        return [measure(task) for task in tasks]
    with multiprocessing.Pool(4) as pool:
        return pool.map(measure, tasks, chunksize=1)


def compare(contestants, interval, runs):
    found = all_times(contestants, interval, runs)
    fastest = min(median(times) for one, times in zip(contestants, found)
                  if one not in BASINS)
    limit = interval / 2 + 0.005
    for one, times in zip(contestants, found):
        middle = median(times)
        row = [one.name, spread(times, 1e3, 1), f"{mean(times) * 1e3:.1f}"]
        if one in BASINS:
            row += [f"{middle / fastest:.2f}", "yes" if middle <= limit
                    else f"NO ({middle * 1e3:.0f} > {limit * 1e3:.0f})"]
        yield row + [""] * (5 - len(row))


def run(runs):
    # The delay is uniform over the interval, so a median of five is noise.
    # basin keeps its schedule: kills are spread evenly over its phases. The
    # others drift, so theirs come at random; read the mean as well.
    kills = max(runs, 40)
    print(f"Service killed -> WITHDRAW at the router ({PREFIX}), fall 1, "
          f"{kills} kills each")
    for interval in (0.1, 1.0):
        contestants = [one for one in [*PEERS, *BASINS]
                       if interval in one.intervals and one.possible()]
        print(f"\n interval {interval * 1e3:.0f} ms")
        table(["contestant", "median [min..max] ms", "mean", "to fastest",
               "<= half + 5 ms"], list(compare(contestants, interval, kills)))
