# SPDX-License-Identifier: ISC
"""The ladder: each upstream is told its own way how the node does."""

import json
import time

import pytest

from lab import Bird, Capture, Frr, bgp, wait_until
from lab.site import PREFIX4, PREFIX6

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr],
                                  ids=["bird", "frr"])
GRACEFUL_SHUTDOWN = "65535:0"

NODE = """\
node:
  name: one
  asn: 65000
  router_id: 10.255.255.1
  linger: 100ms
services:
  web:
    addresses: [192.0.2.53, 2001:db8:53::53]
    checks:
      - tcp: {{port: 8053}}
        interval: 50ms
        rise: 1
        fall: 1
      - {check}
        interval: 50ms
        rise: 1
        fall: 1
prefixes:
  192.0.2.0/24: {{services: [web]{more}}}
  2001:db8:53::/48: {{services: [web]{more}}}
"""


class Mood:
    """A file that says how well the service does."""

    def __init__(self, site):
        self.path = site.node.dir / "mood"
        self.say("100")

    def say(self, text):
        new = self.path.with_suffix(".new")
        new.write_text(text + "\n")
        new.chmod(0o644)
        new.rename(self.path)

    def node(self, check=None, more=""):
        check = check or f"file: {{path: {self.path}, weight: true}}"
        return NODE.format(check=check, more=f", {more}" if more else "")


@pytest.fixture
def mood(site):
    return Mood(site)


def told(upstream, what, prefixes=(PREFIX4, PREFIX6)):
    """Waits until the router has routes of which what(route) holds."""
    for prefix in prefixes:
        wait_until(
            lambda: (route := upstream.router.route(prefix)) and what(route),
            10, lambda: f"{prefix} at {upstream.name}, it has "
            f"{upstream.router.route(prefix)}\n{upstream.site.basin.log()}")


def healthy(route):
    return route.as_path == [65000] and not route.communities


def steps(wire, source):
    """The UPDATEs of the node as (prefixes, withdrawn) pairs."""
    return [(sorted(m.announced), sorted(m.withdrawn))
            for m in wire.updates(source)]


ONE_STEP = [([PREFIX4], []), ([PREFIX6], [])]


def test_each_upstream_is_told_in_its_own_way(site, mood):
    """A check says degraded: prepending here, MED and communities there,
    and inside the AS a LOCAL_PREF; one UPDATE for each family."""
    cheap = site.upstream("cheap", 65001, Bird).expect().start()
    dear = site.upstream("dear", 65002, Frr).expect().start()
    core = site.upstream("core", 65000, Bird).expect().start()
    node = mood.node(
        check=f"exec: {{command: [/bin/grep, -q, 100, {mood.path}]}}",
        more="ladder_hold: 400ms")
    site.basind(
        cheap.peer('ladder: {degraded: {prepend: 3}}'),
        dear.peer('ladder: {degraded: {med: 200, communities: '
                  '["65002:70", "65002:7:0"]}}'),
        core.peer('ladder: {degraded: {local_pref: 50}}'),
        node=node).start()
    told(cheap, healthy)
    told(dear, healthy)
    told(core, lambda route: route.local_pref == 100)
    with Capture(cheap.namespace, cheap.interface) as one, \
            Capture(dear.namespace, dear.interface) as two:
        mood.say("50")  # grep exits with 1: degraded
        told(cheap, lambda r: r.as_path == [65000] * 4)
        told(dear, lambda r: r.med == 200 and r.as_path == [65000]
             and r.communities == {"65002:70"} and r.large == {"65002:7:0"})
        told(core, lambda r: r.local_pref == 50 and not r.as_path)
        assert sorted(steps(one, cheap.node4)) == ONE_STEP
        assert sorted(steps(two, dear.node4)) == ONE_STEP
        better = time.time()
        mood.say("100")
        told(cheap, healthy)
        told(dear, lambda r: healthy(r) and not r.med and not r.large)
        told(core, lambda r: r.local_pref == 100)
        assert sorted(steps(one, cheap.node4)[2:]) == ONE_STEP
        assert one.updates(cheap.node4)[2].time - better > 0.39
        assert sorted(steps(two, dear.node4)[2:]) == ONE_STEP


def test_better_is_believed_when_it_has_lasted(site, mood):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer("ladder: {degraded: {med: 5}}"),
                        node=mood.node(more="ladder_hold: 3s")).start()
    told(transit, healthy)
    mood.say("50")
    told(transit, lambda route: route.med == 5)
    with Capture(transit.namespace, transit.interface) as wire:
        mood.say("100")
        prefix = wait_until(lambda: _held(basin), 5, "the hold is shown")
        assert 0 < prefix["rung_until_seconds"] <= 3
        assert prefix["rung_reason"] == "ladder_hold"
        mood.say("50")  # not for long enough
        wait_until(lambda: _rung(basin)["rung_reason"] == "impaired", 5,
                   "degraded again")
        assert not wire.updates(transit.node4)
    mood.say("100")
    told(transit, lambda route: not route.med)


def _rung(basin):
    return basin.ask("show prefixes", name=PREFIX4)["prefixes"][0]


def _held(basin):
    prefix = _rung(basin)
    return prefix if prefix["rung_until"] else None


@ROUTERS
def test_one_upstream_may_be_left_at_the_first_step_down(site, mood, kind):
    """announce: false withdraws there and nowhere else."""
    shy = site.upstream("shy", 65001, kind).expect().start()
    steady = site.upstream("steady", 65002).expect().start()
    basin = site.basind(
        shy.peer("ladder: {degraded: {announce: false}}"), steady.peer(),
        node=mood.node(more="ladder_hold: 0s"), http=True).start()
    told(shy, healthy)
    told(steady, healthy)
    with Capture(steady.namespace, steady.interface) as wire:
        mood.say("50")
        shy.wait_gone()
        # Without a ladder degraded changes nothing: not a word.
        assert not wire.disturbances()
    assert basin.metric("basin_announced") == 2
    assert 'basin_prefix_rung{prefix="192.0.2.0/24",rung="degraded"} 1' \
        in basin.page("/metrics")[1]
    status, body = basin.page("/health")
    assert status == 200 and json.loads(body)["prefixes_degraded"] == 2
    output = basin.cli("why", PREFIX4)
    assert "peers are told degraded" in output
    assert "its ladder withdraws what is degraded" in output
    assert "degraded" in basin.cli("status").splitlines()[0]
    mood.say("100")
    told(shy, healthy)
    assert basin.ask("status")["state"] == "announcing"


@ROUTERS
def test_a_ladder_is_reloaded_without_a_new_session(site, mood, kind):
    transit = site.upstream(kind=kind).expect().start()
    node = mood.node()

    def config(med):
        return site.config(
            transit.peer(f"ladder: {{degraded: {{med: {med}}}}}"), node=node)
    basin = site.basind(transit.peer(), node=node)
    basin.configure(config(200))
    basin.start()
    told(transit, healthy)
    mood.say("50")
    told(transit, lambda route: route.med == 200)
    with Capture(transit.namespace, transit.interface) as wire:
        basin.reload(config(300))
        told(transit, lambda route: route.med == 300)
        assert sorted(steps(wire, transit.node4)) == ONE_STEP
        assert {m.kind for m in wire.disturbances()} == {bgp.UPDATE}
    assert basin.peer("transit")["established"] == 1
    assert "ladder" in basin.log()


@ROUTERS
def test_a_router_that_comes_late_is_told_the_rung(site, mood, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer("ladder: {degraded: {med: 70}}"),
                node=mood.node()).start()
    told(transit, healthy)
    mood.say("50")
    told(transit, lambda route: route.med == 70)
    transit.router.stop()
    with Capture(transit.namespace, transit.interface) as wire:
        transit.router.start()
        told(transit, lambda route: route.med == 70)
        assert sorted(steps(wire, transit.node4)) == ONE_STEP


def test_the_chain_names_what_was_sent(site, mood):
    transit = site.upstream().expect().start()
    basin = site.basind(
        transit.peer('ladder: {degraded: {prepend: 2, med: 70, '
                     'communities: ["65001:70"]}}'), node=mood.node()).start()
    told(transit, healthy)
    mood.say("50")
    told(transit, lambda route: route.med == 70)
    events = wait_until(lambda: _chain(basin), 5, "the UPDATE in the journal")
    kinds = [(e["kind"], e["to"]) for e in events]
    assert ("service", "degraded") in kinds and ("prefix", "degraded") in kinds
    assert events[-1]["detail"] == ("to transit: AS path 65000 65000 65000, "
                                    "MED 70, communities 65001:70")
    # By far the worst is taken at once, and after it the rung that holds.
    site.fail()
    transit.wait_gone()
    site.recover()
    told(transit, lambda route: route.med == 70)


def _chain(basin):
    events = basin.ask("why", name=PREFIX4)["events"]
    sent = events and events[-1]["kind"] == "advertisement"
    return events if sent and "MED 70" in events[-1]["detail"] else None


def test_what_is_frozen_is_told_as_degraded(site, mood):
    """Attack mode keeps a prefix whose checks fail, other nodes first."""
    transit = site.upstream(kind=Frr).expect().start()
    basin = site.basind(
        transit.peer("ladder: {degraded: {prepend: 2}}"),
        node=mood.node(more="ladder_hold: 0s")).start()
    told(transit, healthy)
    basin.cli("attack", "on", "--reason", "flood")
    with Capture(transit.namespace, transit.interface) as wire:
        site.fail()
        told(transit, lambda r: r.as_path == [65000] * 3)
        assert sorted(steps(wire, transit.node4)) == ONE_STEP
    assert _rung(basin)["state"] == "frozen"
    assert _rung(basin)["rung"] == "degraded"
    site.recover()
    told(transit, healthy)


# ---- draining ----

def draining(node):
    return node.replace("  linger: 100ms\n", "  linger: 100ms\n"
                        "  drain: {quiet: 60s, limit: 60s}\n")


@ROUTERS
def test_draining_asks_the_router_to_go_elsewhere(site, mood, kind):
    """RFC 8326, and LOCAL_PREF 0 inside the AS, without any ladder."""
    transit = site.upstream("transit", 65001, kind).expect().start()
    core = site.upstream("core", 65000, kind).expect().start()
    basin = site.basind(transit.peer('communities: ["65001:1"]'),
                        core.peer("local_pref: 300"),
                        node=draining(mood.node())).start()
    told(transit, lambda r: r.communities == {"65001:1"})
    told(core, lambda r: r.local_pref == 300 and not r.communities)
    with Capture(transit.namespace, transit.interface) as wire:
        basin.ask("drain", target="node", reason="new disk")
        told(transit, lambda r: r.as_path == [65000] and
             r.communities == {"65001:1", GRACEFUL_SHUTDOWN})
        assert sorted(steps(wire, transit.node4)) == ONE_STEP
        assert {m.kind for m in wire.disturbances()} == {bgp.UPDATE}
    told(core, lambda r: r.local_pref == 0 and
         r.communities == {GRACEFUL_SHUTDOWN})
    prefix = _rung(basin)
    assert (prefix["state"], prefix["rung"]) == ("draining", "draining")
    assert prefix["announced"] == prefix["peers"] == 2
    assert 0 < prefix["drain_limit_seconds"] <= 60
    assert "GRACEFUL_SHUTDOWN" in basin.cli("why", PREFIX4)
    basin.ask("undrain", target="node")
    told(transit, lambda r: r.communities == {"65001:1"})
    told(core, lambda r: r.local_pref == 300)


def test_a_ladder_says_what_draining_is(site, mood):
    quiet = site.upstream("quiet", 65001).expect().start()
    loud = site.upstream("loud", 65002, Frr).expect().start()
    basin = site.basind(
        quiet.peer("ladder: {draining: {graceful_shutdown: false, "
                   "prepend: 6, med: 999}}"),
        loud.peer("ladder: {draining: {announce: false}}"),
        node=draining(mood.node())).start()
    told(quiet, healthy)
    told(loud, healthy)
    basin.ask("drain", target="prefix", name=PREFIX4, reason="moves")
    told(quiet, lambda r: r.as_path == [65000] * 7 and r.med == 999
         and not r.communities, [PREFIX4])
    loud.wait_gone(PREFIX4)
    assert healthy(quiet.router.route(PREFIX6))
    assert healthy(loud.router.route(PREFIX6))


def last_words(upstream):
    """What the router shows of the session's end."""
    if isinstance(upstream.router, Bird):
        return upstream.router.details(upstream.node4)
    return json.dumps(upstream.router.neighbor(upstream.node4))


@ROUTERS
def test_a_closed_node_says_why_and_stays_closed(site, mood, kind):
    transit = site.upstream(kind=kind).expect().start()
    basin = site.basind(transit.peer(), node=mood.node()).start()
    told(transit, healthy)
    with Capture(transit.namespace, transit.interface) as wire:
        basin.ask("drain", target="node", reason="disk of ns1", now=True)
        ceased = wire.wait(bgp.NOTIFICATION, transit.node4)
        assert ceased.reason == (6, 2) and "disk of ns1" in ceased.text
        transit.wait_gone()
        wait_until(lambda: "disk of ns1" in last_words(transit), 10,
                   lambda: f"the router shows the text: "
                   f"{last_words(transit)}")
        basin.reload()  # does not open it
        wait_until(lambda: basin.generation() == 2, 10, "the reload")
        # The router tries; nobody takes it.
        before = len(wire.segments())
        wait_until(lambda: any(s.flags & 4 for s in
                               wire.segments()[before:]), 20,
                   "an attempt is refused")
        assert not wire.opens(transit.node4)
    peer = basin.peer("transit")
    assert peer["state"] == "Idle" and "disk of ns1" in peer["suspended"]
    assert "kept closed" in basin.cli("show", "peers")
    basin.ask("undrain", target="node")
    told(transit, healthy)
    assert basin.peer("transit")["suspended"] is None
