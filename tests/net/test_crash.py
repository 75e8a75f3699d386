# SPDX-License-Identifier: ISC
"""Things die without a word; nothing false stays behind."""

import os
import signal
import time

import pytest

from lab import Bird, Capture, Frr, Nsd, bgp, wait_until
from lab.network import lives
from lab.services import own_tcp_service
from lab.site import PREFIX4, PREFIX6, SERVICE4, SERVICE6, Site, node_text


@pytest.fixture
def running(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    return site, transit


@pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])
def test_a_killed_service_loses_its_routes(lab, kind):
    site = Site(lab)
    transit = site.upstream(kind=kind).expect().start()
    services = [own_tcp_service(site.node, address, 8053, f"web{i}")
                for i, address in enumerate((SERVICE4, SERVICE6))]
    site.basind(transit.peer()).start()
    transit.wait_routes()
    with Capture(transit.namespace, transit.interface) as wire:
        since = time.time()
        for service in services:
            service.kill()
        transit.wait_gone()
        first = wire.updates(transit.node4)[0]
    assert first.withdrawn
    assert first.time - since < 0.5  # checked every 50 ms
    assert not [m for m in wire.messages() if m.kind == bgp.NOTIFICATION]


def test_a_killed_name_server_loses_its_routes(lab):
    site = Site(lab)
    transit = site.upstream().expect().start()
    nsd = Nsd(site.node, [SERVICE4, SERVICE6], "one").start()
    node = node_text().replace(
        "tcp: {port: 8053}",
        "dns: {query: example.com SOA, aa: true, nsid: one}")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    nsd.kill()
    transit.wait_gone()
    nsd.start()
    transit.wait_routes()


def test_a_name_server_with_another_identity_is_not_ours(lab):
    site = Site(lab)
    transit = site.upstream().expect().start()
    nsd = Nsd(site.node, [SERVICE4, SERVICE6], "impostor").start()
    node = node_text().replace(
        "tcp: {port: 8053}",
        "dns: {query: example.com SOA, aa: true, nsid: one}")
    basin = site.basind(transit.peer(), node=node).start()
    wait_until(lambda: "impostor" in basin.cli("show", "checks"), 5,
               lambda: basin.cli("show", "checks"))
    assert not transit.router.has(PREFIX4)
    nsd.stop()


@pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])
def test_kill_9_of_basind_takes_the_route_away_at_once(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    helper = site.basin.helper_pid()
    with Capture(transit.namespace, transit.interface) as wire:
        since = time.time()
        site.basin.kill()
        transit.wait_gone()
        ended = [s.time for s in wire.segments() if s.flags & 5]
    assert ended and ended[0] - since < 0.1
    wait_until(lambda: not lives(helper), 3, "the helper has gone")
    assert site.node.addresses() == {"127.0.0.1", "::1"}
    assert not site.node.routes("proto 179")
    assert not site.node.pids()


def test_it_starts_again_after_kill_9(running):
    site, transit = running
    site.basin.kill()
    transit.wait_gone()
    site.basin.start()
    transit.wait_routes()


def test_kill_9_of_the_helper_withdraws_and_ends_with_a_message(running):
    site, transit = running
    os.kill(site.basin.helper_pid(), signal.SIGKILL)
    transit.wait_gone()
    assert site.basin.process.wait() != 0
    assert "helper" in site.basin.log()


def test_what_a_dead_pair_left_is_adopted_and_then_removed(running):
    site, transit = running
    helper = site.basin.helper_pid()
    os.kill(helper, signal.SIGSTOP)  # it cannot tidy up
    site.basin.kill()
    os.kill(helper, signal.SIGKILL)
    transit.wait_gone()
    assert SERVICE4 in site.node.addresses(), "left behind"
    site.basin.start()
    transit.wait_routes()
    assert {a["state"] for a in
            site.basin.ask("show addresses")["addresses"]} == {"owned"}
    site.basin.terminate()
    assert site.basin.process.wait() == 0
    assert site.node.addresses() == {"127.0.0.1", "::1"}
    assert not site.node.routes("proto 179")


def test_a_route_that_was_adopted_goes_when_the_adopter_is_killed(running):
    """The second helper must know what the first one had added."""
    site, transit = running
    os.kill(site.basin.helper_pid(), signal.SIGKILL)
    site.basin.process.wait()
    site.basin.start()
    transit.wait_routes()
    wait_until(lambda: site.node.routes("proto 179") == {PREFIX4, PREFIX6},
               3, "adopted")
    site.basin.kill()
    wait_until(lambda: not site.node.routes("proto 179"), 3,
               lambda: site.node.routes("proto 179"))


def test_an_address_somebody_removed_comes_back(running):
    site, transit = running
    for address, length in ((SERVICE4, 32), (SERVICE6, 128)):
        site.node.ip(f"addr del {address}/{length} dev lo")
    wait_until(lambda: {SERVICE4, SERVICE6} <= site.node.addresses(), 3,
               "the addresses are back")
    transit.wait_routes()


def test_an_address_that_was_there_before_stays(site):
    site.node.ip(f"addr add {SERVICE4}/32 dev lo")
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    states = {a["address"]: a["state"] for a in
              basin.ask("show addresses")["addresses"]}
    assert states == {SERVICE4: "foreign", SERVICE6: "owned"}
    basin.terminate()
    assert basin.process.wait() == 0
    assert site.node.addresses() == {"127.0.0.1", "::1", SERVICE4}


def test_a_foreign_address_survives_kill_9(site):
    site.node.ip(f"addr add {SERVICE4}/32 dev lo")
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    helper = site.basin.helper_pid()
    site.basin.kill()
    wait_until(lambda: not lives(helper), 3, "the helper has gone")
    assert site.node.addresses() == {"127.0.0.1", "::1", SERVICE4}


def test_the_blackhole_route_is_there_exactly_while_announced(running):
    site, transit = running
    both = {PREFIX4, PREFIX6}
    wait_until(lambda: site.node.routes("type blackhole") == both, 2,
               lambda: site.node.routes())
    site.fail()
    transit.wait_gone()
    wait_until(lambda: not site.node.routes("type blackhole"), 2,
               lambda: site.node.routes())
    site.recover()
    transit.wait_routes()
    wait_until(lambda: site.node.routes("type blackhole") == both, 2,
               lambda: site.node.routes())
    site.node.ip(f"route del blackhole {PREFIX4}")
    wait_until(lambda: site.node.routes("type blackhole") == both, 8,
               "the removed route is put back")


def test_a_foreign_route_is_not_touched(site):
    site.node.ip("route add blackhole 198.51.100.0/24 proto static")
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    site.basin.terminate()
    assert site.basin.process.wait() == 0
    assert site.node.routes("type blackhole") == {"198.51.100.0/24"}


def test_a_daemon_that_stands_still_loses_its_routes(site):
    """D12: a hung decision loop cannot keep a route alive."""
    transit = site.upstream().expect(hold=3).start()
    site.basind(transit.peer("hold_time: 3s")).start()
    transit.wait_routes()
    site.basin.process.signal(signal.SIGSTOP)
    transit.wait_gone(timeout=6)
    site.basin.process.signal(signal.SIGCONT)
    transit.wait_routes(timeout=8)


def test_the_loopback_going_down_and_up_is_healed(running):
    site, transit = running
    site.node.ip("link set lo down")
    time.sleep(0.2)
    site.node.ip("link set lo up")
    wait_until(lambda: {SERVICE4, SERVICE6} <= site.node.addresses(), 3,
               "the addresses are back")
    transit.wait_routes()


def test_a_helper_that_stands_still_stops_no_session_and_no_decision(
        running):
    site, transit = running
    helper = site.basin.helper_pid()
    os.kill(helper, signal.SIGSTOP)
    try:
        site.fail()
        transit.wait_gone(timeout=2)
        site.recover()
        transit.wait_routes(timeout=2)
        assert site.basin.ask("status")["state"] == "announcing"
    finally:
        os.kill(helper, signal.SIGCONT)


def flood(addresses):
    """ip(8) commands: so many foreign addresses come and go."""
    return "".join(f"addr {verb} 10.{number // 65536 + 100}."
                   f"{number // 256 % 256}.{number % 256}/32 dev transit\n"
                   for verb in ("add", "del")
                   for number in range(addresses))


def test_a_flood_of_foreign_changes_is_weathered(site):
    """Notifications are lost; what was lost is looked up again."""
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), http=True).start()
    transit.wait_routes()
    site.basin.process.signal(signal.SIGSTOP)  # so that it cannot keep up
    site.node.run("ip", "-batch", "-", stdin=flood(8000),
                  timeout=40)
    site.node.ip(f"addr del {SERVICE4}/32 dev lo")
    site.basin.process.signal(signal.SIGCONT)
    wait_until(lambda: SERVICE4 in site.node.addresses(), 5,
               "the address whose loss was not told")
    transit.wait_routes()
    assert site.basin.metric("basin_out_overruns_total") > 0
