# SPDX-License-Identifier: ISC
"""One function for every row of the matrix, in its order: what ends a process
comes last. A function's name is the row's."""

import pathlib
import re
import sys

import matrix

from lab import wait_until
from lab.site import PREFIX4, PREFIX6
from lab.speaker import ROUTE4, ROUTE6
from scene import LAST4, MORE4, REMOTE, VICTIM4

HOLD30 = {"BIRD": ["/30\n"], "FRR": ["Hold time is 30"],
          "OpenBGPD": ["holdtime 30s"], "GoBGP": ["Hold time is 30"],
          "ExaBGP": ['"hold_time": 30']}
LIMIT = 20  # seconds that a busy machine may need


def up(scene, *names):
    for name in names:
        wait_until(lambda: scene.basin.peer(name)["state"] == "Established",
                   LIMIT, lambda: f"{name} with {scene.kind}: "
                   f"{scene.basin.peer(name)}\n{scene.basin.log()[-3000:]}\n"
                   f"{scene.speaker.story(scene.sessions[name])[-3000:]}",
                   alive=scene.basin.process.check)


def hears(scene, name, *words):
    session = scene.sessions[name]

    def missing():
        heard = scene.speaker.heard(session)
        return [word for word in words if word not in heard]
    wait_until(lambda: not missing(), LIMIT,
               lambda: f"{scene.kind} lacks {missing()} in\n"
               f"{scene.speaker.heard(session)}")


def imports(scene, name, *routes):
    """What basin holds of this session."""
    def held():
        table = scene.basin.ask("show routes", direction="in", peer=name)
        return {route["prefix"] for route in table["routes"]}
    wait_until(lambda: set(routes) <= held(), LIMIT,
               lambda: f"{routes} of {name}: {held()}")


def ended(scene, name, *words):
    """Why the session ended, in basin's words."""
    wait_until(lambda: all(word in scene.basin.peer_error(name)
                           for word in words), LIMIT,
               lambda: f"{words} in {scene.basin.peer_error(name)!r}")


def told(scene, name, *words):
    """What the speaker has to say of the session."""
    session = scene.sessions[name]
    wait_until(lambda: any(word in scene.speaker.story(session)
                           for word in words), LIMIT,
               lambda: f"{words} in\n{scene.speaker.story(session)[-4000:]}")


def test_connects4(scene):
    up(scene, "plain4")


def test_accepts4(scene):
    up(scene, "accept4")


def test_connects6(scene):
    up(scene, "plain6")


def test_accepts6(scene):
    up(scene, "accept6")


def test_hears_both(scene):
    hears(scene, "plain4", PREFIX4, PREFIX6)
    hears(scene, "accept6", PREFIX4, PREFIX6)


def test_tells_both(scene):
    """Each over its own transport: the next hop must be usable."""
    imports(scene, "plain4", ROUTE4)
    imports(scene, "plain6", ROUTE6)


def test_four_octets(scene):
    imports(scene, "accept4", ROUTE4)
    route, = [route for route in scene.basin.ask(
        "show routes", direction="in", peer="accept4")["routes"]
        if route["prefix"] == ROUTE4]
    assert route["as_path"] == [REMOTE]
    assert "Four-octet AS Number" in scene.basin.peer("plain4")["capabilities"]


def test_attributes(scene):
    hears(scene, "plain4", *scene.speaker.heard_communities)


def test_multihop(scene):
    up(scene, "far")
    hears(scene, "far", PREFIX4)


def test_md5(scene):
    up(scene, "md5-4")
    assert scene.basin.peer("md5-4")["authentication"] == "md5"


def test_md5_accepts(scene):
    up(scene, "md5-6")
    assert scene.basin.peer("md5-6")["authentication"] == "md5"


def test_gtsm(scene):
    up(scene, "gtsm4")
    assert scene.basin.peer("gtsm4")["gtsm"] == 1


def test_gtsm6(scene):
    up(scene, "gtsm6")
    assert scene.basin.peer("gtsm6")["gtsm"] == 1


def test_roles(scene):
    up(scene, "roles")
    assert "BGP Role" in scene.basin.peer("roles")["capabilities"]
    imports(scene, "roles", ROUTE4)


def test_dynamic(scene):
    address = scene.sessions["dynamic"].address

    def taken():
        return [peer for peer in scene.basin.ask("show peers")["peers"]
                if peer["state"] == "Established" and
                peer["remote"] == address]
    wait_until(taken, LIMIT, lambda: scene.basin.ask("show peers")["peers"])
    hears(scene, "dynamic", PREFIX4)


def test_refreshes(scene):
    up(scene, "plain6")
    before = scene.basin.peer("plain6")["messages_in"]["route_refresh"]
    sent = scene.basin.peer("plain6")["messages_out"]["update"]
    scene.speaker.refresh(scene.sessions["plain6"])

    def answered():
        facts = scene.basin.peer("plain6")
        return (facts["messages_in"]["route_refresh"] > before and
                facts["messages_out"]["update"] > sent)
    wait_until(answered, LIMIT, "ROUTE-REFRESH is answered")
    assert scene.basin.peer("plain6")["state"] == "Established"


def test_enhanced(scene):
    """Both families begin and end: four messages of basin."""
    up(scene, "plain6")
    facts = scene.basin.peer("plain6")
    assert "Enhanced Route Refresh" in facts["capabilities"]
    before = facts["messages_out"]["route_refresh"]
    scene.speaker.refresh(scene.sessions["plain6"])
    wait_until(lambda: scene.basin.peer("plain6")["messages_out"]
               ["route_refresh"] >= before + 4, LIMIT,
               lambda: scene.basin.peer("plain6"))
    assert scene.basin.peer("plain6")["state"] == "Established"


def test_extended(scene):
    """More prefixes of one path than fit into 4096 octets: one UPDATE more
    than another session has."""
    up(scene, "long", "hold")
    hears(scene, "long", LAST4)
    long, other = scene.basin.peer("long"), scene.basin.peer("hold")
    assert "Extended Message" in long["capabilities"]
    assert (long["messages_out"]["update"] ==
            other["messages_out"]["update"] + 1)
    assert long["octets_out"] > other["octets_out"] + 4096


def test_next_hop6(scene):
    up(scene, "nexthop6")
    facts = scene.basin.peer("nexthop6")
    assert "Extended Next Hop Encoding" in facts["capabilities"], facts
    hears(scene, "nexthop6", PREFIX4, PREFIX6)
    imports(scene, "nexthop6", ROUTE4, ROUTE6)


def test_link_local(scene):
    up(scene, "local")
    assert scene.basin.peer("local")["remote"].startswith("fe80::2")
    hears(scene, "local", PREFIX6)


def test_hold_time(scene):
    up(scene, "hold", "hold2")
    for name in ("hold", "hold2"):
        facts = scene.basin.peer(name)
        assert (facts["hold_time"], facts["keepalive"]) == (30, 10)
    told(scene, "hold", *HOLD30[scene.kind])


def test_blackhole(scene):
    up(scene, "plain4")
    hears(scene, "plain4", PREFIX4)
    scene.basin.ask("block", dst=VICTIM4)
    hears(scene, "plain4", VICTIM4, scene.speaker.blackhole)
    scene.basin.ask("unblock", dst=VICTIM4)


def test_flows(scene):
    up(scene, "flows")
    scene.basin.ask("block", flow="dst 192.0.2.0/24 proto udp sport 123")
    scene.basin.ask("block", flow="dst 2001:db8:53::/48 proto tcp dport 80",
                    actions="rate 125000")
    hears(scene, "flows", '"ipv4 flow"', '"ipv6 flow"', "192.0.2.0/24",
          "2001:db8:53::/48", '"=123"', '"=80"', "rate-limit:125000")


def test_asks_again(scene):
    """A prefix that was refused comes when the configuration takes it."""
    imports(scene, "accept6", ROUTE6)
    session = scene.sessions["accept6"]
    for wanted in ("2001:db8:ffff::/48", ROUTE6):
        session.imports = (wanted,)
        generation = scene.basin.generation()
        scene.basin.reload(scene.config())
        wait_until(lambda: scene.basin.generation() > generation, LIMIT,
                   lambda: f"the reload: {scene.basin.log()[-2000:]}")
    imports(scene, "accept6", ROUTE6)
    facts = scene.basin.peer("accept6")
    assert facts["messages_out"]["route_refresh"] > 0
    assert facts["established"] == 1


def test_their_goodbye(scene):
    up(scene, "theirs")
    scene.speaker.shut(scene.sessions["theirs"], "maintenance-4711")
    ended(scene, "theirs", "Administrative Shutdown", "maintenance-4711")


def test_our_goodbye(scene):
    up(scene, "ours")
    scene.sessions["ours"].basin.append("shutdown: true")
    scene.basin.reload(scene.config())
    told(scene, "ours", "shut down in the configuration")


def test_our_limit(scene):
    ended(scene, "toomany", "more than the maximum of 1")
    if scene.kind == "ExaBGP":  # its API cannot decode a NOTIFICATION
        return
    told(scene, "toomany", "Maximum", "maximum", "max-prefix",
         '"code": 6, "subcode": 1')


def test_their_limit(scene):
    ended(scene, "toomuch", "Maximum Number of Prefixes Reached")


def test_drains(scene):
    scene.basin.cli("drain", "prefix", MORE4, "--reason", "interop",
                    "--limit", "60s", "--background")
    word = {"BIRD": "(65535,0)", "FRR": "gracefulShutdown",
            "OpenBGPD": "GRACEFUL_SHUTDOWN", "GoBGP": "planned-shut",
            "ExaBGP": "[ 65535, 0 ]"}[scene.kind]
    hears(scene, "plain4", MORE4, word)
    scene.basin.cli("undrain", "prefix", MORE4)


def test_withdraws(scene):
    up(scene, "accept4")
    hears(scene, "accept4", PREFIX4)
    if scene.kind == "ExaBGP":  # what it heard is a log
        scene.speaker.file.write_text("")
    scene.site.fail()
    session = scene.sessions["accept4"]

    def gone():
        heard = scene.speaker.heard(session)
        if scene.kind == "ExaBGP":
            return '"withdraw"' in heard and PREFIX4 in heard
        return PREFIX4 not in heard
    wait_until(gone, LIMIT, lambda: f"{PREFIX4} gone:\n"
               f"{scene.speaker.heard(session)}")
    scene.site.recover()
    hears(scene, "accept4", PREFIX4)


def test_hard_reset(scene):
    """The speaker keeps nothing after it, and says so."""
    up(scene, "hard")
    assert scene.basin.peer("hard")["graceful_restart"]["peer_notification"]
    scene.sessions["hard"].basin.append("shutdown: true")
    scene.basin.reload(scene.config())
    told(scene, "hard", "Hard Reset", "hard reset", "Hard reset",
         "hard-reset")


def test_dies_at_once(scene):
    up(scene, "plain4", "plain6")
    hears(scene, "plain4", PREFIX4)
    scene.basin.kill()
    for name in ("plain4", "plain6"):
        session = scene.sessions[name]
        wait_until(lambda: PREFIX4 not in scene.speaker.heard(session),
                   LIMIT, lambda: scene.speaker.heard(session))


def test_is_helped_to_restart(scene):
    """The other side of it: killed just now, and kept as configured."""
    session = scene.sessions["restart"]
    assert PREFIX4 in scene.speaker.heard(session), \
        scene.speaker.story(session)
    scene.basin.start()
    up(scene, "restart")
    hears(scene, "restart", PREFIX4)


def test_helps_to_restart(scene):
    up(scene, "restart")
    imports(scene, "restart", ROUTE4)
    if scene.basin.process is None or not scene.basin.process.running():
        scene.basin.start()
    scene.speaker.kill()
    wait_until(lambda: scene.basin.peer("restart")["stale"] > 0, LIMIT,
               lambda: f"{scene.basin.peer('restart')}")
    assert scene.basin.peer("plain4")["imported"] == 0


# ---- the matrix itself ---------------------------------------------------

def test_every_row_has_a_function_and_every_function_a_row():
    here = sys.modules[__name__]
    functions = {name.removeprefix("test_") for name in dir(here)
                 if name.startswith("test_") and "scene" in
                 getattr(here, name).__code__.co_varnames[:1]}
    assert functions == {row.test for row in matrix.MATRIX if row.test}


def test_every_test_elsewhere_is_there():
    here = pathlib.Path(__file__).parents[1]
    for row in matrix.MATRIX:
        assert row.test or not (matrix.VERSIONS.keys() -
                                row.reasons.keys() - row.elsewhere.keys())
        for where in row.elsewhere.values():
            file, name = where.split("::")
            assert f"def {name}(" in (here / file).read_text(), where


def test_the_document_is_up_to_date():
    path = pathlib.Path(__file__).parents[3] / "docs/interoperability.md"
    assert path.read_text() == matrix.document(), \
        "run tests/net/interop/matrix.py > docs/interoperability.md"


def test_no_speaker_has_tcp_ao():
    """The day that one has it, this fails, and the row becomes a test."""
    path = "/usr/bin:/usr/sbin:/usr/lib/frr"
    for program in ("bird", "bgpd", "gobgpd"):
        for folder in path.split(":"):
            file = pathlib.Path(folder, program)
            if file.exists():
                assert not re.search(rb"tcp[-_ ]ao\b", file.read_bytes(),
                                     re.IGNORECASE), file
    for folder in pathlib.Path("/usr/lib/python3/dist-packages").glob(
            "exabgp"):
        for file in folder.rglob("*.py"):
            assert not re.search(r"tcp[-_ ]ao\b", file.read_text(),
                                 re.IGNORECASE), file
