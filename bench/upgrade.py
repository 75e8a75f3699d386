#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Hot upgrade beside BIRD, FRR and OpenBGPD: the pause, and what they notice.

Hold time 3 s, 1,000 prefixes. The pause is the time in which nothing is read,
sent or decided, as the two processes say; "silence" is the longest time between
two messages of the node on the wire, of which one a second is due.
"""

import os
import signal
import textwrap

from stage import spread, table  # first: it knows where lab is
from lab import Basin, Bird, Capture, Frr, Lab, bgp, wait_until

PREFIXES = 1000
HOLD = 3

OPENBGPD = """\
AS 65001
router-id 10.255.0.9
socket "{dir}/bgpd.sock"
fib-update no
holdtime {hold}
neighbor {node} {{
	remote-as 65000
	announce IPv4 unicast
}}
allow from any
"""


def config(peers):
    text = textwrap.dedent("""
        node: {name: node, asn: 65000, router_id: 10.255.1.1, counters: off}
        services: {static: {}}
        """)
    text += "peers:\n" + "".join(
        f"  p{i}: {{address: {address}, asn: {asn}, hold_time: {HOLD}s, "
        f"families: [ipv4]}}\n" for i, (address, asn) in enumerate(peers))
    return text + "prefixes:\n" + "".join(
        f"  10.{100 + i // 250}.{i % 250}.0/24: {{services: [static]}}\n"
        for i in range(PREFIXES))


def open_bird(space, node):
    router = Bird(space, 65001)
    router.peer(node, 65000, hold=HOLD, families=(4,))
    router.start()


def open_frr(space, node):
    router = Frr(space, 65001)
    router.peer(node, 65000, hold=HOLD, families=(4,))
    router.start()


def open_openbgpd(space, node):
    path = space.dir / "bgpd.conf"
    path.write_text(OPENBGPD.format(dir=space.dir, node=node, hold=HOLD))
    path.chmod(0o600)
    os.makedirs("/run/openbgpd", exist_ok=True)
    space.popen("/usr/sbin/bgpd", "-d", "-f", path, name="openbgpd")


ROUTERS = {"BIRD": open_bird, "FRR": open_frr, "OpenBGPD": open_openbgpd}


def ready(basin):
    view = basin.peer("p0")
    return view["state"] == "Established" and view["announced"] == PREFIXES


def silence(wire, source):
    times = [m.time for m in wire.messages(source)]
    return max((b - a for a, b in zip(times, times[1:])), default=0.0)


def measure(name, runs):
    pauses, noticed, longest = [], 0, []
    with Lab() as lab:
        node, box = lab.namespace("node"), lab.namespace("router")
        link = lab.link(node, box)
        ROUTERS[name](box, link.v4(node))
        basin = Basin(node, config([(link.v4(box), 65001)])).start()
        wait_until(lambda: ready(basin), 60, "all is announced")
        pid = 0
        try:
            with Capture(box, link.interface(box)) as wire:
                for _ in range(runs):
                    pid = basin.ask("upgrade")["pid"]
                    version = wait_until(
                        lambda: basin.answers() and
                        (v := basin.ask("version"))["pid"] == pid and v, 10,
                        "the new process answers")
                    pauses.append(version["upgrade"]["pause"])
                    last = max((m.time for m in wire.messages()), default=0)
                    wire.wait(bgp.KEEPALIVE, link.v4(node), 10, last)
                noticed = len(wire.disturbances())
                longest.append(silence(wire, link.v4(node)))
        finally:
            if pid > 1:
                os.kill(pid, signal.SIGKILL)
    return pauses, noticed, longest


def run(runs):
    print(f"upgrade: {PREFIXES} prefixes, hold time {HOLD} s, "
          f"{runs} upgrades each")
    rows = []
    for name in ROUTERS:
        pauses, noticed, longest = measure(name, runs)
        rows.append([name, spread(pauses, 1000) + " ms",
                     f"{max(longest):.2f} s", noticed])
    table(["neighbour", "pause", "longest silence",
           "UPDATE, OPEN, NOTIFICATION, SYN, FIN, RST"], rows)

