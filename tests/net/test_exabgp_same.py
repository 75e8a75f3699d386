# SPDX-License-Identifier: ISC
"""The same commands under ExaBGP 4.2 and under basin, each towards the same
neighbour spoken by hand: the same UPDATEs, answers and events."""

import json
import re
import shutil
import socket
import struct
import time

import pytest

from lab import Basin, Lab, Peer, bgp, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("exabgp"),
                                reason="no exabgp")
WAIT = 20
PYTHON = "/usr/bin/python3"

# The program: what the test says goes to the speaker, and back.
PROGRAM = """
import os, select, socket, sys
test = socket.socket(socket.AF_UNIX)
test.connect(sys.argv[1])
while True:
    for one in select.select([0, test], [], [])[0]:
        data = test.recv(65536) if one is test else os.read(0, 65536)
        if not data:
            sys.exit()
        if one is test:
            os.write(1, data)
        else:
            test.sendall(data)
"""

EXABGP = """
process script {{ run {python} {program} {socket}; encoder {encoder}; }}
neighbor {peer} {{
    router-id 10.255.1.1; local-address {node};
    local-as 65000; peer-as {asn}; hold-time 90;
    capability {{ asn4 enable; route-refresh enable; }}
    family {{ ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }}
    api {{ processes [ script ]; neighbor-changes; }}
}}
"""

BASIN = """
node: {{name: one, asn: 65000, router_id: 10.255.1.1, linger: 0s}}
services:
  dns: {{addresses: 192.0.2.53}}
prefixes:
  192.0.2.0/24: {{services: dns}}
peers:
  up: {{address: {peer}, asn: {asn}, connect_retry: 1s, next_hop: "{node6}",
       families: [ipv4, ipv6, ipv4-flow, ipv6-flow]}}
exabgp:
  script: {{run: [{python}, {program}, {socket}], encoder: {encoder},
           neighbor_changes: on}}
"""

FLOWS = b"".join(bgp.capability(1, struct.pack(">HBB", afi, 0, 133))
                 for afi in (1, 2))


class Side:
    """One speaker with the program, and its neighbour."""

    def __init__(self, lab, kind, asn=65001, encoder="text"):
        self.kind, self.asn = kind, asn
        self.node = lab.namespace(f"node-{kind}")
        self.router = lab.namespace(f"router-{kind}")
        link = lab.link(self.node, self.router)
        self.addresses = link.v4(self.node), link.v4(self.router)
        self.node.dir.chmod(0o755)
        program = self.node.dir / "program.py"
        program.write_text(PROGRAM)
        path = self.node.dir / "test.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen(1)
        self._listener.settimeout(WAIT)
        self.peer = Peer(self.router, link.v4(self.router), asn).listen()
        words = {"python": PYTHON, "program": program, "socket": path,
                 "encoder": encoder, "peer": link.v4(self.router),
                 "node": link.v4(self.node), "node6": link.v6(self.node),
                 "asn": asn}
        getattr(self, f"_{kind}")(words)
        self._program, _ = self._listener.accept()
        self._said, self._sentinels = "", 0
        self.peer.accept(WAIT).establish(extra=FLOWS)
        self.table = {}

    def _exabgp(self, words):
        config = self.node.dir / "exabgp.conf"
        config.write_text(EXABGP.format(**words))
        self.node.popen("exabgp", config, name="exabgp",
                        env={"exabgp.daemon.user": "root",
                             "exabgp.api.cli": "false",
                             "exabgp.tcp.delay": "0"})

    def _basin(self, words):
        self.basin = Basin(self.node, BASIN.format(**words))
        self.basin.start()

    def line(self):
        """The next one that the program hears."""
        self._program.settimeout(WAIT)
        while "\n" not in self._said:
            octets = self._program.recv(65536)
            assert octets, "the program has ended"
            self._said += octets.decode()
        line, self._said = self._said.split("\n", 1)
        return line

    def ask(self, command):
        """The answer, and the lines before it."""
        self._program.sendall(command.encode() + b"\n")
        lines = [self.line()]
        while lines[-1] not in ("done", "error"):
            lines.append(self.line())
        return lines[-1], lines[:-1]

    def _flush(self):
        """What was said before has come when this has come, twice."""
        for _ in range(2):
            self._sentinels += 1
            mark = f"198.51.100.{self._sentinels}/32"
            assert self.ask(f"announce route {mark} next-hop self")[0] == \
                "done"
            while True:
                update = self.peer.expect(bgp.UPDATE, WAIT)
                yield update
                if mark in update.announced:
                    break

    def changes(self, commands):
        """NLRI -> attributes or None, of UPDATEs, and the answers."""
        answers = [self.ask(command)[0] for command in commands]
        changed = {}
        for update in self._flush():
            shown = {**update.attributes}
            if shown.get(3) == self.addresses[0]:
                shown[3] = "self"
            mp = shown.pop(14, None)
            shown.pop(15, None)
            if mp:
                shown[14] = mp["next_hops"]
            for nlri in update.withdrawn:
                changed[nlri] = None
            for nlri in update.announced:
                changed[nlri] = shown
        changed = {nlri: shown for nlri, shown in changed.items()
                   if not nlri.startswith(("192.0.2.", "198.51.100."))}
        self.table.update(changed)
        return answers, changed

    def fill(self, commands):
        for word, value in (("PEER", self.addresses[1]), ("ASN", self.asn),
                            ("NODE", self.addresses[0])):
            commands = [c.replace(word, str(value)) for c in commands]
        return commands

    def blank(self, line):
        """Without what must differ."""
        for address, name in zip(self.addresses, ("NODE", "PEER")):
            line = line.replace(address, name)
        return line

    def end(self):
        self._program.close()
        self._listener.close()


HERE = "announce route 198.18.{}.0/24 next-hop 203.0.113.7"
# Each group changes each NLRI once.
GROUPS = [
    [
        "announce route 198.18.0.0/24 next-hop self",
        "announce route 198.18.1.0/24 next-hop 203.0.113.7",
        HERE.format(2) + " origin igp",
        HERE.format(3) + " origin egp",
        HERE.format(4) + " origin incomplete",
        HERE.format(5) + " med 0",
        HERE.format(6) + " med 4294967295",
        HERE.format(7) + " local-preference 250",
        HERE.format(8) + " community 65000:1",
        HERE.format(9) + " community [65000:1 65000:2 no-export]",
        HERE.format(10) + " community [ no-advertise no-peer blackhole ]",
        HERE.format(11) + " large-community [65000:1:2 65000:3:4]",
        HERE.format(12) + " extended-community [target:65000:1]",
        HERE.format(13) + " extended-community "
        "[target:65000:7 origin:65000:9]",
        HERE.format(14) + " atomic-aggregate",
        HERE.format(15) + " aggregator (65000:10.0.0.1)",
        HERE.format(16) + " as-path [65000 65010 65020]",
        HERE.format(17) + " as-path [65000 4200000000]",
        HERE.format(18) + " as-path [65000] med 5 community [65000:9] "
        "origin egp",
        HERE.format(19) + " split /26",
        "announce route 198.18.20.1 next-hop self",
        "announce route 198.18.21.0/24 next-hop self;",
    ],
    [
        "announce attributes next-hop 203.0.113.7 med 9 nlri "
        "198.18.32.0/24 198.18.33.0/24 198.18.34.0/25",
        "announce attribute next-hop self community [65000:3] nlri "
        "198.18.35.0/24",
        "announce route 2001:db8:1::/48 next-hop 2001:db8::1",
        "announce route 2001:db8:3::1/128 next-hop 2001:db8::1 "
        "community [65000:6] large-community [1:2:3]",
        "announce attributes next-hop 2001:db8::1 med 3 nlri "
        "2001:db8:4::/48 2001:db8:5::/48",
    ],
    [
        "announce route 198.18.1.0/24 next-hop 203.0.113.8",
        "announce route 198.18.5.0/24 next-hop 203.0.113.7 med 77",
        "withdraw route 198.18.0.0/24 next-hop self",
        "withdraw route 198.18.2.0/24",
        "withdraw attributes next-hop 203.0.113.7 med 9 nlri "
        "198.18.32.0/24 198.18.33.0/24",
        "withdraw route 2001:db8:1::/48 next-hop 2001:db8::1",
        "neighbor PEER announce route 198.18.40.0/24 next-hop self",
        "neighbor PEER peer-as ASN announce route 198.18.41.0/24 "
        "next-hop self",
        "neighbor PEER local-as 65000 peer-as ASN announce route "
        "198.18.42.0/24 next-hop self",
        "neighbor PEER local-ip NODE local-as 65000 router-id "
        "10.255.1.1 announce route 198.18.43.0/24 next-hop self",
        "neighbor 203.0.113.99, neighbor PEER announce route "
        "198.18.44.0/24 next-hop self",
    ],
    [
        "announce flow route { match { destination 198.18.60.0/24; } "
        "then { discard; } }",
        "announce flow route { match { destination 198.18.61.0/24; "
        "protocol udp; destination-port =53; } then { rate-limit 9600; } }",
        "announce flow route { match { source 198.18.62.0/24; protocol tcp; "
        "port [ =80 =8080 ]; tcp-flags syn; } "
        "then { community [65000:8]; discard; } }",
        "announce flow route { match { destination 198.18.63.0/24; "
        "packet-length >200&<300; fragment [ first-fragment ]; } "
        "then { redirect 65000:12; } }",
        "announce flow route { match { source 198.18.65.0/24; icmp-type "
        "unreachable; icmp-code [ =host-unreachable =port-unreachable ]; } "
        "then { redirect 4200000000:12; } }",
        "announce flow route { match { source 198.18.66.0/24; destination "
        "198.18.67.0/24; source-port >1023; tcp-flags [ syn+ack ]; "
        "fragment [ is-fragment last-fragment ]; } "
        "then { action sample-terminal; } }",
        "announce flow route { match { destination 2001:db8:7::/48/0; "
        "next-header tcp; destination-port =443; } "
        "then { rate-limit 1000000; } }",
        "announce flow route { match { destination 198.18.64.0/24; "
        "icmp-type echo-request; dscp 10; } then { mark 20; } }",
        "announce flow route { match { destination 2001:db8:6::/48/0; } "
        "then { discard; } }",
    ],
    [
        "withdraw flow route { match { destination 198.18.60.0/24; } "
        "then { discard; } }",
        "withdraw route 198.18.3.0/24 next-hop 203.0.113.7",
    ],
]


@pytest.fixture
def sides(request):
    made = []
    with Lab() as lab:
        def make(*args, kinds=("exabgp", "basin")):
            made.extend(Side(lab, kind, *args) for kind in kinds)
            return made
        yield make
        for side in made:
            side.end()


@pytest.mark.parametrize("asn", [65001, 65000], ids=["external", "internal"])
def test_the_same_updates(sides, asn):
    both = sides(asn)
    for group in GROUPS:
        theirs, ours = [side.changes(side.fill(group)) for side in both]
        assert theirs[0] == ["done"] * len(group)
        assert ours == theirs
    assert both[0].table == both[1].table
    assert sum(shown is not None for shown in both[1].table.values()) > 35


# command: what ExaBGP 4.2 does with it, and basin; None: nothing is sent.
DIFFERENCES = {
    # ExaBGP sends the path as it is, without its own AS number first.
    "announce route 198.18.1.0/24 next-hop self as-path [65010]":
        (("done", {2: [65010]}), ("done", {2: [65000, 65010]})),
    # RFC 4360: an IPv4 address has type 1, ExaBGP writes 0.
    "announce route 198.18.2.0/24 next-hop self "
    "extended-community [target:10.0.0.1:7]":
        (("done", {16: bytes.fromhex("00020a0000010007")}),
         ("done", {16: bytes.fromhex("01020a0000010007")})),
    # ExaBGP has watchdogs for routes of its configuration only.
    "announce route 198.18.3.0/24 next-hop self watchdog dog withdraw":
        (("done", {2: [65000]}), ("done", None)),
    # Later versions know these.
    "announce ipv4 unicast 198.18.4.0/24 next-hop self":
        (("error", None), ("done", {2: [65000]})),
    "announce ipv6 unicast 2001:db8:1::/48 next-hop 2001:db8::1":
        (("error", None), ("done", {2: [65000]})),
    "announce flow route { match { destination 198.18.5.0/24; } "
    "then { redirect 10.0.0.1:12; } }":
        (("error", None), ("done", {16: bytes.fromhex("81080a000001000c")})),
}


def test_what_differs(sides):
    both = sides()
    for command, expected in DIFFERENCES.items():
        for side, (answer, part) in zip(both, expected):
            answers, changed = side.changes([command])
            assert answers == [answer], (side.kind, command)
            if part is None:
                assert not changed, (side.kind, command)
                continue
            (shown,) = changed.values()
            assert {**shown, **part} == shown, (side.kind, command)


def test_the_same_answers(sides):
    both = sides()
    commands = ["announce route 198.18.0.0/24 next-hop 203.0.113.7 med 5",
                "announce route 2001:db8:1::/48 next-hop 2001:db8::1 "
                "community [65000:1]"]
    said = []
    for side in both:
        side.changes(commands)
        heard = {}
        for question in ("version", "show neighbor summary",
                         "show adj-rib out", "show adj-rib out extensive",
                         "show adj-rib in", "nonsense",
                         "announce route nonsense",
                         "announce eor ipv4 unicast",
                         "announce route-refresh ipv4 unicast"):
            answer, lines = side.ask(question)
            lines = [side.blank(line) for line in lines
                     if "198.51.100." not in line and "192.0.2." not in line
                     and " connected" not in line and " up" not in line[-3:]]
            heard[question] = answer, sorted(lines)
        said.append(heard)
    for heard in said:
        # How long it is up, and how many messages there were.
        answer, lines = heard.pop("show neighbor summary")
        assert answer == "done" and len(lines) == 2
        assert lines[0].split() == ["PEER", "65001", lines[0].split()[2],
                                    "established", *lines[0].split()[4:]]
        heard["summary"] = lines[1], len(lines[0].split())
    # Of attributes basin tells those too that every route has.
    theirs, ours = [heard.pop("show adj-rib out extensive")[1]
                    for heard in said]
    for line, longer in zip(theirs, ours, strict=True):
        assert set(line.split()) <= set(longer.split())
    assert said[0] == said[1]


def test_watchdogs_clear_and_flush(sides):
    """ExaBGP 4.2 says "done" to these, and ends the session at flush, or
    sends nothing any more after clear."""
    (side,) = sides(kinds=("basin",))
    one, two = "198.18.1.0/24", "198.18.2.0/24"
    assert set(side.changes([
        f"announce route {one} next-hop self watchdog dog",
        f"announce route {two} next-hop self watchdog dog withdraw"])[1]) == \
        {one}
    assert side.changes(["withdraw watchdog dog"])[1] == {one: None}
    changed = side.changes(["announce watchdog dog"])[1]
    assert set(changed) == {one, two} and None not in changed.values()
    flow = ("announce flow route { match { destination 198.18.3.0/24; } "
            "then { discard; } }")
    table = {**changed, **side.changes([flow])[1]}
    assert len(table) == 3
    assert side.changes(["flush adj-rib out"])[1] == table
    gone = side.changes(["clear adj-rib out"])[1]
    assert gone == dict.fromkeys(table)


STATES = {"connected": r"neighbor PEER connected", "up": r"neighbor PEER up",
          "down": r"neighbor PEER down - .+"}


def test_the_same_events_as_text(sides):
    for side in sides():
        for state, form in STATES.items():
            if state == "down":
                side.peer.hang_up()
            # ExaBGP ends each with an empty line.
            line = side.blank(side.line()) or side.blank(side.line())
            assert re.fullmatch(form, line), (side.kind, state)


def shape(value):
    """Members in their order; of values only what is the same for both."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    return value if isinstance(value, str) else type(value).__name__


def test_the_same_events_as_json(sides):
    said = []
    for side in sides(65001, "json"):
        events = [json.loads(side.blank(side.line())) for _ in range(2)]
        side.peer.hang_up()
        events.append(json.loads(side.blank(side.line())))
        assert [event["neighbor"]["state"] for event in events] == \
            list(STATES)
        assert [event["counter"] for event in events] == [1, 2, 3]
        assert events[2]["neighbor"].pop("reason")
        for event in events:
            assert abs(event.pop("time") - time.time()) < 60
            assert event.pop("host")
        said.append([shape(event) for event in events])
    for theirs, ours in zip(*said):
        assert ours == theirs
