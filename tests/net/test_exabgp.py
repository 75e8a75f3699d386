# SPDX-License-Identifier: ISC
"""Programs written for ExaBGP's process API, unchanged."""

import os
import pathlib
import shutil
import signal
import textwrap

import pytest

from lab import Basin, Bird, Capture, Lab, wait_until

WAIT = 30
PYTHON = "/usr/bin/python3"

NODE = """
node: {{name: one, asn: 65000, router_id: 10.255.1.1, linger: 0s}}
services:
  dns: {{addresses: 192.0.2.53}}
prefixes:
  192.0.2.0/24: {{services: dns}}
peers:
  up: {{address: {peer}, asn: 65001, connect_retry: 1s,
       families: [ipv4, ipv6], next_hop: {six}}}
exabgp:
  script: {{run: {run}, respawn: 1s, max_routes: 50000, on_exit: {on_exit}}}
"""


class Net:
    def __init__(self, lab):
        self.node, self.router = lab.namespace("node"), lab.namespace("router")
        self.link = lab.link(self.node, self.router)
        self.bird = Bird(self.router, 65001)
        self.bird.peer(self.link.v4(self.node), 65000, families=(4, 6))
        self.bird.start()
        self.node.dir.chmod(0o755)
        self.file = self.node.dir / "script.py"
        self.basin = None
        self.on_exit = "withdraw"

    def config(self, run):
        return NODE.format(peer=self.link.v4(self.router),
                           six=self.link.v6(self.node),
                           on_exit=self.on_exit,
                           run="[" + ", ".join(map(str, run)) + "]")

    def start(self, text=None, run=None):
        if text:
            self.file.write_text(textwrap.dedent(text))
            self.file.chmod(0o755)
        self.basin = Basin(self.node,
                           self.config(run or [PYTHON, self.file]))
        self.basin.start()

    def process(self):
        return self.basin.ask("show exabgp")["processes"][0]

    def wait_route(self, prefix, there=True):
        wait_until(lambda: (prefix in self.bird.routes()) == there, WAIT,
                   f"{prefix} is {'there' if there else 'gone'}")
        return self.bird.routes().get(prefix, [None])[0]


@pytest.fixture
def net():
    with Lab() as lab:
        yield Net(lab)


def test_commands_answers_and_death(net):
    """Each command is answered; the routes go when the program ends."""
    net.start("""
        import sys, time
        for line in (
                "announce route 198.18.0.0/24 next-hop self med 5 "
                "community [65000:1 no-export] large-community [1:2:3]",
                "neighbor 203.0.113.9 announce route 198.18.1.0/24 "
                "next-hop self",
                "announce attributes next-hop self origin egp nlri "
                "198.18.2.0/24 198.18.3.0/24",
                "nonsense", "# a comment", "withdraw route 198.18.3.0/24"):
            print(line, flush=True)
            answer = sys.stdin.readline().strip()
            print(answer, line, file=sys.stderr, flush=True)
        while not __import__("os").path.exists(sys.argv[0] + ".end"):
            time.sleep(0.05)
        """)
    route = net.wait_route("198.18.0.0/24")
    assert route.med == 5 and route.large == {"1:2:3"}
    assert route.communities == {"65000:1", "65535:65281"}
    assert net.wait_route("198.18.2.0/24").origin == "egp"
    net.wait_route("198.18.3.0/24", False)
    assert "198.18.1.0/24" not in net.bird.routes()
    wait_until(lambda: net.process()["commands"] == 4, WAIT, "all are taken")
    process = net.process()
    assert process["errors"] == 2 and "nonsense" in process["error"]
    said = net.basin.process.output()
    assert "done announce attributes" in said and "error nonsense" in said
    end = net.file.with_name(net.file.name + ".end")
    end.write_text("")
    net.wait_route("198.18.0.0/24", False)
    end.unlink()
    net.wait_route("198.18.0.0/24")
    assert net.process()["starts"] >= 2


def test_routes_of_a_program_that_ended_may_stay(net):
    """`on_exit: keep`: until the program is another one."""
    net.on_exit = "keep"
    net.node.dir.chmod(0o777)
    net.start("""
        import os, sys
        if not os.path.exists(sys.argv[0] + ".end"):
            print("announce route 198.18.0.0/24 next-hop self", flush=True)
            sys.stdin.readline()
            open(sys.argv[0] + ".end", "w").close()
        """)
    wait_until(lambda: net.process()["starts"] >= 3, WAIT, "it ended twice")
    route = net.wait_route("198.18.0.0/24")
    assert route.as_path == [65000]
    assert net.process()["routes"] == 1
    net.on_exit = "withdraw"
    net.basin.reload(net.config([PYTHON, net.file]))
    net.wait_route("198.18.0.0/24", False)


def test_never_waits_for_a_program_that_does_not_read(net):
    """20,000 commands, no answer read: ExaBGP stops at some 13,000."""
    net.start("""
        import sys, time
        for i in range(20000):
            print(f"announce route 10.{i >> 8 & 255}.{i & 255}.0/24 "
                  "next-hop self")
        sys.stdout.flush()
        time.sleep(600)
        """)
    wait_until(lambda: net.process()["routes"] == 20000, 60, "all are taken")
    assert net.process()["errors"] == 0
    wait_until(lambda: net.bird.count() >= 20000, 60, "all are announced")


def test_who_is_left_behind_cannot_keep_basind_busy(net):
    """A child that outlives its program writes for ever into its output."""
    net.start("""
        import os, sys, time
        stop = sys.argv[0] + ".end"
        if not os.path.exists(stop) and os.fork() == 0:
            os.setsid()
            sys.stderr.close()
            while not os.path.exists(stop):
                os.write(1, b"\\n" * 60000)
            os._exit(0)
        print("announce route 198.18.0.0/24 next-hop self", flush=True)
        time.sleep(0.5)
        """)
    end = net.file.with_name(net.file.name + ".end")
    try:
        wait_until(lambda: net.process()["starts"] >= 2, WAIT,
                   "the program was found to have ended")
    finally:
        end.write_text("")


@pytest.mark.skipif(not shutil.which("exabgp"), reason="no exabgp")
def test_the_healthcheck_of_exabgp(net):
    """`python3 -m exabgp healthcheck`, as it is installed."""
    flag = net.node.dir / "good"
    flag.write_text("")
    net.start(run=[PYTHON, "-m", "exabgp", "healthcheck", "--cmd",
                   f"'test -e {flag}'", "--ip", "198.18.7.7/32", "--interval",
                   "1", "--fast-interval", "1", "--rise", "1", "--fall", "1",
                   "--no-syslog", "--withdraw-on-down", "--no-ip-setup"])
    net.wait_route("198.18.7.7/32")
    flag.unlink()
    net.wait_route("198.18.7.7/32", False)
    flag.write_text("")
    net.wait_route("198.18.7.7/32")


# With the commands, the check and the thresholds that health scripts in
# guides have; only quicker. Answers are not read.
GUIDE = """
    import json
    import sys
    import time
    import urllib.request

    PREFIX = "2001:db8:abcd::/48"
    URL = "http://localhost:8080/health"

    def healthy():
        try:
            asked = urllib.request.Request(
                URL, headers={"User-Agent": "anycast-healthcheck/1.0"})
            with urllib.request.urlopen(asked, timeout=3) as answer:
                return (answer.status == 200 and json.loads(
                    answer.read().decode()).get("status") == "healthy")
        except Exception as problem:
            print(problem, file=sys.stderr, flush=True)
            return False

    def say(word):
        print(f"{word} route {PREFIX} next-hop self")
        sys.stdout.flush()

    say("announce")
    announced, good, bad = True, 0, 0
    while True:
        good, bad = (good + 1, 0) if healthy() else (0, bad + 1)
        if good >= 2 and not announced:
            say("announce")
            announced = True
        if bad >= 3 and announced:
            say("withdraw")
            announced = False
        time.sleep(0.1)
"""

HEALTH = """
import http.server, pathlib, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = pathlib.Path(sys.argv[1]).exists()
        self.send_response(200 if good else 503)
        self.end_headers()
        self.wfile.write(b'{"status": "healthy"}')

http.server.HTTPServer(("127.0.0.1", 8080), Answer).serve_forever()
"""


def guide_script():
    """GUIDE_SCRIPT in the environment: another one, as it is."""
    file = os.environ.get("GUIDE_SCRIPT")
    return pathlib.Path(file).read_text() if file else GUIDE


def test_the_health_script_of_a_guide(net):
    """It announces first, checks then, and never reads an answer."""
    good = net.node.dir / "good"
    good.write_text("")
    net.node.popen(PYTHON, "-c", HEALTH, good, name="health")
    net.start(guide_script())
    route = net.wait_route("2001:db8:abcd::/48")
    assert route.as_path == [65000]
    assert route.next_hop == net.link.v6(net.node)
    good.unlink()
    net.wait_route("2001:db8:abcd::/48", False)
    good.write_text("")
    net.wait_route("2001:db8:abcd::/48")
    assert net.process()["errors"] == 0


def test_an_echo_is_ended_and_does_not_fill_the_log(net):
    """It says every answer again, which is answered as no command."""
    net.start(run=["/bin/sh", "-c", "echo nonsense; exec cat"])
    wait_until(lambda: "1000 lines in a row" in str(net.process()["ended"]),
               WAIT, lambda: net.process())
    wait_until(lambda: net.process()["starts"] >= 3, WAIT,
               lambda: net.process())
    process, log = net.process(), net.basin.log()
    assert process["errors"] <= 1000 * process["starts"]
    assert log.count("is no command") < 100
    assert 2 <= log.count("1000 lines in a row") <= process["starts"] * 2


def test_wrong_lines_among_commands_end_nothing(net):
    net.start("""
        import sys, time
        for i in range(3000):
            print("nonsense" if i % 900 else "version", flush=True)
        print("announce route 198.18.0.0/24 next-hop self", flush=True)
        time.sleep(3600)
    """)
    net.wait_route("198.18.0.0/24")
    process = net.process()
    assert process["errors"] > 2900 and process["starts"] == 1, process


def test_routes_stay_in_a_hot_upgrade(net):
    """The program is started anew and finds its routes announced."""
    net.start("""
        import time
        for line in (
                "announce route 198.18.0.0/24 next-hop self med 5 as-path "
                "[64512 64513] community [65000:1] large-community [1:2:3]",
                "announce route 198.18.1.0/24 next-hop self origin egp"):
            print(line, flush=True)
        time.sleep(1000)
        """)
    net.wait_route("198.18.0.0/24")
    net.wait_route("198.18.1.0/24")
    with Capture(net.router, net.link.interface(net.router)) as wire:
        pid = net.basin.ask("upgrade")["pid"]
        assert pid > 1
        try:
            wait_until(lambda: net.basin.answers()
                       and net.basin.ask("version")["pid"] == pid
                       and net.basin.ask("show exabgp")["processes"]
                       and net.process()["routes"] == 2, WAIT,
                       "the program has announced its routes again")
            assert not wire.disturbances()
        finally:
            os.kill(pid, signal.SIGKILL)
