# SPDX-License-Identifier: ISC
"""What the node tells those who watch it."""

import json
import socket

import pytest

from lab import stays, wait_until
from lab.site import PREFIX4, PREFIX6


@pytest.fixture
def running(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), http=True).start()
    transit.wait_routes()
    return site, transit


def announced(site):
    """basin_announced{prefix,peer} as the metrics tell it."""
    found = {}
    for line in site.basin.page("/metrics")[1].splitlines():
        if line.startswith("basin_announced{"):
            labels, value = line.rsplit(" ", 1)
            prefix = labels.split('prefix="')[1].split('"')[0]
            found[prefix] = int(float(value))
    return found


def test_metrics_tell_what_was_really_sent(running):
    site, transit = running
    assert announced(site) == {PREFIX4: 1, PREFIX6: 1}
    transit.router.disable(transit.node4)
    wait_until(lambda: announced(site) == {PREFIX4: 0, PREFIX6: 0}, 3,
               lambda: announced(site))
    body = site.basin.page("/metrics")[1]
    assert body.endswith("# EOF\n")


def test_health_is_what_the_routing_system_is_told(running):
    site, transit = running
    assert site.basin.page("/health")[0] == 200
    site.fail()
    wait_until(lambda: site.basin.page("/health")[0] == 503, 3, "503")
    site.recover()
    wait_until(lambda: site.basin.page("/health")[0] == 200, 3, "200")
    status, body = site.basin.page("/status.json")
    assert status == 200 and json.loads(body)["state"] == "announcing"
    assert site.basin.page("/nothing")[0] == 404


def test_a_monitor_sees_every_change_as_it_happens(running):
    site, transit = running
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(site.basin.dir / "basin-ro.sock"))
        client.settimeout(5)
        client.sendall(b'{"command": "monitor", "arguments": {}}\n')
        lines = client.makefile("rb")
        assert json.loads(lines.readline())["ok"]
        site.fail()
        events = []
        while not any(event["kind"] == "prefix" for event in events):
            events.append(json.loads(lines.readline())["event"])
    assert [event["kind"] for event in events][0] == "check"


def test_why_tells_the_chain_from_the_sample_to_the_update(running):
    site, transit = running
    good = site.basin.cli("why", PREFIX4)
    assert "transit" in good and "web" in good
    site.fail()
    transit.wait_gone()
    bad = site.basin.cli("why", PREFIX4)
    assert "web/tcp:8053@192.0.2.53" in bad
    assert "refused" in bad.lower()


def test_every_show_command_speaks_for_people_and_for_programs(running):
    site, transit = running
    for what in ("services", "checks", "prefixes", "peers", "routes",
                 "addresses", "events"):
        text = site.basin.cli("show", what)
        assert text.strip()
        assert all(len(line) < 300 for line in text.splitlines())
        assert json.loads(site.basin.cli("show", what, "--json"))


GARBAGE = [b"\0" * 100, b"{" * 5000 + b"\n", b'{"command": 7}\n',
           b'{"command": "status"', b"\xff\xfe\n", b"[]\n", b"\n\n\n",
           b'{"command": "nonsense", "arguments": {}}\n',
           b'{"command": "status", "arguments": []}\n', b"x" * 70000]


def test_garbage_on_the_control_socket_disturbs_nobody(running):
    site, transit = running
    clients = []
    for octets in GARBAGE:
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(site.basin.dir / "basin.sock"))
        client.settimeout(1)
        try:
            client.sendall(octets)
        except OSError:
            pass  # it was shown the door already
        clients.append(client)
    assert site.basin.ask("status")["state"] == "announcing"
    for client in clients:
        client.close()
    stays(lambda: transit.router.has(PREFIX4), 0.2, "announced")


def test_a_monitor_that_does_not_read_is_dropped_and_not_waited_for(running):
    site, transit = running
    with socket.socket(socket.AF_UNIX) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(str(site.basin.dir / "basin.sock"))
        client.sendall(b'{"command": "monitor", "arguments": {}}\n')
        for number in range(300):
            site.basin.ask("drain", target="prefix", name=PREFIX4,
                           now=True,
                           reason=f"round {number} " + "x" * 150)
            site.basin.ask("undrain", target="prefix", name=PREFIX4)
        assert site.basin.ask("status")["state"] in ("announcing", "partly")
    transit.wait_routes()
