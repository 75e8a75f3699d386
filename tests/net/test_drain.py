# SPDX-License-Identifier: ISC
"""Drains: they wait for the traffic to leave, and are not forgotten."""

import json
import signal
import subprocess

import pytest

from lab import Frr, bgp, stays, wait_until
from lab.basin import cli_path
from lab.services import TcpService
from lab.site import PREFIX4, PREFIX6, SERVICE4, SERVICE6, node_text
from test_operator import running  # noqa: F401  pylint: disable=unused-import
from traffic import Traffic

GRACEFUL_SHUTDOWN = "65535:0"


def waits(quiet="1s", limit="30s"):
    """The node's configuration with its own waiting."""
    return node_text().replace(
        "services:\n",
        f"  drain: {{quiet: {quiet}, limit: {limit}}}\nservices:\n", 1)


@pytest.fixture
def served(site):
    """One upstream with both routes; a drain waits for 1 s of quiet."""
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), node=waits()).start()
    transit.wait_routes()
    leads_to(transit)
    return site, transit


def leads_to(transit):
    """The router's kernel has the route, whatever BGP says later."""
    transit.namespace.ip(f"route add {PREFIX4} via {transit.node4}")


def drain_of(basin, target="node"):
    """The one drain of a kind, with its traffic; None: there is none."""
    found = [drain for drain in basin.ask("show drains")["drains"]
             if drain["target"] == target]
    return found[0] if found else None


def phase(basin, target="node"):
    drain = drain_of(basin, target)
    return drain and drain["phase"]


class Follower:
    """`basin drain ...` as a person has it, running."""

    def __init__(self, basin, *words):
        self.process = basin.namespace.popen(
            cli_path(), "--socket", basin.dir / "basin.sock", *words,
            name="follower")

    def output(self):
        return self.process.output()


def test_a_node_without_traffic_is_drained_and_back(served):
    site, transit = served
    basin = site.basin
    status, output = basin.command("drain", "node", "--reason", "new disks")
    assert status == 0, output
    assert "drained node, until undrained: its traffic has left" in output
    assert "sessions closed" in output
    transit.wait_gone()
    status = basin.cli("status")
    assert "DRAINED node" in status and "new disks" in status
    assert basin.ask("status")["state"] == "drained"
    assert "drained" in basin.cli("why", PREFIX4)
    basin.cli("undrain", "node")
    transit.wait_routes()
    assert basin.ask("show drains")["drains"] == []


def test_a_drain_waits_until_its_traffic_has_left(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4) as client:
        basin.cli("drain", "node", "--reason", "x", "--background")
        wait_until(lambda: GRACEFUL_SHUTDOWN in
                   transit.router.route(PREFIX4).communities, 10,
                   "GRACEFUL_SHUTDOWN")
        wait_until(lambda: drain_of(basin)["traffic"]["packets_per_second"]
                   > 5, 10, lambda: drain_of(basin))
        stays(lambda: transit.router.has(PREFIX4, PREFIX6), 2.2,
              "announced while a client is there")
        client.stop()
        wait_until(lambda: phase(basin) == "drained", 20,
                   lambda: drain_of(basin))
    transit.wait_gone()
    assert "quiet for 1 s" in basin.cli("show", "events", "--kind", "drain")


def test_the_limit_ends_the_wait_and_says_what_was_there(served):
    site, transit = served
    with Traffic(transit.namespace, SERVICE4):
        status, output = site.basin.command(
            "drain", "node", "--reason", "x", "--limit", "2s", timeout=30)
        assert status == 0, output
    assert "the limit has come" in output and SERVICE4 in output
    assert "packets/s" in output
    transit.wait_gone()


def test_installed_routes_that_will_go_are_named(site):
    """A node may be reached by the default route it has learned."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer("import: default\ninstall: true"),
                        node=waits()).start()
    transit.wait_routes()
    output = basin.cli("drain", "node", "--reason", "x")
    assert "routes installed from transit go" in output
    assert "installed" not in basin.cli("drain", "node")


def test_now_does_not_wait(served):
    site, transit = served
    with Traffic(transit.namespace, SERVICE4):
        site.basin.cli("drain", "node", "--reason", "x", "--limit", "0s")
        transit.wait_gone()
    assert "limit has come" not in site.basin.cli("show", "events")


def test_uncounted_traffic_is_never_quiet(site):
    """D5: without counters a drain waits for its limit and says why."""
    transit = site.upstream().expect().start()
    node = waits(limit="3s").replace("node:\n", "node:\n  counters: off\n", 1)
    basin = site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    follower = Follower(basin, "drain", "node", "--reason", "x")
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 2,
          "announced: nobody knows what arrives")
    assert follower.process.wait(20) == 0, follower.output()
    assert "packets are not counted (switched off" in follower.output()
    assert "packets were not counted" in follower.output()
    transit.wait_gone()


def test_nobody_else_can_empty_the_counters(served):
    site, transit = served
    with Traffic(transit.namespace, SERVICE4) as client:
        site.basin.cli("drain", "node", "--reason", "x", "--background")
        for _ in range(4):
            site.node.run("nft", "flush", "ruleset")
            stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.4,
                  "announced while a client is there")
        client.stop()
        wait_until(lambda: phase(site.basin) == "drained", 20, "drained")
    transit.wait_gone()


def test_a_service_or_a_prefix_leaves_the_rest_alone(served):
    site, transit = served
    basin = site.basin
    basin.cli("drain", "prefix", PREFIX6, "--reason", "test")
    transit.wait_gone(PREFIX6)
    assert transit.router.has(PREFIX4)
    assert transit.router.established(transit.node4)
    basin.cli("undrain", "prefix", PREFIX6)
    transit.wait_routes()
    basin.cli("drain", "service", "web", "--reason", "test", "--now")
    transit.wait_gone()
    assert "DRAINED service web" in basin.cli("show", "drains")
    basin.cli("undrain", "service", "web")
    transit.wait_routes()


def test_a_drain_ends_when_it_was_told_to(served):
    site, transit = served
    site.basin.cli("drain", "service", "web", "--reason", "short", "--for",
                   "2s", "--now")
    transit.wait_gone()
    transit.wait_routes(timeout=10)
    wait_until(lambda: not site.basin.ask("show drains")["drains"], 5,
               "it stands no more")
    state = site.basin.dir / "state" / "drains.json"
    wait_until(lambda: not json.loads(state.read_text())["drains"], 5,
               state.read_text)


def test_the_same_command_looks_again_and_may_change_it(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4):
        basin.cli("drain", "node", "--reason", "disks", "--background")
        second = Follower(basin, "drain", "node")
        wait_until(lambda: SERVICE4 in second.output(), 15, second.output)
        assert "limit in" in second.output()
        basin.cli("drain", "node", "--reason", "other disks", "--for", "2h",
                  "--limit", "1s", "--background")
        assert second.process.wait(20) == 0, second.output()
    assert "drained node, until 20" in second.output()
    drain = drain_of(basin)
    assert drain["reason"] == "other disks"
    assert 7000 < drain["expires_seconds"] <= 7200
    # Without anything new: as it is.
    result = json.loads(basin.cli("drain", "node", "--json"))
    assert result["phase"] == "drained" and result["sessions_closed"]
    transit.wait_gone()
    status, output = basin.command("drain", "service", "web")
    assert status == 64 and "reason" in output


def test_a_drain_of_what_is_not_configured_any_more_can_be_ended(site):
    half = "192.0.2.0/25"
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(), node=waits() + (
        f"  {half}: {{services: [web]}}\n")).start()
    transit.wait_routes(half)
    basin.cli("drain", "prefix", half, "--reason", "x", "--now")
    transit.wait_gone(half)
    basin.configure(site.config(transit.peer(), node=waits()))
    basin.cli("reload", "--allow-removal")
    assert f"DRAINED prefix {half} (not configured)" in basin.cli("show",
                                                                  "drains")
    assert basin.command("undrain", "prefix", half)[0] == 0
    assert drain_of(basin, "prefix") is None
    assert basin.command("undrain", "prefix", half)[0] == 1


def test_each_prefix_of_an_address_is_waited_for(site):
    """One of two is withdrawn for its health: the other still serves."""
    half = "192.0.2.0/25"
    node = waits().replace("prefixes:\n", (
        "  flaky:\n    addresses: [192.0.2.99]\n    checks: [tcp: 8053]\n"
        "prefixes:\n")).replace("192.0.2.0/24: {services: [web]}", (
            f"192.0.2.0/24: {{services: [web, flaky]}}\n"
            f"  {half}: {{services: [web]}}"))
    node = node.replace("[tcp: 8053]", (
        "[{tcp: {port: 8053}, interval: 50ms, rise: 1, fall: 1}]"))
    flaky = TcpService(site.node, "192.0.2.99", 8053)
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(), node=node).start()
    transit.wait_routes(PREFIX4, half)
    leads_to(transit)
    with Traffic(transit.namespace, SERVICE4) as client:
        basin.cli("drain", "node", "--reason", "x", "--background")
        flaky.stop()
        transit.wait_gone(PREFIX4)
        stays(lambda: transit.router.has(half), 2.2, "traffic is there")
        client.stop()
        wait_until(lambda: phase(basin) == "drained", 20,
                   lambda: drain_of(basin))
    transit.wait_gone(half)


def test_a_prefix_without_an_address_waits_for_the_limit(site):
    bare = "198.51.100.0/24"
    node = waits(limit="3s") + f"  {bare}: {{services: [web]}}\n"
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(), node=node).start()
    transit.wait_routes(bare)
    output = basin.cli("drain", "prefix", bare, "--reason", "x")
    assert "the limit has come" in output, output
    assert f"{bare} has no address of its services" in output, output


def test_an_interrupted_command_leaves_the_drain_going_on(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4) as client:
        follower = Follower(basin, "drain", "node", "--reason", "disks")
        wait_until(lambda: "draining node" in follower.output(), 10,
                   follower.output)
        follower.process.signal(signal.SIGINT)
        assert follower.process.wait(10) == 1
        for words in ("node goes on draining", "basin undrain node"):
            assert words in follower.output()
        assert phase(basin) == "draining"
        client.stop()
        wait_until(lambda: phase(basin) == "drained", 15, "drained")
    transit.wait_gone()


def test_an_undrain_ends_the_wait_of_others(served):
    site, transit = served
    with Traffic(transit.namespace, SERVICE4):
        follower = Follower(site.basin, "drain", "node", "--reason", "x")
        wait_until(lambda: "draining node" in follower.output(), 10,
                   follower.output)
        site.basin.cli("undrain", "node")
        assert follower.process.wait(10) == 1
        assert "not drained any more" in follower.output()
        wait_until(lambda: GRACEFUL_SHUTDOWN not in
                   transit.router.route(PREFIX4).communities, 10,
                   "as it was")
    assert transit.router.has(PREFIX4, PREFIX6)


def test_a_terminal_shows_one_line(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4):
        basin.cli("drain", "node", "--reason", "x", "--background",
                  "--limit", "3s")
        with site.node:
            done = subprocess.run(
                ["script", "-qec", f"stty cols 200; {cli_path()} --socket "
                 f"{basin.dir}/basin.sock drain node", "/dev/null"],
                stdout=subprocess.PIPE, timeout=30, check=False)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.decode().split("\r\x1b[K")
    assert len(lines) > 3
    assert [line for line in lines
            if SERVICE4 in line and "limit in" in line and "transit" in line]
    assert lines[-1].startswith("drained node")


def test_a_reload_in_the_middle_changes_nothing(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4) as client:
        basin.cli("drain", "node", "--reason", "x", "--background")
        before = drain_of(basin)
        basin.configure(site.config(transit.peer('communities: ["65000:9"]'),
                                    node=waits()))
        basin.cli("reload")
        after = drain_of(basin)
        assert after["phase"] == "draining"
        assert after["limit_seconds"] <= before["limit_seconds"]
        stays(lambda: transit.router.has(PREFIX4), 1.2, "announced")
        client.stop()
        wait_until(lambda: phase(basin) == "drained", 15, "drained")
    transit.wait_gone()
    basin.cli("reload")
    stays(lambda: not transit.router.routes(), 0.5, "still drained")


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_what_was_draining_comes_back_drained(served, how):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4):
        basin.cli("drain", "node", "--reason", "rack move", "--background")
        assert phase(basin) == "draining"
        getattr(basin, how)()
        basin.process.wait()
        transit.wait_gone()
        wait_until(lambda: SERVICE4 not in site.node.addresses(), 10,
                   "cleaned")
        basin.start()
        assert phase(basin) == "drained"
        stays(lambda: not transit.router.routes(), 1, "still drained")
    assert not transit.router.established(transit.node4)
    assert "rack move" in basin.cli("status")
    basin.cli("undrain", "node")
    transit.wait_routes(timeout=15)


def test_the_neighbours_are_told_why(site):
    """RFC 9003, behind the withdrawals, at BIRD and at FRR."""
    bird = site.upstream("bird", 65001).expect().start()
    frr = site.upstream("frr", 65002, kind=Frr).expect().start()
    basin = site.basind(bird.peer(), frr.peer(), node=waits()).start()
    bird.wait_routes(timeout=15)
    frr.wait_routes(timeout=15)
    text = "disks in Z\u00fcrich, " + "\u00e9" * 80
    basin.cli("drain", "node", "--reason", text, "--now")
    for upstream in (bird, frr):
        upstream.wait_gone()
        wait_until(lambda u=upstream: not u.router.established(u.node4), 10,
                   "closed")
    assert f'"drained: {text}"' in bird.router.log()
    told = frr.router.neighbor(frr.node4)["lastShutdownDescription"]
    assert told.startswith("drained: disks in Z")
    basin.cli("undrain", "node")
    bird.wait_routes(timeout=15)
    frr.wait_routes(timeout=15)


def test_the_text_comes_behind_the_withdrawals(running):  # noqa: F811
    site, transit, wire = running
    site.basin.cli("drain", "node", "--reason", "disks", "--now")
    note = wait_until(lambda: wire.notifications(transit.node4), 10, "a note")
    assert note[0].code == (6, 2) and note[0].text == "drained: disks"
    kinds = [m.kind for m in wire.messages() if m.source == transit.node4
             and m.kind != bgp.KEEPALIVE]
    assert kinds[-1] == bgp.NOTIFICATION
    withdrawn = [p for m in wire.updates(transit.node4) for p in m.withdrawn]
    assert sorted(withdrawn) == sorted([PREFIX4, PREFIX6])


# ---- offline ----


def offline_state(basin):
    text = (basin.dir / "state" / "drains.json").read_text()
    return [d["name"] for d in json.loads(text)["drains"]]


def test_offline_is_at_once_and_for_good(served):
    site, transit = served
    basin = site.basin
    with Traffic(transit.namespace, SERVICE4):
        output = basin.cli("offline", "--reason", "intruder")
        assert "offline" in output
        transit.wait_gone()
    wait_until(lambda: not transit.router.established(transit.node4), 10,
               "closed")
    wait_until(lambda: not {SERVICE4, SERVICE6} & site.node.addresses(), 10,
               "nothing answers")
    assert "offline: intruder" in transit.router.log()
    assert "OFFLINE node" in basin.cli("status")
    assert basin.ask("status")["state"] == "offline"
    status, output = basin.command("undrain", "node")
    assert status == 1 and "basin online" in output
    basin.cli("reload")
    basin.terminate()
    assert basin.process.wait() == 0
    basin.start()
    stays(lambda: not transit.router.routes(), 1, "offline")
    assert not {SERVICE4, SERVICE6} & site.node.addresses()
    basin.cli("online", "--reason", "installed anew")
    transit.wait_routes(timeout=15)
    assert basin.command("online", "--reason", "again")[0] == 1


def test_offline_and_drained_end_one_by_one(served):
    site, transit = served
    basin = site.basin
    basin.cli("drain", "node", "--reason", "disks", "--now")
    basin.cli("offline", "--reason", "intruder")
    basin.cli("online", "--reason", "clean")
    wait_until(lambda: SERVICE4 in site.node.addresses(), 10, "back")
    stays(lambda: not transit.router.routes(), 0.5, "still drained")
    basin.cli("undrain", "node")
    transit.wait_routes(timeout=15)


def test_offline_without_a_daemon_is_found_at_the_start(served):
    site, transit = served
    basin = site.basin
    basin.kill()
    basin.process.wait()
    (basin.dir / "basin.sock").unlink(missing_ok=True)
    transit.wait_gone(timeout=15)
    status, output = basin.command("offline", "--reason", "intruder")
    assert status == 1 and "--state" in output
    output = basin.cli("offline", "--reason", "intruder", "--config",
                       basin.path)
    assert "drains.json" in output and offline_state(basin) == ["offline"]
    basin.start()
    assert basin.ask("status")["state"] == "offline"
    stays(lambda: not transit.router.routes(), 1, "offline")
    basin.terminate()
    basin.process.wait()
    basin.cli("online", "--reason", "new", "--state", basin.dir / "state")
    assert offline_state(basin) == []
    basin.start()
    transit.wait_routes(timeout=15)


# ---- attack mode ----


def test_attack_mode_keeps_what_only_checks_fail(served):
    site, transit = served
    basin = site.basin
    basin.cli("attack", "on", "--reason", "flood")
    site.fail()
    wait_until(lambda: {p["state"] for p in
                        basin.ask("show prefixes")["prefixes"]} == {"frozen"},
               10, lambda: basin.ask("show prefixes"))
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 1, "frozen")
    status = basin.cli("status")
    assert "ATTACK MODE" in status and "flood" in status
    basin.cli("attack", "off")
    transit.wait_gone()
    assert basin.command("attack", "off")[0] == 1


def test_certain_death_withdraws_in_attack_mode(site):
    transit = site.upstream().expect().start()
    node = waits().replace("    checks:\n",
                           "    watch: [tcp/8053]\n    checks:\n", 1)
    basin = site.basind(transit.peer(), node=node, http=True).start()
    transit.wait_routes()
    basin.cli("attack", "on", "--reason", "flood")
    assert basin.metric("basin_attack_mode") == 1
    site.fail()
    transit.wait_gone()


def test_attack_mode_expires_and_outlives_a_restart(served):
    site, transit = served
    basin = site.basin
    basin.cli("attack", "on", "--reason", "flood", "--for", "1h")
    basin.terminate()
    basin.process.wait()
    basin.start()
    transit.wait_routes(timeout=15)
    attack = basin.ask("status")["attack"]
    assert attack["reason"] == "flood"
    assert 3000 < attack["expires_seconds"] <= 3600
    basin.cli("attack", "on", "--reason", "flood", "--for", "2s")
    site.fail()
    transit.wait_gone(timeout=15)
    wait_until(lambda: basin.ask("status")["attack"] is None, 5, "off")
