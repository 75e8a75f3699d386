# SPDX-License-Identifier: ISC
"""basind as the service manager and the log collector see it."""

import json
import os
import signal
import socket
import time

import pytest

from lab import stays
from lab.site import PREFIX4, PREFIX6, node_text


@pytest.fixture
def manager(site):
    """A NOTIFY_SOCKET and what came in by it."""
    path = site.node.dir / "notify"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(path))
    path.chmod(0o777)
    listener.settimeout(3)
    yield path, listener
    listener.close()


def words(listener, wanted, timeout=3):
    """Messages until one has the wanted line."""
    seen = []
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        seen += listener.recv(4096).decode().splitlines()
        if wanted in seen:
            return seen
    raise AssertionError(f"no {wanted}, but {seen}")


def test_the_service_manager_is_told_ready_reloading_and_stopping(
        site, manager):
    path, listener = manager
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    basin.start(env={"NOTIFY_SOCKET": str(path)})
    words(listener, "READY=1")
    basin.reload()
    words(listener, "RELOADING=1")
    words(listener, "READY=1")
    basin.terminate()
    words(listener, "STOPPING=1")
    assert basin.process.wait() == 0


def test_the_watchdog_is_fed_by_the_deciding_loop(site, manager):
    path, listener = manager
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    basin.start(env={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "200000"})
    for _ in range(3):
        words(listener, "WATCHDOG=1")
    basin.process.signal(signal.SIGSTOP)
    listener.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:  # what was on its way, then nothing
            listener.recv(4096)
    basin.process.signal(signal.SIGCONT)
    words(listener, "WATCHDOG=1")


def test_the_log_can_be_json_line_by_line(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer(), extra="log: {format: json}\n")
    basin.start()
    transit.wait_routes()
    site.fail()
    transit.wait_gone()
    lines = [json.loads(line) for line in basin.log().splitlines()]
    assert any("192.0.2.0/24" in str(line.values()) for line in lines)
    assert len({tuple(sorted(line)) for line in lines}) <= 3, "one form"


def test_the_main_process_has_no_privilege_left(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    with open(f"/proc/{basin.process.pid}/status", encoding="ascii") as file:
        facts = dict(line.rstrip("\n").split(":\t", 1) for line in file
                     if ":\t" in line)
    if os.environ.get("BASIN_OPTIONS") == "--no-sandbox":
        pytest.skip("the sandbox is switched off")
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert int(facts["CapEff"], 16) == int(facts["CapPrm"], 16) == 0
    assert int(facts["CapBnd"], 16) == int(facts["CapAmb"], 16) == 0
    assert "0" not in facts["Uid"].split()
    assert basin.ask("status")["sandbox"] == {
        "filtered": True, "no_new_privileges": True, "unprivileged": True}


def test_a_service_without_checks_is_announced_at_once(site):
    transit = site.upstream().expect().start()
    node = node_text().replace("""    checks:
      - tcp: {port: 8053}
        interval: 50ms
        rise: 1
        fall: 1
""", "    checks: []\n")
    site.basind(transit.peer(), node=node).start()
    transit.wait_routes()
    site.fail()
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.3, "announced")
