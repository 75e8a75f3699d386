# SPDX-License-Identifier: ISC
"""Process start -> first UPDATE on the wire, with a check that passes."""

import time

from contestants import BasinTcp, Exabgp, http_service
from crash import BirdAlone, FrrAlone, Openbgpd
from stage import Stage, spread, table


def cold(contestant):
    with Stage() as stage:
        stage.open()
        http_service(stage)
        time.sleep(0.2)
        began = time.time()
        contestant().start(stage, 1.0)
        return stage.wire.announcement(began) - began


def run(runs):
    print("Process start -> first UPDATE with the prefix, ms")
    rows = []
    for contestant in [Openbgpd, Exabgp, BirdAlone, FrrAlone, BasinTcp]:
        if not contestant.possible():
            rows.append([contestant.name, "not installed"])
            continue
        rows.append([contestant.name.partition(",")[0], spread(
            [cold(contestant) for _ in range(runs)], 1e3, 1)])
    table(["daemon", "median [min..max] ms"], rows)
    print("  wanted of basin: <= 50 ms (its own prompt start included)")
