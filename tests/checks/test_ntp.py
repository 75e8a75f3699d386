# SPDX-License-Identifier: ISC
"""The ntp check against a real chrony, and against servers that lie."""
import os
import shutil
import socket
import struct
import subprocess
import threading
import time

import pytest

from servers import free_port, stop
from verdicts import bad, good

CHRONY = """
port {port}
cmdport 0
bindaddress 127.0.0.1
bindaddress ::1
pidfile {dir}/chronyd.pid
allow 127.0.0.1
allow ::1
{more}
"""


@pytest.fixture(scope="module")
def chrony(tmp_path_factory):
    """chrony(more): the port of a server; it never touches the clock."""
    path = shutil.which("chronyd", path="/usr/sbin:" + os.environ["PATH"])
    if not path or os.getuid():
        pytest.skip("chrony is not installed, or this is not root")
    running = []

    def start(more):
        folder = tmp_path_factory.mktemp("chrony")
        port = free_port()
        (folder / "chrony.conf").write_text(
            CHRONY.format(port=port, dir=folder, more=more))
        process = subprocess.Popen(
            [path, "-d", "-x", "-u", "root", "-f", folder / "chrony.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running.append(process)
        end = time.monotonic() + 10
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", port))
            s.settimeout(0.1)
            while time.monotonic() < end:
                assert process.poll() is None, "chronyd ended"
                try:
                    s.send(b"\x23" + bytes(47))
                    s.recv(100)
                    return port
                except OSError:
                    time.sleep(0.02)
        raise AssertionError("chronyd does not answer")

    try:
        yield start
    finally:
        for process in running:
            stop(process)


def test_synchronised(run, chrony):
    port = chrony("local stratum 5")
    for target in ("127.0.0.1", "::1"):
        for r in run(kind="ntp", port=port, target=target, offset_ms=1000,
                     runs=20):
            assert good(r)["detail"].startswith("stratum 5, "), r
    good(run(kind="ntp", port=port, low=5, high=5))
    bad(run(kind="ntp", port=port, high=4), "answer",
        "server has stratum 5, expected 1 to 4")


def test_not_synchronised(run, chrony):
    bad(run(kind="ntp", port=chrony("")), "answer",
        "server is not synchronised (leap 3, stratum 0)")


def test_nobody_there(run):
    port = free_port()
    bad(run(kind="ntp", port=port), "refused",
        f"NTP request to 127.0.0.1:{port}: connection refused")


class Liar:
    """Answers one request after another with what `make` gives."""

    def __init__(self, make):
        self.make = make
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            request, peer = self.socket.recvfrom(100)
            if request == b"end":
                return
            for answer in self.make(request):
                self.socket.sendto(answer, peer)

    def __enter__(self):
        return self.port

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"end", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


def packet(origin, first=0x24, stratum=2, reference=b"GPS\0", ahead=0.0):
    now = int((time.time() + 2208988800 + ahead) * 2**32) % 2**64
    return struct.pack(">BBBbII4sQ8sQQ", first, stratum, 6, -20, 0, 0,
                       reference, now, origin, now, now)


def test_lies(run):
    with Liar(lambda q: [packet(q[40:], ahead=3600.5)]) as port:
        bad(run(kind="ntp", port=port, offset_ms=100), "answer",
            "server's clock is 1 h")
        good(run(kind="ntp", port=port))
    with Liar(lambda q: [packet(q[40:], 0xe4, 0, b"RATE")]) as port:
        bad(run(kind="ntp", port=port), "answer", 'kiss-o\'-death "RATE"')


def test_a_forged_answer_is_ignored(run):
    forged = packet(b"forged!!", 0xe4, 0, b"DENY")
    with Liar(lambda q: [b"", forged, packet(q[40:])]) as port:
        good(run(kind="ntp", port=port))
    with Liar(lambda q: [forged]) as port:
        bad(run(kind="ntp", port=port, timeout_ms=200), "timeout",
            "NTP request to 127.0.0.1:")
