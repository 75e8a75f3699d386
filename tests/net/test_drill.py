# SPDX-License-Identifier: ISC
"""Services that fail on purpose, and whether what is told of it is true."""

import datetime
import json
import os
import pwd
import signal
import time

import pytest

from lab import stays, wait_until
from lab.basin import cli_path
from lab.capture import Capture
from lab.site import PORT, PREFIX4, PREFIX6, SERVICE4, node_text

ROUTES = {PREFIX4, PREFIX6}


def own(path, mode):
    """For the daemon's user, who reads it at a reload."""
    if os.geteuid() == 0:
        for user in ("basin", "nobody"):
            try:
                record = pwd.getpwnam(user)
            except KeyError:
                continue
            os.chown(path, record.pw_uid, record.pw_gid)
            break
    path.chmod(mode)


class Observer:
    """basin drill --observe in another namespace."""

    def __init__(self, namespace, seconds, *more):
        self.process = namespace.popen(
            cli_path(), "drill", "--observe", SERVICE4, f"tcp/{PORT}",
            "--for", f"{seconds}s", "--json", *more, name="observer")

    def result(self, timeout=60):
        self.process.wait(timeout)
        return json.loads(self.process.output())


@pytest.fixture
def running(site):
    """A client behind a BIRD that forwards what basind announces to it."""
    transit = site.upstream(kernel=True).expect(families=(4, 6)).start()
    client = site.lab.namespace("client")
    link = site.lab.link(transit.namespace, client)
    client.ip(f"route add {PREFIX4} via {link.v4(transit.namespace)}")
    site.node.ip(f"route add default via {transit.address4}")
    site.basind(transit.peer()).start()
    transit.wait_routes()
    return site, transit, client


def drill(site, *words, status=0):
    code, output = site.basin.command("drill", "web", *words, "--json",
                                      timeout=60)
    assert code == status, output
    return json.loads(output)


def steps(report, phase, what):
    return [s for s in report["steps"]
            if s["phase"] == phase and s["what"] == what]


def told(report, phase):
    """{prefix} that the peer was told about."""
    return {s["prefix"] for s in steps(report, phase, "update")}


def withdrawn_at(wire, prefix):
    """When a WITHDRAW of the prefix was seen last, seconds since 1970."""
    times = [u.time for u in wire.updates() if prefix in u.withdrawn]
    return times[-1] if times else None


def test_an_administrative_drill_withdraws_and_comes_back(running):
    site, transit, client = running
    with Capture(transit.namespace, transit.interface) as wire:
        report = drill(site, "--for", "1s")
        wait_until(lambda: withdrawn_at(wire, PREFIX4), 10, "on the wire")
    assert report["state"] == "ended"
    assert told(report, "failure") == told(report, "recovery") == ROUTES
    assert report["lasted"] >= 0.9
    assert report["expected"]["detection"] == 0
    # The service itself answers all the time: nobody here lost anything.
    assert report["prober"]["lost"] == 0
    assert report["prober"]["sent"] > 10
    transit.wait_routes()
    events = [e["to"] for e in
              site.basin.ask("show events", kind="drill")["events"]]
    assert events == ["running", "recovering", "ended"]


def test_dropped_packets_are_found_by_the_checks(running):
    site, transit, client = running
    observer = Observer(client, 5)
    with Capture(transit.namespace, transit.interface) as wire:
        before = time.time()
        report = drill(site, "--mode", "drop", "--for", "2s")
        after = time.time()
        wait_until(lambda: withdrawn_at(wire, PREFIX4), 10, "on the wire")
        seen = withdrawn_at(wire, PREFIX4)
    down = steps(report, "failure", "service")[0]["after"]
    written = max(s["after"] for s in steps(report, "failure", "update"))
    assert report["state"] == "ended"
    assert told(report, "failure") == told(report, "recovery") == ROUTES
    assert report["expected"]["noticed"]
    assert 0 < down <= written <= report["lasted"]
    assert report["lasted"] >= 1.9
    # What was on the wire is what is told. The tolerance is for a machine
    # that is busy between the write and the look at the clock.
    began = datetime.datetime.fromisoformat(
        report["began"].replace("Z", "+00:00")).timestamp()
    assert before < seen < after
    assert abs(seen - (began + written)) < 0.5
    assert report["prober"]["lost"] > 0
    assert report["prober"]["longest_gap"] > 0.5
    transit.wait_routes()
    beyond = observer.result()
    assert beyond["lost"] > 0
    assert beyond["answered"] > 0
    assert site.basin.ask("show services")["services"][0]["state"] == "up"


def test_a_drill_ends_without_the_one_who_began_it(running):
    site, transit, client = running
    site.basin.ask("drill", service="web", mode="drop", **{"for": "1s"})
    transit.wait_gone(timeout=15)
    transit.wait_routes(timeout=15)
    wait_until(lambda: site.basin.ask("show drill")["drill"]["state"]
               == "ended", 15, "the end")


def test_an_interrupt_ends_a_drill_and_waits_for_the_way_back(running):
    site, transit, client = running
    command = site.node.popen(
        cli_path(), "--socket", site.basin.dir / "basin.sock", "drill", "web",
        "--for", "1h", "--json", name="drill")
    transit.wait_gone(timeout=15)
    command.signal(signal.SIGINT)
    transit.wait_routes(timeout=15)
    assert command.wait(20) == 0
    report = json.loads(command.output())
    assert report["state"] == "ended"
    assert told(report, "failure") == told(report, "recovery") == ROUTES


def begun(site, *words):
    return site.node.popen(
        cli_path(), "--socket", site.basin.dir / "basin.sock", "drill", "web",
        *words, name="drill")


def test_an_interrupt_before_the_beginning_begins_nothing(running):
    site, transit, client = running
    command = begun(site, "--interval", "1h")
    wait_until(lambda: "it counts as down" in command.output(), 10, "the plan")
    command.signal(signal.SIGINT)
    assert command.wait(20) == 1
    assert "interrupted before the drill began" in command.output()
    assert site.basin.ask("show drill")["drill"] is None


def test_a_daemon_that_is_started_anew_has_forgotten_the_drill(running):
    site, transit, client = running
    command = begun(site, "--for", "1h")
    transit.wait_gone(timeout=15)
    site.basin.kill()
    site.basin.start()
    assert command.wait(20) == 1
    output = command.output()
    assert "started anew" in output or "basin.sock" in output, output
    transit.wait_routes(timeout=15)


def test_a_drill_of_more_prefixes_than_steps_are_kept(site):
    transit = site.upstream().expect(families=(4,)).start()
    many = [f"198.18.{i}.0/24" for i in range(200)]
    node = node_text().replace("  2001:db8:53::/48", "".join(
        f"  {prefix}: {{services: [web]}}\n" for prefix in many)
        + "  2001:db8:53::/48").replace(
            "    checks:", "    checks: []\n    was:").split("    was:")
    prefixes = node[1][node[1].index("prefixes:"):]
    site.basind(transit.peer(families=(4,)),
                node=node[0] + prefixes).start()
    transit.wait_routes(PREFIX4, *many, timeout=15)
    report = drill(site, "--for", "500ms", "--probe", f"tcp/{PORT}")
    assert report["state"] == "ended"
    assert len(report["steps"]) <= 512 and report["left_out"] > 0
    gone = {(s["what"], s["prefix"]) for s in report["steps"]
            if s["phase"] == "failure"}
    back = {(s["what"], s["prefix"]) for s in report["steps"]
            if s["phase"] == "recovery"}
    assert len(gone) > 200 and gone <= back
    transit.wait_routes(PREFIX4, *many, timeout=15)


def test_a_drill_is_ended_by_hand(running):
    site, transit, client = running
    site.basin.ask("drill", service="web", **{"for": "1h"})
    transit.wait_gone()
    code, output = site.basin.command("drill", "web")
    assert code == 1 and 'another drill runs, of service "web"' in output
    assert "DRILL service web fails on purpose" in site.basin.cli("status")
    assert site.basin.ask("status")["drill"]["mode"] == "admin"
    site.basin.cli("drill", "--end")
    assert site.basin.ask("status")["drill"] is None
    transit.wait_routes()
    code, output = site.basin.command("drill", "--end")
    assert code == 1 and "no drill runs" in output


def test_it_is_refused_where_nothing_could_be_learned(running):
    site, transit, client = running
    code, output = site.basin.command("drill", "wbe")
    assert code == 1 and "did you mean" in output
    site.basin.ask("drain", target="node", reason="test")
    code, output = site.basin.command("drill", "web")
    assert code == 1 and "drained" in output
    site.basin.ask("undrain", target="node")
    site.fail()
    transit.wait_gone()
    code, output = site.basin.command("drill", "web")
    assert code == 1 and "not up" in output


MESH = """\
mesh:
  listen: {address}:9178
  key_file: {key}
  nodes: {{far: {{address: 203.0.113.9}}}}
"""


def test_it_is_refused_where_no_other_node_is_known(site):
    transit = site.upstream().expect().start()
    key = site.lab.dir / "key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    own(key, 0o600)
    node = node_text().replace("[web]}", "[web], brake: {min_sites: 1}}")
    site.basind(transit.peer(), node=node, extra=MESH.format(
        address=transit.node4, key=key)).start()
    transit.wait_routes()
    code, output = site.basin.command("drill", "web", "--for", "100ms")
    assert code == 1 and "0 other nodes are known" in output
    drill(site, "--for", "100ms", "--force")
    site.basin.ask("attack on", reason="test")
    site.basin.reload(site.config(transit.peer()))
    wait_until(lambda: site.basin.generation() > 1, 10, "reloaded")
    code, output = site.basin.command("drill", "web", "--for", "100ms")
    assert code == 1 and "attack mode is on" in output


def test_the_death_of_the_daemon_ends_the_dropping(running):
    site, transit, client = running
    site.basin.ask("drill", service="web", mode="drop", **{"for": "1h"})
    transit.wait_gone(timeout=15)
    site.basin.kill()

    def tables():
        return site.node.run("nft", "list", "tables").strip()
    wait_until(lambda: not tables(), 10, tables)
    site.basin.start()
    transit.wait_routes(timeout=15)


def test_an_observer_needs_no_daemon(running):
    site, transit, client = running
    fine = Observer(client, 1).result()
    assert fine["lost"] == 0 and fine["sent"] > 10
    stays(lambda: transit.router.has(PREFIX4), 0.1, "announced")
