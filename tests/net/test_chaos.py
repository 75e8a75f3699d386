# SPDX-License-Identifier: ISC
"""Anything in any order; whenever it is quiet, all is as it should be.

A model of what the operator and the world did says what every router and
the kernel must show. CHAOS_SEED and CHAOS_ROUNDS choose another story.
"""

import os
import random
import signal
import time

import pytest

from lab import TcpService, wait_until
from lab.site import Site

SERVICES = {"a": "192.0.2.1", "b": "192.0.2.2", "c": "2001:db8:53::3"}
PREFIXES = {  # prefix: services, how many of them
    "192.0.2.0/24": (("a", "b"), "all"),
    "192.0.2.0/25": (("a", "b"), "any"),
    "192.0.2.2/32": (("b",), "all"),
    "2001:db8:53::/48": (("c",), "all"),
    "2001:db8:53:1::/64": (("a", "c"), 1),
}
UPSTREAMS = ("one", "two", "three")


class World:
    def __init__(self, site):
        self.site = site
        self.up = set(SERVICES)
        self.drained = set()  # ("node", None), ("service", "a"), ...
        self.prefixes = dict(PREFIXES)  # as configured now
        self.community = 1
        self.peers = {name: site.upstream(name, 65001 + number)
                      .expect().start()
                      for number, name in enumerate(UPSTREAMS)}
        self.configured = set(UPSTREAMS)
        self.daemons = {name: TcpService(site.node, address, 8053)
                        for name, address in SERVICES.items()}
        self.basin = site.basind(node=self.config())
        self.basin.configure(self.config())
        self.basin.start()

    def config(self):
        services = "".join(f"""\
  {name}:
    addresses: ["{address}"]
    checks:
      - tcp: {{port: 8053}}
        interval: 20ms
        rise: 1
        fall: 1
""" for name, address in SERVICES.items())
        prefixes = "".join(
            f"  {prefix}: {{services: [{', '.join(names)}], "
            f"require: {require}}}\n"
            for prefix, (names, require) in self.prefixes.items())
        peers = "".join(
            self.peers[name].peer(f'communities: ["65000:{self.community}"]')
            for name in sorted(self.configured))
        return (f"node: {{name: one, asn: 65000, router_id: 10.255.255.1,"
                f" linger: 50ms}}\nservices:\n{services}"
                f"prefixes:\n{prefixes}peers:\n{peers}")

    # ---- what must be ----------------------------------------------------

    def announced(self, prefix):
        names, require = self.prefixes[prefix]
        good = [name in self.up and ("service", name) not in self.drained
                for name in names]
        enough = all(good) if require == "all" else any(good)
        return (enough and ("node", None) not in self.drained
                and ("prefix", prefix) not in self.drained)

    def expected(self):
        return {prefix for prefix in self.prefixes if self.announced(prefix)}

    def settled(self):
        wanted = self.expected()
        for name, upstream in self.peers.items():
            table = upstream.router.routes()
            if name not in self.configured:
                if table:
                    return False
                continue
            if set(table) != wanted or any(
                    route.communities != {f"65000:{self.community}"}
                    for routes in table.values() for route in routes):
                return False
        node = self.site.node
        return (node.routes("type blackhole") == wanted
                and set(SERVICES.values()) <= node.addresses())

    def story(self):
        return (f"{self.expected()} and 65000:{self.community} at "
                f"{self.configured}; up {self.up}, drained {self.drained}; "
                "seen " + str({name: {p: r[0].communities for p, r in
                                      up.router.routes().items()}
                               for name, up in self.peers.items()})
                + f" kernel {self.site.node.routes('type blackhole')} "
                f"{self.site.node.addresses()}\n{self.basin.log()[-3000:]}")

    # ---- what may happen -------------------------------------------------

    def service_changes(self, chance):
        name = chance.choice(list(SERVICES))
        if name in self.up:
            self.daemons[name].stop()
        else:
            self.daemons[name].start()
        self.up ^= {name}

    def drain_changes(self, chance):
        target = chance.choice(
            [("node", None)] + [("service", name) for name in SERVICES]
            + [("prefix", prefix) for prefix in self.prefixes])
        verb = "undrain" if target in self.drained else "drain"
        words = {"target": target[0], "reason": "chaos", "now": True}
        if target[1]:
            words["name"] = target[1]
        if verb == "undrain":
            del words["reason"], words["now"]
        self.basin.ask(verb, **words)
        self.drained ^= {target}

    def file_changes(self, chance):
        self.community = chance.randrange(1, 5)
        prefix = chance.choice(["192.0.2.0/25", "192.0.2.2/32"])
        if ("prefix", prefix) not in self.drained:
            if prefix in self.prefixes:
                del self.prefixes[prefix]
            else:
                self.prefixes[prefix] = PREFIXES[prefix]
        self.configured ^= {chance.choice(["one", "two"])}
        if len(self.configured) == 1:  # half and more is asked twice
            self.configured |= {"one", "two"}
        self.basin.configure(self.config())
        self.basin.ask("reload", allow_removal=True)

    def address_lost(self, chance):
        address = chance.choice(list(SERVICES.values()))
        length = 128 if ":" in address else 32
        self.site.node.ip(f"addr del {address}/{length} dev lo", check=False)

    def route_lost(self, chance):
        prefix = chance.choice(list(self.prefixes))
        self.site.node.ip(f"route del blackhole {prefix}", check=False)

    def session_lost(self, chance):
        upstream = self.peers[chance.choice(UPSTREAMS)]
        upstream.router.ask("restart all")

    def routes_asked_again(self, chance):
        upstream = self.peers[chance.choice(UPSTREAMS)]
        upstream.router.ask("reload in all")

    def daemon_killed(self, chance):
        # What an earlier crash left is unknown to the helper until it was
        # adopted or removed, node.linger behind the start.
        wait_until(self.settled, 15, self.story)
        self.basin.kill()
        wait_until(lambda: not self.site.node.routes("type blackhole"), 3,
                   lambda: f"the helper tidied up: {self.story()}")
        self.basin.start()

    def daemon_stopped(self, chance):
        self.basin.terminate()
        assert self.basin.process.wait() == 0
        assert not set(SERVICES.values()) & self.site.node.addresses()
        self.basin.start()

    def helper_killed(self, chance):
        os.kill(self.basin.helper_pid(), signal.SIGKILL)
        assert self.basin.process.wait() != 0
        self.basin.start()  # and adopts what nobody could remove

    def daemon_pauses(self, chance):
        self.basin.process.signal(signal.SIGSTOP)
        time.sleep(0.1)
        self.basin.process.signal(signal.SIGCONT)

    def link_flaps(self, chance):
        upstream = self.peers[chance.choice(UPSTREAMS)]
        upstream.link.down(upstream.namespace)
        upstream.link.up(upstream.namespace)


ACTIONS = ([World.service_changes] * 8 + [World.drain_changes] * 8
           + [World.file_changes] * 3 + [World.address_lost] * 2
           + [World.route_lost] * 2 + [World.session_lost]
           + [World.routes_asked_again] + [World.daemon_killed]
           + [World.daemon_stopped] + [World.helper_killed]
           + [World.daemon_pauses] + [World.link_flaps])


@pytest.mark.parametrize("seed", [int(os.environ.get("CHAOS_SEED", "1"))])
def test_whatever_happens_in_the_end_all_is_as_it_should_be(lab, seed):
    chance = random.Random(seed)
    world = World(Site(lab))
    wait_until(world.settled, 6, world.story)
    for _ in range(int(os.environ.get("CHAOS_ROUNDS", "12"))):
        told = []
        for _ in range(chance.randrange(1, 6)):
            action = chance.choice(ACTIONS)
            told.append(action.__name__)
            action(world, chance)
        wait_until(world.settled, 15, lambda: f"{told}: {world.story()}",
                   every=0.02)
