# SPDX-License-Identifier: ISC
"""The operator's hand: reload, drain, stop."""

import time

import pytest

from lab import Capture, TcpService, bgp, stays, wait_until
from lab.network import lives
from lab.site import (PORT, PREFIX4, PREFIX6, SERVICE4, SERVICE6,
                      node_text)


@pytest.fixture
def running(site):
    """One upstream with both routes, and its wire."""
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    with Capture(transit.namespace, transit.interface) as wire:
        yield site, transit, wire


def quiet(wire, duration=0.5):
    """Nothing but KEEPALIVE was and is on the wire."""
    stays(lambda: not wire.disturbances(), duration,
          lambda: [str(m) for m in wire.disturbances()])


def reloaded(basin, config, by="HUP"):
    before = basin.generation()
    basin.configure(config)
    if by == "HUP":
        basin.reload()
    else:
        basin.cli("reload")
    wait_until(lambda: basin.generation() > before, 3, basin.log)


@pytest.mark.parametrize("by", ["HUP", "basin reload"])
def test_a_reload_without_differences_is_not_seen_on_the_wire(running, by):
    site, transit, wire = running
    reloaded(site.basin, site.config(transit.peer()), by)
    quiet(wire)


def test_a_new_peer_does_not_touch_the_old_session(running):
    site, transit, wire = running
    other = site.upstream("other", 65002).expect().start()
    reloaded(site.basin, site.config(transit.peer(), other.peer()))
    other.wait_routes()
    quiet(wire)


def test_a_removed_peer_does_not_touch_the_other_session(site):
    steady = site.upstream("steady", 65002).expect().start()
    third = site.upstream("third", 65003).expect().start()
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), steady.peer(), third.peer()).start()
    for upstream in (steady, third, transit):
        upstream.wait_routes()
    with Capture(steady.namespace, steady.interface) as wire:
        reloaded(site.basin, site.config(third.peer(), steady.peer()))
        transit.wait_gone()
        quiet(wire)


def test_new_communities_are_an_update_and_not_a_new_session(running):
    site, transit, wire = running
    reloaded(site.basin, site.config(
        transit.peer('communities: ["65000:7"]')))
    wait_until(lambda: transit.router.route(PREFIX4).communities ==
               {"65000:7"}, 3, "the new community")
    wait_until(lambda: transit.router.route(PREFIX6).communities ==
               {"65000:7"}, 3, "the new community")
    assert {m.kind for m in wire.messages()} <= {bgp.KEEPALIVE, bgp.UPDATE}
    assert not [m for m in wire.updates() if m.withdrawn]


def test_a_prefix_can_be_added_and_taken_away(running):
    """One UPDATE each; the others are not said again."""
    site, transit, wire = running
    more = node_text() + "  198.51.100.0/24: {services: [web]}\n"
    reloaded(site.basin, site.config(transit.peer(), node=more))
    transit.wait_routes("198.51.100.0/24")
    reloaded(site.basin, site.config(transit.peer()))
    transit.wait_gone("198.51.100.0/24")
    assert [(m.announced, m.withdrawn) for m in wire.updates()] == [
        (["198.51.100.0/24"], []), ([], ["198.51.100.0/24"])]


def test_a_new_interval_does_not_flap_the_service(running):
    site, transit, wire = running
    slower = node_text().replace("interval: 50ms", "interval: 300ms")
    reloaded(site.basin, site.config(transit.peer(), node=slower))
    quiet(wire, 0.8)
    checks = site.basin.ask("show checks")["checks"]
    assert {check["interval"] for check in checks} == {0.3}


def test_a_service_address_can_be_added_and_taken_away(running):
    site, transit, wire = running
    more = node_text().replace("[192.0.2.53,", "[192.0.2.53, 192.0.2.54,")
    TcpService(site.node, "192.0.2.54", PORT)
    reloaded(site.basin, site.config(transit.peer(), node=more))
    wait_until(lambda: "192.0.2.54" in site.node.addresses(), 3, "added")
    quiet(wire, 0.3)
    reloaded(site.basin, site.config(transit.peer()))
    wait_until(lambda: "192.0.2.54" not in site.node.addresses(), 3,
               "removed")
    assert SERVICE4 in site.node.addresses()
    quiet(wire, 0.1)


def test_a_storm_of_hups_ends_with_the_last_file(running):
    site, transit, wire = running
    for number in range(100):
        site.basin.configure(site.config(
            transit.peer(f'communities: ["65000:{number}"]')))
        site.basin.reload()
    wait_until(lambda: transit.router.route(PREFIX4).communities ==
               {"65000:99"}, 5, lambda: transit.router.route(PREFIX4))
    assert not wire.notifications() and not wire.opens()


def test_any_one_of_two_services_is_enough_where_the_file_says_so(site):
    transit = site.upstream().expect().start()
    node = node_text().replace("[192.0.2.53, 2001:db8:53::53]",
                               "[192.0.2.53]").replace("prefixes:\n", """\
  six:
    addresses: ["2001:db8:53::53"]
    checks:
      - tcp: {port: 8053}
        interval: 50ms
        rise: 1
        fall: 1
prefixes:
""")
    node = node.replace("/24: {services: [web]}",
                        "/24: {services: [web, six], require: any}")
    node = node.replace("/48: {services: [web]}",
                        "/48: {services: [web, six], require: all}")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    site.services[0].stop()
    transit.wait_gone(PREFIX6)
    stays(lambda: transit.router.has(PREFIX4), 0.3, "one is enough")
    site.services[1].stop()
    transit.wait_gone(PREFIX4)


@pytest.mark.parametrize("damage", ["empty", "truncated", "wrong", "gone"])
def test_a_damaged_file_changes_nothing_and_says_so(running, damage):
    site, transit, wire = running
    basin = site.basin
    text = basin.path.read_text()
    if damage == "gone":
        basin.path.unlink()
    else:
        basin.path.write_text({
            "empty": "", "truncated": text[:len(text) // 3],
            "wrong": text.replace("asn:", "ans:", 1)}[damage])
    basin.reload()
    status, output = basin.command("reload")
    assert status not in (0, 64), output
    assert "basin.yaml" in output
    quiet(wire)
    assert transit.router.has(PREFIX4, PREFIX6)
    alarm, = basin.ask("status")["alarms"]
    assert alarm["subject"] == "configuration"
    basin.path.write_text(text)
    assert basin.command("reload")[0] == 0
    assert not basin.ask("status")["alarms"]
    quiet(wire, 0.1)


def test_a_file_without_its_prefixes_is_not_taken_for_an_order(running):
    """D10: removing all is asked twice."""
    site, transit, wire = running
    text = site.config(transit.peer())
    head, _, rest = text.partition("prefixes:\n")
    site.basin.configure(head + "peers:" + rest.partition("peers:")[2])
    assert site.basin.command("reload")[0] not in (0, 64)
    quiet(wire)


def test_term_withdraws_says_cease_and_leaves_nothing(running):
    site, transit, wire = running
    helper = site.basin.helper_pid()
    site.basin.terminate()
    assert site.basin.process.wait() == 0
    transit.wait_gone()
    withdrawn = [p for m in wire.updates(transit.node4) for p in m.withdrawn]
    assert sorted(withdrawn) == sorted([PREFIX4, PREFIX6])
    notification = wire.notifications(transit.node4)[0]
    assert notification.code == (6, 2) and notification.text
    wait_until(lambda: not lives(helper), 2, "the helper has gone")
    assert site.node.addresses() == {"127.0.0.1", "::1"}
    assert not site.node.routes("proto 179")
    assert not site.node.pids()
    left = {path.name for path in site.basin.dir.iterdir()}
    assert left == {"basin.yaml", "state"}


def test_the_address_lingers_behind_the_withdrawal(site):
    """N2: packets on their way still find the service."""
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), node=node_text(linger="1s")).start()
    transit.wait_routes()
    site.basin.terminate()
    transit.wait_gone()
    assert {SERVICE4, SERVICE6} <= site.node.addresses()
    assert site.basin.process.wait() == 0
    assert SERVICE4 not in site.node.addresses()


def test_a_stopping_node_answers_but_takes_no_reload(site):
    """For linger there is a daemon, but there are no checks any more."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(), node=node_text(linger="4s"),
                        http=True).start()
    transit.wait_routes()
    basin.terminate()
    transit.wait_gone()
    assert "stopping" in basin.cli("status")
    status, output = basin.command("reload")
    assert status == 1 and "stopping" in output
    until = time.monotonic() + 3  # the results become stale meanwhile
    while time.monotonic() < until:
        basin.cli("show", "checks")
        metrics = site.node.run("curl", "-sS",
                                "http://127.0.0.1:9179/metrics")
        assert metrics.endswith("# EOF\n")
        time.sleep(0.1)
    assert basin.process.wait() == 0
    assert "check_stale" not in basin.log()


def test_a_second_term_does_not_wait(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), node=node_text(linger="4s")).start()
    transit.wait_routes()
    site.basin.terminate()
    transit.wait_gone()
    time.sleep(0.2)
    assert site.basin.process.running()
    since = time.monotonic()
    site.basin.terminate()
    site.basin.process.wait()
    assert time.monotonic() - since < 1
    wait_until(lambda: SERVICE4 not in site.node.addresses(), 2,
               "the helper removes the addresses")


def test_a_reader_may_look_but_not_touch(running):
    site, _, _ = running
    assert site.basin.command("status", socket="basin-ro.sock")[0] == 0
    status, output = site.basin.command("drain", "node", "--reason", "x",
                                        socket="basin-ro.sock")
    assert status not in (0, 64), output
