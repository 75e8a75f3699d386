# SPDX-License-Identifier: ISC
"""`basin plan` says what a reload does: many changes, plan against wire."""

import random

import pytest

from lab import Capture, bgp, wait_until
from lab.site import PREFIX4, PREFIX6, node_text

SEED, ROUNDS = 4, 25


def peer_lines(rng):
    """Options of the first peer: none of them needs a new session."""
    lines = []
    if rng.random() < 0.5:
        lines.append(f"prepend: {rng.randint(1, 3)}")
    if rng.random() < 0.5:
        lines.append(f"med: {rng.randint(1, 9)}")
    if rng.random() < 0.5:
        lines.append('communities: ["65000:%d"]' % rng.randint(1, 9))
    if rng.random() < 0.3:
        lines.append(f"prefixes: [{rng.choice([PREFIX4, PREFIX6])}]")
    if rng.random() < 0.3:
        lines.append("import: default")
    if rng.random() < 0.15:
        lines.append(f"hold_time: {rng.choice([30, 60])}s")
    return "\n".join(lines)


def prefix_lines(rng):
    if rng.random() < 0.4:
        return rng.choice(["origin: incomplete", "origin: egp",
                           'communities: ["65000:77"]'])
    return ""


def said(wire, source):
    """What was announced and withdrawn, as sets of prefixes."""
    announced, withdrawn = set(), set()
    for message in wire.updates(source):
        announced |= set(message.announced)
        withdrawn |= set(message.withdrawn)
    return announced, withdrawn


def stable(basin, upstream):
    wait_until(lambda: basin.peer("transit")["state"] == "Established"
               and basin.peer("transit")["pending"] == 0, 15,
               "the session is there and nothing waits")


def test_the_plan_is_what_happens(site):
    rng = random.Random(SEED)
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    noticed = set()
    for number in range(ROUNDS):
        stable(basin, transit)
        if rng.random() < 0.8:  # else what is in force
            basin.configure(site.config(
                transit.peer(peer_lines(rng)),
                node=node_text(more=prefix_lines(rng))))
        plan = basin.ask("plan")
        (peer,) = plan["peers"]
        with Capture(transit.namespace, transit.interface) as wire:
            basin.ask("reload")
            if peer["effect"] == "session":
                wire.wait(bgp.NOTIFICATION, transit.node4, timeout=10)
                wire.wait(bgp.OPEN, transit.node4, timeout=20)
            elif peer["announced"] or peer["withdrawn"]:
                wait_until(lambda: wire.updates(transit.node4), 10,
                           "UPDATEs")
            if peer["refresh"]:
                wire.wait(bgp.REFRESH, transit.node4, timeout=10)
            stable(basin, transit)
            announced, withdrawn = said(wire, transit.node4)
            opens = bool(wire.opens(transit.node4))
            asked = bool(wire.messages(transit.node4, bgp.REFRESH))
        story = f"round {number}: {plan}"
        noticed.add(peer["effect"])
        assert opens == (peer["effect"] == "session"), story
        if opens:
            continue
        assert announced == {r["prefix"] for r in peer["announce"]}, story
        assert withdrawn == set(peer["withdraw"]), story
        assert asked == peer["refresh"], story
        assert not wire.notifications(), story
        assert plan["noticed"] == bool(announced or withdrawn or asked), story
    assert noticed >= {"none", "updates", "session"}


def test_a_plan_for_people(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    assert basin.command("plan") == (0, "no differences\n")
    other = basin.dir / "new.yaml"
    text = site.config(transit.peer("med: 5"), node=node_text().replace(
        "2001:db8:53::53]", "2001:db8:53::53, 192.0.2.54]"))
    other.write_text(basin.text(text))
    status, output = basin.command("plan", other)
    assert status == 1
    assert "peer transit changed (med)" in output
    assert "peer transit: updates" in output
    assert f"UPDATE {PREFIX4}: med" in output
    assert "address 192.0.2.54: added" in output
    status, output = basin.command("plan", "--from", basin.path, other)
    assert status == 1 and "peer transit: updates (med)" in output
    other.write_text("node: [")
    assert basin.command("plan", other)[0] == 78
    assert basin.generation() == 1


def test_what_is_not_confirmed_is_taken_back(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()

    def med():
        return [route.med for route in transit.router.routes()[PREFIX4]]

    basin.configure(site.config(transit.peer("med: 5")))
    with Capture(transit.namespace, transit.interface) as wire:
        status, output = basin.command("reload", "--confirm", "2s")
        assert status == 0 and "basin confirm" in output
        wait_until(lambda: 5 in med(), 10, "the new MED")
        status, output = basin.command("reload")
        assert status == 1 and "not confirmed" in output
        wait_until(lambda: 5 not in med(), 15, "the MED before")
        assert not wire.notifications() and not wire.opens()
    assert basin.command("confirm")[0] == 1
    wait_until(lambda: any("not confirmed" in alarm["message"] for alarm in
                           basin.ask("status")["alarms"]), 10, "an alarm")
    assert basin.command("reload", "--confirm", "2m")[0] == 0
    assert 0 < basin.ask("status")["configuration"][
        "taken_back_seconds"] <= 120
    assert "the configuration before comes back at" in basin.cli("status")
    assert basin.command("confirm")[0] == 0
    wait_until(lambda: 5 in med(), 10, "the new MED")
    assert basin.ask("reload")


@pytest.mark.parametrize("limit", ["0s", "soon", "5"])
def test_a_limit_that_is_none(site, limit):
    basin = site.basind(site.upstream().peer()).start()
    assert basin.command("reload", "--confirm", limit)[0] == 64
