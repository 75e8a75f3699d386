# SPDX-License-Identifier: ISC
"""Eight nodes announce one prefix; their brakes must keep three of them."""

import json
import os
import pwd
import struct
import threading
import time

import pytest

from lab import Basin, Bird, Lab, stays, wait_until
from lab.mesh import ASK, PROMISE, STATE, Liar, prefix_octets

PREFIX = "192.0.2.0/24"
PORT = 9178
NODES = 8
SITES = 3  # min_sites
KEY = b"0123456789abcdef0123456789abcdef"

NODE = """
node: {{name: {name}, asn: 65000, router_id: {id}, linger: 0s}}
services:
  dns:
    addresses: 192.0.2.53
    checks:
      - file: {{path: {file}}}
        interval: 100ms
        rise: 1
        fall: 2
prefixes:
  {prefix}: {{services: dns, brake: {brake}}}
peers:
  hub: {{address: {hub}, asn: 65001, connect_retry: 1s}}
mesh:
{mesh}"""


def own(path, mode=0o644):
    """For the daemon's user, who reads it at a reload."""
    for user in ("basin", "nobody"):
        try:
            record = pwd.getpwnam(user)
        except KeyError:
            continue
        if os.geteuid() == 0:
            os.chown(path, record.pw_uid, record.pw_gid)
        break
    path.chmod(mode)
    return path


class Node:
    def __init__(self, mesh, number):
        self.mesh, self.name = mesh, f"n{number}"
        self.namespace = mesh.lab.namespace(self.name)
        self.link = mesh.lab.link(self.namespace, mesh.hub)
        self.address = self.link.v4(self.namespace)
        self.gateway = self.link.v4(mesh.hub)
        self.file = mesh.dir / f"{self.name}.good"
        self.number = number
        self.basin = None
        self.namespace.ip(f"route add default via {self.gateway}")
        self.well()

    def well(self):
        self.file.write_text("good\n")
        own(self.file)

    def sick(self):
        self.file.unlink(missing_ok=True)

    def config(self, file=None, mesh=None):
        return NODE.format(
            name=self.name, id=f"10.255.1.{self.number}", prefix=PREFIX,
            file=file or self.file, brake=self.mesh.brake, hub=self.gateway,
            mesh=mesh or self.mesh.section(self))

    def start(self, **options):
        self.basin = Basin(self.namespace, self.config(**options), http=True)
        self.basin.start(wait=False)

    def state(self):
        return self.basin.ask("show prefixes")["prefixes"][0]["state"]

    def shown(self):
        return self.basin.ask("show mesh")

    def held(self):
        """What the alarm of its brake says, or None."""
        return next((a["message"] for a in self.basin.ask("status")["alarms"]
                     if a["message"].startswith("it is kept")), None)

    def heard(self):
        return {n["node"] for n in self.shown()["nodes"]
                if n["state"] == "heard"}


class Mesh:
    """A hub that forwards between the nodes, and their router."""

    def __init__(self, lab, nodes=NODES, brake=f"{{min_sites: {SITES}}}"):
        self.lab, self.brake = lab, brake
        self.dir = lab.dir / "good"
        self.dir.mkdir()
        self.hub = lab.namespace("hub")
        self.bird = Bird(self.hub, 65001)
        self.nodes = [Node(self, i) for i in range(1, nodes + 1)]
        self.key = self.dir / "key"
        self.key.write_bytes(KEY + b"\n")
        own(self.key, 0o600)
        for node in self.nodes:
            self.bird.peer(node.address, 65000, families=(4,))
        self.least = nodes

    def section(self, node):
        lines = [f"  listen: {node.address}:{PORT}",
                 f"  key_file: {self.key}", "  interval: 250ms", "  nodes:"]
        lines += [f"    {n.name}: {{address: {n.address}}}"
                  for n in self.nodes]
        return "\n".join(lines) + "\n"

    def start(self):
        self.bird.start()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            wait_until(node.basin.answers, 20, f"{node.name} answers",
                       alive=node.basin.process.check)
        self.settle()
        return self

    def announcing(self):
        return len(self.bird.routes().get(PREFIX, []))

    def announcers(self):
        return [n for n in self.nodes if n.state() in
                ("announced", "braked")]

    def settle(self):
        """Everybody well, announcing, and heard by everybody."""
        self.join()
        for node in self.nodes:
            node.well()
        others = len(self.nodes) - 1
        wait_until(lambda: self.announcing() == others + 1, 20,
                   lambda: f"all announce: {self.story()}")
        for node in self.nodes:
            wait_until(lambda n=node: len(n.heard()) == others, 20,
                       lambda n=node: f"{n.name} hears {n.heard()}")
            wait_until(lambda n=node: n.state() == "announced", 10,
                       lambda n=node: f"{n.name} is {n.state()}")

    def story(self):
        return {n.name: (n.state(), sorted(n.heard())) for n in self.nodes
                if n.basin}

    def watch(self):
        """From now on `least` is the smallest number ever seen."""
        self.least = len(self.nodes)
        stop = threading.Event()

        def look():
            while not stop.wait(0.01):
                self.least = min(self.least, self.announcing())
        thread = threading.Thread(target=look, daemon=True)
        thread.start()

        def end():
            stop.set()
            thread.join(5)
            return min(self.least, self.announcing())
        return end

    def split(self, *sides):
        """Packets between the sides are lost; each talks to the hub."""
        rules = ["table ip split {", "chain f { type filter hook forward "
                 "priority 0;"]
        for side in sides:
            inside = ", ".join(n.address for n in side)
            rules.append(f"ip saddr {{ {inside} }} ip daddr != "
                         f"{{ {inside} }} drop")
        self.hub.run("nft", "-f", "-", stdin="\n".join(rules) + "\n}\n}\n")

    def join(self):
        self.hub.run("nft", "delete", "table", "ip", "split", check=False)


@pytest.fixture(scope="module")
def eight(possible):
    with Lab() as lab:
        yield Mesh(lab).start()
    assert not lab.complaints, "\n".join(lab.complaints)


@pytest.fixture
def mesh(eight):
    eight.settle()
    return eight


def test_one_node_that_fails_among_healthy_ones_withdraws(mesh):
    node = mesh.nodes[4]
    node.sick()
    wait_until(lambda: node.state() == "withdrawn", 10, node.state)
    wait_until(lambda: mesh.announcing() == NODES - 1, 10, mesh.announcing)
    other = mesh.nodes[0]
    wait_until(lambda: "n5 withdrawn (dns: fallen)" in
               other.basin.cli("show", "mesh"), 10,
               lambda: other.basin.cli("show", "mesh"))
    node.well()
    wait_until(lambda: node.state() == "announced", 10, node.state)


def test_a_check_that_is_wrong_everywhere_leaves_enough_nodes(mesh):
    end = mesh.watch()
    for node in mesh.nodes:
        node.sick()
    wait_until(lambda: mesh.announcing() == SITES, 20, mesh.story)
    stays(lambda: mesh.announcing() == SITES, 2, mesh.story)
    assert end() == SITES
    held = [n for n in mesh.nodes if n.state() == "braked"]
    assert len(held) == SITES
    alarms = held[0].basin.ask("status")["alarms"]
    text = [a["message"] for a in alarms if "kept announced" in a["message"]]
    assert text and "service dns fails" in text[0], alarms
    assert "of 3 needed nodes stay" in text[0], text
    assert "its brake holds" in held[0].basin.cli("why", PREFIX)

    def shown():
        return held[0].basin.cli("show", "mesh")
    wait_until(lambda: "is held: 2 of 3 needed nodes stay" in shown(), 10,
               shown)
    assert "?" not in shown()
    for node in mesh.nodes:
        node.well()
    wait_until(lambda: not any(
        a["message"].startswith("it is kept")
        for a in held[0].basin.ask("status")["alarms"]), 10, "no alarm")


def test_each_side_of_a_partition_keeps_enough(mesh):
    east, west = mesh.nodes[:4], mesh.nodes[4:]
    mesh.split(east, west)
    wait_until(lambda: all(len(n.heard()) == 3 for n in mesh.nodes), 20,
               mesh.story)
    end = mesh.watch()
    for node in mesh.nodes:
        node.sick()

    def kept(side):
        return sum(n.state() == "braked" for n in side)
    wait_until(lambda: kept(east) == SITES and kept(west) == SITES and
               mesh.announcing() == 2 * SITES, 20, mesh.story)
    stays(lambda: kept(east) == SITES == kept(west), 1, mesh.story)
    assert "is not heard" in east[0].basin.cli("show", "mesh") or \
        "is not heard" in east[1].basin.cli("show", "mesh")
    mesh.join()
    wait_until(lambda: mesh.announcing() == SITES, 20, mesh.story)
    assert end() == SITES


def test_a_poisoned_configuration_leaves_enough_nodes(mesh):
    end = mesh.watch()
    for node in mesh.nodes:
        node.basin.reload(node.config(file="/nowhere/at/all"))
    wait_until(lambda: mesh.announcing() == SITES, 20, mesh.story)
    stays(lambda: mesh.announcing() == SITES, 1, mesh.story)
    assert end() == SITES
    for node in mesh.nodes:
        node.basin.reload(node.config())
    mesh.settle()


def alone(node):
    """Cut off from the others: what it hears comes from the test only."""
    return node.heard() == set()


def test_forged_and_replayed_messages_change_nothing(mesh):
    """They are sent by one who sees all messages, and knows no key."""
    first, second = mesh.nodes[0], mesh.nodes[1]
    first.basin.kill()
    liar = Liar(first.namespace, "n1", first.address, PORT, KEY,
                {n.name: n.address for n in mesh.nodes[1:]})
    wait_until(lambda: second.name in liar.boots and liar.heard, 10,
               "the liar hears")
    recorded = list(liar.heard)
    before = discarded(second)
    item = prefix_octets(PREFIX)
    state = struct.pack("!H", 1) + item + bytes([4, 0])
    liar.say("n2", STATE, state, key=b"x" * 32)
    liar.say("n2", STATE, state, version=9)
    liar.say("n2", STATE, state, sender="n77")
    liar.say("n2", STATE, state, boot=4711)
    replayed = liar.datagram("n2", STATE, state[:-2] + bytes([2, 0]))
    for _ in range(3):
        liar.send("n2", replayed)
    for octets in recorded[:20]:
        liar.send("n2", octets)
    liar.send("n2", replayed[:40])
    wait_until(lambda: discarded(second, before) >= {
        "forged": 1, "version": 1, "stranger": 1, "unproven": 1,
        "replayed": 2, "malformed": 1}.items(), 10,
        lambda: discarded(second, before))
    assert all(n.state() == "announced" for n in mesh.nodes[1:])
    liar.close()
    first.start()
    mesh.settle()


class Counts(dict):
    def __ge__(self, items):
        return all(self.get(key, 0) >= n for key, n in items)


def discarded(node, before=None):
    found = Counts()
    for line in node.basin.page("/metrics")[1].splitlines():
        if line.startswith("basin_mesh_discarded_total{"):
            cause = line.split('cause="')[1].split('"')[0]
            found[cause] = int(float(line.split()[-1])) - \
                (before or {}).get(cause, 0)
    return found


def test_a_node_that_lies_costs_one(mesh):
    first = mesh.nodes[0]
    end = None
    first.basin.kill()
    liar = Liar(first.namespace, "n1", first.address, PORT, KEY,
                {n.name: n.address for n in mesh.nodes[1:]})
    honest = mesh.nodes[1:]
    wait_until(lambda: all("n1" in n.heard() for n in honest), 10, "heard")
    wait_until(lambda: mesh.announcing() == NODES - 1, 10, mesh.announcing)
    end = mesh.watch()
    for node in honest:
        node.sick()
    wait_until(lambda: mesh.announcing() <= SITES, 20, mesh.announcing)
    stays(lambda: mesh.announcing() >= SITES - 1, 2, mesh.announcing)
    assert end() >= SITES - 1
    assert liar.asked > 0
    liar.close()
    first.start()
    mesh.settle()


def test_a_state_file_counts_while_it_is_fresh(mesh):
    node = mesh.nodes[7]
    path = mesh.dir / "sites.json"

    def write(text):
        (mesh.dir / "new").write_text(text)
        own(mesh.dir / "new").rename(path)
    good = json.dumps({"version": 1, "nodes": {
        name: {"announces": [PREFIX]} for name in ("a1", "a2", "a3")}})
    write(good[:-1])
    node.basin.reload(node.config(
        mesh=f"  interval: 100ms\n  state_file: {path}\n"))
    wait_until(lambda: node.shown()["state_file"] == "unknown", 10,
               node.shown)
    node.sick()
    wait_until(lambda: node.state() == "braked", 10, node.state)
    stays(lambda: node.state() == "braked", 1.5, node.state)
    write(good)
    wait_until(lambda: node.state() == "withdrawn", 10, node.state)
    node.well()
    node.basin.reload(node.config())
    mesh.settle()


def test_no_more_nodes_withdraw_for_one_cause_than_may(possible):
    with Lab() as lab:
        mesh = Mesh(lab, 4, "{max_withdrawn: 2, window: 1h}").start()
        end = mesh.watch()
        for node in mesh.nodes:
            node.sick()
        wait_until(lambda: mesh.announcing() == 2, 20, mesh.story)
        stays(lambda: mesh.announcing() == 2, 2, mesh.story)
        assert end() == 2
        held = [n for n in mesh.nodes if n.state() == "braked"]
        wait_until(lambda: all(n.held() for n in held), 10, "alarms")
        assert len(held) == 2
        assert "of 2 needed nodes did not withdraw it for this cause" in \
            held[0].held()

        def shown():
            return held[0].basin.cli("show", "mesh")
        wait_until(lambda: "1 of 2 needed nodes did not" in shown() and
                   shown().count("withdrew it for the same cause") == 2, 10,
                   shown)
        # A reload that heals it ends its alarm, too.
        for node in held:
            cure = own_copy(mesh, node)
            node.basin.reload(node.config(file=cure))
            wait_until(lambda: node.state() == "announced", 10, node.state)
            wait_until(lambda: node.held() is None, 10, node.held)
        # Who has withdrawn it and announces again has used up its turn.
        for node in mesh.nodes:
            node.well()
        wait_until(lambda: mesh.announcing() == 4, 20, mesh.story)
        for node in held:
            node.basin.reload(node.config())
            node.sick()
        wait_until(lambda: all(n.held() for n in held), 10, mesh.story)
        assert mesh.announcing() == 4
    assert not lab.complaints, "\n".join(lab.complaints)


def own_copy(mesh, node):
    path = mesh.dir / f"{node.name}.cure"
    path.write_text("good\n")
    return own(path)
