# SPDX-License-Identifier: ISC
"""Checks as they meet the world: slow, hanging, saying too much."""

import time

import pytest

from lab import HttpService, stays, wait_until
from lab.site import PREFIX4, PREFIX6, SERVICE4, SERVICE6, Site, node_text


def with_check(check):
    return node_text().replace("tcp: {port: 8053}", check)


@pytest.fixture
def empty(lab):
    """A site without its TCP service, and an upstream."""
    site = Site(lab)
    return site, site.upstream().expect().start()


@pytest.fixture
def web(empty):
    site, transit = empty
    servers = [HttpService(site.node, address)
               for address in (SERVICE4, SERVICE6)]
    return site, transit, servers


def tell(servers, **what):
    for server in servers:
        for key, value in what.items():
            setattr(server, key, value)


URLS = f"""http: {{url: "http://{SERVICE4}:8080/health"}}
        interval: 50ms
        rise: 1
        fall: 1
      - http: {{url: "http://[{SERVICE6}]:8080/health"}}"""


def test_a_web_server_that_says_503_loses_its_routes(web):
    site, transit, servers = web
    site.basind(transit.peer(), node=with_check(URLS)).start()
    transit.wait_routes()
    tell(servers, status=503)
    transit.wait_gone()
    assert "503" in site.basin.cli("show", "checks")
    tell(servers, status=204)
    transit.wait_routes()
    assert servers[0].requests[0][0] == "/health"


def test_a_web_server_that_accepts_and_says_nothing_is_down(web):
    site, transit, servers = web
    site.basind(transit.peer(), node=with_check(URLS)).start()
    transit.wait_routes()
    tell(servers, hang=True)
    transit.wait_gone()
    assert "no answer within 50 ms" in site.basin.cli("show", "checks")


def test_a_json_field_decides(web):
    site, transit, servers = web
    tell(servers, body=b'{"status": "healthy", "load": 3}')
    check = URLS.replace('/health"', '/health", json: {status: healthy}')
    site.basind(transit.peer(), node=with_check(check)).start()
    transit.wait_routes()
    tell(servers, body=b'{"status": "ill"}')
    transit.wait_gone()


def script(site, text):
    path = site.node.dir / "check.sh"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return f"exec: {{command: [{path}]}}"


def test_a_command_decides_by_its_exit_status(empty):
    site, transit = empty
    flag = site.node.dir / "good"
    flag.touch()
    check = script(site, f"test -e {flag} || exit 2\n")
    site.basind(transit.peer(), node=with_check(check)).start()
    transit.wait_routes()
    flag.unlink()
    transit.wait_gone()
    flag.touch()
    transit.wait_routes()


def test_a_command_that_says_degraded_keeps_its_routes(empty):
    site, transit = empty
    flag = site.node.dir / "good"
    flag.touch()
    check = script(site, f"test -e {flag} || exit 1\n")
    site.basind(transit.peer(), node=with_check(check)).start()
    transit.wait_routes()
    flag.unlink()

    def degraded():
        services = site.basin.ask("show services")["services"]
        return services[0]["state"] == "degraded"

    wait_until(degraded, 3, "degraded")
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.3, "routes stay")


def test_a_command_that_hangs_is_killed_with_its_children(empty):
    site, transit = empty
    flag = site.node.dir / "hang"
    check = script(site, f"test ! -e {flag} && exit 0\n"
                         "sleep 1000 & sleep 1000\n")
    site.basind(transit.peer(), node=with_check(check)).start()
    transit.wait_routes()
    flag.touch()
    transit.wait_gone()

    def sleepers():
        return [pid for pid in site.node.pids() if _command(pid) == "sleep"]

    wait_until(sleepers, 3, "the check runs")
    time.sleep(0.5)
    assert len(sleepers()) <= 2, "children of earlier runs are gone"
    flag.unlink()
    transit.wait_routes()
    wait_until(lambda: not sleepers(), 3, "none is left")


def _command(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def test_a_command_that_hangs_ends_with_the_daemon(empty):
    site, transit = empty
    check = script(site, "sleep 1000 & sleep 1000\n")
    node = with_check(check).replace("interval: 50ms",
                                     "interval: 20s\n        timeout: 19s")
    site.basind(transit.peer(), node=node).start()
    wait_until(lambda: len(site.node.pids()) >= 4, 4, "the check runs")
    site.basin.kill()
    wait_until(lambda: not site.node.pids(), 4,
               lambda: [_command(pid) for pid in site.node.pids()])


def test_a_command_that_prints_for_ever_is_bounded(empty):
    site, transit = empty
    check = script(site, "yes | head -c 20000000; exit 0\n")
    node = with_check(check).replace("interval: 50ms",
                                     "interval: 500ms\n        timeout: 2s")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    with open(f"/proc/{site.basin.process.pid}/status",
              encoding="utf-8") as file:
        resident = [line for line in file if line.startswith("VmRSS")][0]
    assert int(resident.split()[1]) < 60000


def test_fall_and_rise_are_counted(web):
    site, transit, servers = web
    node = with_check(URLS).replace("fall: 1", "fall: 3").replace(
        "interval: 50ms", "interval: 200ms")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    tell(servers, status=500)
    time.sleep(0.25)
    tell(servers, status=200)
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.6,
          "one bad answer is not three")


def test_a_hold_down_keeps_a_flapping_service_away(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), node=node_text(more="hold_down: 2s")).start()
    transit.wait_routes()
    site.fail()
    transit.wait_gone()
    site.recover()
    stays(lambda: not transit.router.has(PREFIX4), 1, "held")
    assert "held" in site.basin.cli("show", "prefixes")
    transit.wait_routes(timeout=4)
