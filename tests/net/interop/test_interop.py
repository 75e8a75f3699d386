# SPDX-License-Identifier: ISC
"""One function for every row of the matrix, in its order: what ends a process
comes last. A function's name is the row's."""

import pathlib
import sys

import matrix

from lab import wait_until
from lab.site import PREFIX4, PREFIX6
from lab.speaker import ROUTE4, ROUTE6
from scene import MORE4, REMOTE

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
    up(scene, "md5-4", "md5-6")
    assert scene.basin.peer("md5-4")["authentication"] == "md5"


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
    assert functions == {row.test for row in matrix.MATRIX}


def test_the_document_is_up_to_date():
    path = pathlib.Path(__file__).parents[3] / "docs/interoperability.md"
    assert path.read_text() == matrix.document(), \
        "run tests/net/interop/matrix.py > docs/interoperability.md"
