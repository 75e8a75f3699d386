# SPDX-License-Identifier: ISC
"""The laboratory itself: BIRD announces, BIRD and FRR tell what they see."""

import os
import pathlib
import socket
import subprocess
import sys

import pytest

from lab import (Bird, Capture, Frr, Lab, Nsd, TcpService, bgp,
                 wait_until)
from lab.network import lives

pytestmark = pytest.mark.alone

ATTRIBUTES = """
export filter {
		bgp_path.prepend(65000);
		bgp_med = 50;
		bgp_community.add((65000, 100));
		bgp_community.add((65535, 65281));
		bgp_ext_community.add((rt, 65000, 7));
		bgp_large_community.add((65000, 1, 2));
		accept;
	};
"""


@pytest.mark.parametrize("kind", [Bird, Frr])
def test_a_router_tells_what_it_was_sent(lab, kind):
    node, router = lab.namespace("node"), lab.namespace("router")
    link = lab.link(node, router)
    speaker = Bird(node, 65000)
    speaker.static("192.0.2.0/24")
    speaker.peer(link.v4(router), 65001, families=(4,), imports="none",
                 export="none", channel=ATTRIBUTES)
    other = kind(router, 65001)
    other.peer(link.v4(node), 65000, families=(4,), passive=True)
    with Capture(router, link.interface(router)) as wire:
        speaker.start()
        other.start()
        wait_until(lambda: other.has("192.0.2.0/24"), 9, other.log)
        assert other.established(link.v4(node))
        route = other.route("192.0.2.0/24")
        speaker.stop()
        wait_until(lambda: not other.has("192.0.2.0/24"), 5, other.log)
    assert route.as_path == [65000, 65000]
    assert route.med == 50
    assert route.next_hop == link.v4(node)
    assert route.communities == {"65000:100", "65535:65281"}
    assert route.extended == {"rt:65000:7"}
    assert route.large == {"65000:1:2"}
    assert [m.asn for m in wire.opens(link.v4(node))] == [65000]
    update, = wire.updates(link.v4(node))
    assert update.announced == ["192.0.2.0/24"]
    assert update.attributes[8] == {"65000:100", "65535:65281"}
    notification, = wire.notifications(link.v4(node))
    assert notification.code[0] == 6
    assert (len(wire.tshark(lab.dir, "bgp.type", filter="bgp.type == 2"))
            >= 1)


def test_a_service_refuses_as_soon_as_it_is_stopped(lab):
    node = lab.namespace("node")
    service = TcpService(node, "127.0.0.1", 8053)

    def connects():
        with node.socket() as client:
            return client.connect_ex(("127.0.0.1", 8053)) == 0

    assert connects()
    service.stop()
    assert not connects()
    service.start()
    assert connects()


def test_nsd_says_who_it_is(lab):
    node = lab.namespace("node")
    Nsd(node, ["127.0.0.1"], "tokyo").start()
    query = bytes.fromhex("123400000001000000000001076578616d706c6503636f6d"
                          "0000060001" "00002904d000000000000400030000")

    def answer():
        with node.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.sendto(query, ("127.0.0.1", 53))
            try:
                return client.recv(4096)
            except OSError:
                return b""

    assert b"tokyo" in wait_until(answer, 5, "an answer")


def test_nothing_is_left_of_a_laboratory(possible):
    with Lab() as lab:
        node = lab.namespace("node")
        process = node.popen("sh", "-c", "setsid sleep 100 & sleep 100",
                             name="sleeper")
        wait_until(lambda: len(node.pids()) >= 3, 5, "the processes")
        pids, path = node.pids(), lab.dir
    assert not [pid for pid in pids if lives(pid)]
    assert not path.exists()
    assert not process.running()


KILLED = """
import os, signal, sys
from lab import Lab
with Lab() as lab:
    node = lab.namespace("node")
    node.popen("setpriv", "--reuid=65534", "--clear-groups", "sleep", "100",
               name="other-user")
    while len(node.pids()) < 1 or os.stat(
            f"/proc/{node.pids()[0]}").st_uid != 65534:
        pass
    print(lab.dir, *node.pids(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_of_a_laboratory_that_was_killed(possible):
    done = subprocess.run([sys.executable, "-c", KILLED], text=True,
                          stdout=subprocess.PIPE, check=False, timeout=20,
                          cwd=pathlib.Path(__file__).parent)
    directory, *pids = done.stdout.split()
    assert done.returncode == -9 and pids
    wait_until(lambda: not any(lives(pid) for pid in pids), 5, pids)
    wait_until(lambda: not os.path.exists(directory), 5, directory)


def test_a_stream_is_read_across_segments():
    octets = bgp.open_message(65000, "10.0.0.1") + bgp.frame(bgp.KEEPALIVE)
    found, rest = bgp.split(octets[:-1])
    assert [kind for kind, _ in found] == [bgp.OPEN]
    assert len(rest) == 18
    message = bgp.decode(*found[0])
    assert (message.asn, message.hold) == (65000, 90)
    with pytest.raises(bgp.Malformed):
        bgp.split(b"\0" * 19)
