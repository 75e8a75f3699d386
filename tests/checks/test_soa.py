# SPDX-License-Identifier: ISC
"""The soa check with a real primary and a real secondary (NSD, AXFR)."""
import os
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest

from servers import free_port, stop
from verdicts import bad, good

SERVER = """
server:
    ip-address: 127.0.0.1
    port: {port}
    zonesdir: "{dir}"
    database: ""
    zonelistfile: "{dir}/zone.list"
    pidfile: "{dir}/nsd.pid"
    xfrdfile: "{dir}/xfrd.state"
    xfrdir: "{dir}"
    username: ""
    server-count: 1
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: example.com
"""
PRIMARY = SERVER + """
    zonefile: example.zone
    provide-xfr: 127.0.0.1 NOKEY
"""
SECONDARY = SERVER + """
    request-xfr: AXFR 127.0.0.1@{primary} NOKEY
    allow-notify: 127.0.0.1 NOKEY
"""
ZONE = """$ORIGIN example.com.
@ 60 SOA ns1 host {serial} {refresh} {refresh} {expire} 60
@ 60 NS ns1
ns1 60 A 192.0.2.53
"""
QUESTION = b"\7example\3com\0\0\6\0\1"


class Pair:
    """A primary and its secondary."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = [free_port() for _ in range(2)]
        self.processes = [None, None]
        for name in ("primary", "secondary"):
            (folder / name).mkdir()

    def write(self, serial, refresh=3600, expire=86400):
        (self.folder / "primary" / "example.zone").write_text(ZONE.format(
            serial=serial, refresh=refresh, expire=expire))

    def start(self, which):
        name = ("primary", "secondary")[which]
        folder = self.folder / name
        text = (PRIMARY, SECONDARY)[which].format(
            port=self.ports[which], dir=folder, primary=self.ports[0])
        (folder / "nsd.conf").write_text(text)
        self.processes[which] = subprocess.Popen(
            ["/usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"],
            stderr=open(folder / "nsd.log", "ab"), start_new_session=True)

    def log(self, which):
        name = ("primary", "secondary")[which]
        return (self.folder / name / "nsd.log").read_text()

    def signal(self, which, number):
        """To NSD and its children."""
        os.killpg(self.processes[which].pid, number)

    def ask(self, which, message):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.connect(("127.0.0.1", self.ports[which]))
            try:
                s.send(message)
                return s.recv(512)
            except OSError:
                return None

    def answer(self, which):
        """(rcode, serial or None), None without an answer."""
        reply = self.ask(which, b"\0\1\0\0\0\1\0\0\0\0\0\0" + QUESTION)
        if not reply:
            return None
        rcode, answers = reply[3] & 15, struct.unpack(">H", reply[6:8])[0]
        if rcode or not answers:
            return rcode, None
        # The SOA's data is the first record's; names end with a pointer.
        at = 12 + len(QUESTION) + 12
        while reply[at] < 0xc0 and reply[at]:
            at += reply[at] + 1
        at += 2 if reply[at] else 1
        while reply[at] < 0xc0 and reply[at]:
            at += reply[at] + 1
        at += 2 if reply[at] else 1
        return rcode, struct.unpack(">I", reply[at:at + 4])[0]

    def wait(self, which, expected, seconds=20):
        end = time.monotonic() + seconds
        while self.answer(which) != expected:
            assert self.processes[which].poll() is None, self.log(which)
            assert time.monotonic() < end, (expected, self.answer(which))
            time.sleep(0.05)

    def publish(self, serial):
        """Only at the primary."""
        self.write(serial)
        # Files are compared by their times.
        path = self.folder / "primary" / "example.zone"
        os.utime(path, (time.time() + serial % 1000, ) * 2)
        self.processes[0].send_signal(signal.SIGHUP)
        self.wait(0, (0, serial))

    def notify(self):
        """RFC 1996: the secondary asks its primary at once."""
        assert self.ask(1, b"\0\1\x24\0\0\1\0\0\0\0\0\0" + QUESTION)

    def end(self):
        for process in self.processes:
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                stop(process)


@pytest.fixture
def pair(tmp_path):
    if not shutil.which("nsd", path="/usr/sbin:" + os.environ["PATH"]):
        pytest.skip("nsd is not installed")
    pair = Pair(tmp_path)
    try:
        yield pair
    finally:
        pair.end()


@pytest.fixture
def soa(run, pair):
    def call(**more):
        return run(kind="soa", zone="example.com", port=pair.ports[1],
                   primary="127.0.0.1", primary_port=pair.ports[0], **more)
    return call


def begin(pair, serial, **soa):
    pair.write(serial, **soa)
    pair.start(0)
    pair.wait(0, (0, serial))
    pair.start(1)
    pair.wait(1, (0, serial))


def in_order(results, *verdicts):
    """Each run is judged as the one before, or worse."""
    seen = [verdicts.index(r["verdict"]) for r in results]
    assert seen == sorted(seen), results


def test_a_secondary_that_follows_and_one_that_lags(pair, soa):
    begin(pair, 0xffffffff)
    for r in soa(runs=20):
        assert good(r)["detail"] == "serial 4294967295 is the primary's"
    # Around the end of the numbers: two changes later.
    pair.publish(1)
    assert "is 2 behind the primary's" in good(soa())["detail"]
    good(soa(lag=2))
    # A thousand runs take longer than 5 ms.
    results = soa(runs=1000, max_age_ms=5, degraded_age_ms=1, lag=1)
    in_order(results, "pass", "degraded", "fail")
    bad(results[-1], "answer", "serial 4294967295 is 2 behind the primary's")
    for r in soa(runs=1000, max_age_ms=5, lag=2):
        good(r)
    pair.notify()
    pair.wait(1, (0, 1))
    good(soa())


def test_a_primary_that_is_gone(pair, soa):
    begin(pair, 7)
    pair.signal(0, signal.SIGSTOP)
    bad(soa(timeout_ms=300), "local", "SOA query to the primary 127.0.0.1:",
        verdict="unknown")
    results = soa(timeout_ms=100, max_age_ms=150, runs=3)
    in_order(results, "unknown", "fail")
    bad(results[-1], "timeout", "SOA query to the primary 127.0.0.1:")
    pair.signal(0, signal.SIGCONT)
    stop(pair.processes[0])
    bad(soa(), "local", "connection refused; serial 7 followed it",
        verdict="unknown")
    results = soa(max_age_ms=5, runs=1000)
    in_order(results, "unknown", "fail")
    bad(results[-1], "answer", "expected at most 5 ms")
    pair.start(0)
    pair.wait(0, (0, 7))
    good(soa())


def test_a_zone_that_has_expired(pair, soa):
    begin(pair, 7, refresh=1, expire=3)
    stop(pair.processes[0])
    pair.wait(1, (2, None))
    bad(soa(), "answer", f"127.0.0.1:{pair.ports[1]} answers SERVFAIL")


def test_a_secondary_that_is_gone(pair, soa):
    begin(pair, 7)
    stop(pair.processes[1])
    bad(soa(), "refused", f"SOA query to 127.0.0.1:{pair.ports[1]}")


def test_not_a_server_of_the_zone(run, pair, soa):
    begin(pair, 7)
    bad(run(kind="soa", zone="example.net", port=pair.ports[1],
            primary="127.0.0.1", primary_port=pair.ports[0]),
        "answer", "answers REFUSED")
