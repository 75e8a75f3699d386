# SPDX-License-Identifier: ISC
"""Reports of applications: basin push, its socket, silence and floods."""

import json
import socket
import subprocess
import threading

import pytest

from lab import wait_until
from lab.basin import cli_path
from lab.site import PREFIX4

NODE = """\
node: {{name: one, asn: 65000, router_id: 10.255.255.1, linger: 100ms}}
services:
  one:
    addresses: [192.0.2.53]
    checks:
      - push: {{ttl: {ttl}}}
        name: feed
        interval: 5s
        rise: 1
        fall: 1
        initial: {initial}
prefixes:
  192.0.2.0/24: {{services: [one]}}
"""
PUSH = "basin-push.sock"


def begin(site, ttl="1h", http=False, initial="down"):
    upstream = site.upstream().expect(families=(4,)).start()
    node = site.basind(upstream.peer(families=(4,)),
                       node=NODE.format(ttl=ttl, initial=initial),
                       http=http)
    node.start()
    return upstream, node


def check_of(node):
    return node.ask("show checks")["checks"][0]


def established(node):
    wait_until(lambda: node.peer("transit")["state"] == "Established", 10,
               node.log)


def push(node, *words):
    status, output = node.command("push", *words, socket=PUSH)
    assert (status, output) == (0, ""), output


MESSAGES = [(b"feed \xe9t\xe9 \xff", "feed ?t? ?"),
            ("x\u00e9".encode() * 30000, "x\u00e9x"), (b"", "reported pass")]


@pytest.mark.parametrize("message, kept", MESSAGES,
                         ids=["latin1", "long", "empty"])
def test_no_message_is_a_reason_to_lose_a_report(site, message, kept):
    upstream, node = begin(site)
    with site.node:
        done = subprocess.run(
            [cli_path(), "--socket", node.dir / PUSH, "push", "one",
             "--message", message], timeout=10, check=False)
    assert done.returncode == 0
    upstream.wait_routes(PREFIX4)
    assert kept in check_of(node)["last"]["detail"]


def test_reports_decide(site):
    """The interval is 5 s: reports count at once."""
    upstream, node = begin(site)
    wait_until(lambda: check_of(node)["last"], 10, node.log)
    assert "nobody has reported yet" in check_of(node)["last"]["detail"]
    push(node, "one")
    upstream.wait_routes(PREFIX4)
    push(node, "one/feed", "--state", "fail", "--message",
         "feed\n\x1b[31m is old")
    upstream.wait_gone(PREFIX4)
    detail = check_of(node)["last"]["detail"]
    assert detail == r"feed\x0a\x1b[31m is old"
    push(node, "feed", "--state", "degraded")
    upstream.wait_routes(PREFIX4)


def test_silence_fails_and_a_restart_waits_again(site):
    upstream, node = begin(site, ttl="3s")
    established(node)
    push(node, "one")
    upstream.wait_routes(PREFIX4)
    upstream.wait_gone(PREFIX4, timeout=15)
    assert "nobody reported for " in node.log()
    push(node, "one")
    upstream.wait_routes(PREFIX4)
    node.terminate()
    assert node.process.wait() == 0
    upstream.wait_gone(PREFIX4)
    node.configure(site.config(upstream.peer(families=(4,)),
                               node=NODE.format(ttl="1h", initial="down")))
    node.start()
    established(node)
    assert check_of(node)["state"] in ("checking", "unknown")
    assert not upstream.router.has(PREFIX4)
    push(node, "one")
    upstream.wait_routes(PREFIX4)


def test_the_first_report_is_awaited_in_the_initial_state(site):
    upstream, node = begin(site, ttl="4s", initial="up")
    upstream.wait_routes(PREFIX4)
    upstream.wait_gone(PREFIX4, timeout=15)
    assert "nobody reported for " in node.log()


def test_applications_may_report_and_nothing_else(site):
    upstream, node = begin(site)
    for words in (["drain", "node", "--reason", "x"], ["reload"],
                  ["status"], ["show", "checks"]):
        status, output = node.command(*words, socket=PUSH)
        assert status == 1 and "is not known" in output, output
    status, output = node.command("push", "one", socket="basin-ro.sock")
    assert status == 1 and "read-only" in output
    status, output = node.command("push", "on", socket=PUSH)
    assert status == 1 and 'did you mean "one"?' in output
    status, output = node.command("push", "one/fed", socket=PUSH)
    assert status == 1 and '"one/fed" is not configured' in output
    status, output = node.command("push", "one", "--state", "well",
                                  socket=PUSH)
    assert status == 64 and "expected pass, degraded" in output
    assert node.command("push", "one")[0] == 0  # root, on the full socket


class Flood(threading.Thread):
    """A client that asks again as soon as it is answered, many at once."""

    LINE = json.dumps({"command": "push", "arguments": {
        "name": "one", "message": "x" * 100}}).encode() + b"\n"
    BATCH = 100

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.ends = threading.Event()
        self.answers = 0
        self.wrong = []

    def run(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(self.path)
            lines = connection.makefile("rb")
            while not self.ends.is_set():
                connection.sendall(self.LINE * self.BATCH)
                for _ in range(self.BATCH):
                    answer = json.loads(lines.readline())
                    self.answers += 1
                    if not answer["ok"]:
                        self.wrong.append(answer)


def test_a_flood_of_reports_starves_nobody(site):
    upstream, node = begin(site, http=True)
    established(node)
    floods = [Flood(str(node.dir / PUSH)) for _ in range(4)]
    for flood in floods:
        flood.start()
    upstream.wait_routes(PREFIX4)
    wait_until(lambda: sum(f.answers for f in floods) > 5000, 30, node.log)
    # Others are answered meanwhile, also on new connections.
    for _ in range(20):
        assert node.ask("status")["state"] == "announcing"
        push(node, "one")
    assert upstream.router.has(PREFIX4)
    for flood in floods:
        flood.ends.set()
    for flood in floods:
        flood.join(30)
        assert not flood.is_alive() and not flood.wrong
    sent = sum(flood.answers for flood in floods) + 20
    assert node.metric("basin_push_reports_total") == sent
    merged = node.metric("basin_push_merged_total")
    assert 0 < merged < sent
    # The last report counts.
    push(node, "one", "--state", "fail", "--message", "enough")
    upstream.wait_gone(PREFIX4)
    assert check_of(node)["last"]["detail"] == "enough"


def test_clients_that_come_and_go_starve_nobody(site):
    """Connections made as fast as one can, closed without a word."""
    _, node = begin(site)
    ends = threading.Event()

    def knock():
        while not ends.is_set():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(node.dir / PUSH))

    clients = [threading.Thread(target=knock, daemon=True)
               for _ in range(4)]
    for client in clients:
        client.start()
    for _ in range(30):
        assert node.ask("status")["state"]
    ends.set()
    for client in clients:
        client.join(30)
        assert not client.is_alive()
    push(node, "one")
