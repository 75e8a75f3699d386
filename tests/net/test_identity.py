# SPDX-License-Identifier: ISC
"""Who answers here? Over UDP, TCP, HTTP and DNS, asked with usual tools."""

import shutil
import socket
import subprocess

import pytest

from lab import wait_until
from lab.site import SERVICE4, SERVICE6

BOTH = [SERVICE4, SERVICE6]
IDENTITY = """\
identity:
  name: nyc1-a
  listen: [192.0.2.53, 2001:db8:53::53, 127.0.0.1]
  udp: 4786
  tcp: 4786
  http: 80
  dns: 53
"""


@pytest.fixture
def node(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer(), extra=IDENTITY).start()
    transit.wait_routes()
    return site


def run(site, *argv):
    if not shutil.which(argv[0]):
        pytest.skip(f"no {argv[0]}")
    with site.node:
        return subprocess.run(argv, capture_output=True, text=True,
                              timeout=20, check=False).stdout


def ask_udp(site, address, octets, source=0, timeout=5):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with site.node:
        s = socket.socket(family, socket.SOCK_DGRAM)
    with s:
        s.bind(("", source))
        s.connect((address, 4786))  # answers from elsewhere are not taken
        s.settimeout(timeout)
        s.send(octets)
        try:
            return s.recv(100)
        except (TimeoutError, ConnectionError):
            return None


def ask_tcp(site, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with site.node:
        s = socket.socket(family)
    with s:
        s.settimeout(10)
        s.connect((address, 4786))
        s.sendall(b"who is it?\n")
        return s.makefile("rb").read()


@pytest.mark.parametrize("address", BOTH)
def test_every_protocol_names_the_node(node, address):
    assert ask_udp(node, address, b"who are you?") == b"nyc1-a\n"
    assert ask_tcp(node, address) == b"nyc1-a\n"
    url = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    page = run(node, "curl", "-si", "--max-time", "10", url)
    assert page.startswith("HTTP/1.1 200 OK")
    assert "X-Anycast-Node: nyc1-a\n" in page
    assert page.endswith("\n\nnyc1-a\n")
    assert "404" in run(node, "curl", "-si", url + "secret")
    assert "405" in run(node, "curl", "-si", "-X", "POST", url)


@pytest.mark.parametrize("address", BOTH)
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_dns_tells_the_name_and_refuses_the_rest(node, address, transport):
    def dig(*words):
        return run(node, "dig", f"@{address}", transport, "+time=5",
                   "+tries=2", *words)
    for name in ("hostname.bind", "ID.Server"):
        answer = dig("CH", "TXT", name)
        assert '"nyc1-a"' in answer and "NOERROR" in answer
    answer = dig("+nsid", "example.com", "A")
    assert "REFUSED" in answer and '("nyc1-a")' in answer
    assert "NSID" not in dig("example.com", "A")
    assert "REFUSED" in dig("CH", "TXT", "version.server")
    assert "BADVERS" in dig("+edns=1", "+noednsnegotiation", "CH", "TXT",
                            "id.server")


def test_two_responders_cannot_be_made_to_talk(node):
    # As if another responder, or a privileged service, had sent it.
    with node.node:
        forged = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with forged:
        forged.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        forged.bind(("127.0.0.2", 4786))
        forged.sendto(b"nyc1-a\n", ("127.0.0.1", 4786))
        with node.node:
            echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        echo.bind(("127.0.0.2", 7))
        with echo:
            echo.sendto(b"nyc1-a\n", ("127.0.0.1", 4786))
            # What is asked later is answered; so the two would have been.
            assert ask_udp(node, "127.0.0.1", b"who are you?")
            for s in (forged, echo):
                s.setblocking(False)
                with pytest.raises(BlockingIOError):
                    s.recv(100)
    # An answer is not larger than the question.
    assert ask_udp(node, "127.0.0.1", b"who", timeout=0.5) is None


def test_dns_answers_are_not_answered(node):
    answer = bytes.fromhex("000080000001000000000000") + \
        b"\x02id\x06server\x00" + bytes.fromhex("00100003")
    with node.node:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with s:
        s.connect(("127.0.0.1", 53))
        s.settimeout(5)
        s.send(answer)
        s.send(b"\x12\x34" + b"\0" * 2 + answer[4:])
        assert s.recv(512)[:2] == b"\x12\x34"  # only this one


def test_a_reload_changes_only_what_changed(node):
    def listening():
        words = run(node, "ss", "-Hlnut").split()
        return {word for word in words if word.endswith(
            (":4786", ":80", ":53", ":4787"))}
    before = listening()
    assert {"192.0.2.53:53", "[2001:db8:53::53]:80"} <= before
    with node.node:
        held = socket.create_connection(("127.0.0.1", 80), timeout=10)
    text = node.basin.path.read_text()
    node.basin.path.write_text(text.replace("udp: 4786", "udp: 4787")
                               .replace("nyc1-a", "nyc1-b"))
    node.basin.reload()
    wait_until(lambda: "192.0.2.53:4787" in listening(), 10, listening)
    assert ask_tcp(node, SERVICE4) == b"nyc1-b\n"
    with held:
        held.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"X-Anycast-Node: nyc1-b" in held.makefile("rb").read()
    node.basin.path.write_text(text.split("identity:")[0]
                               + text.split("dns: 53\n")[1])
    node.basin.reload()
    wait_until(lambda: not listening(), 10, listening)


def test_a_port_that_is_taken_is_an_alarm_until_it_is_free(site):
    transit = site.upstream().expect().start()
    with site.node:
        taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 4786))
    taken.listen()
    site.basind(transit.peer(), extra=IDENTITY).start()

    def alarms():
        return [a for a in site.basin.ask("status")["alarms"]
                if a["subject"] == "identity"]
    wait_until(alarms, 10, lambda: site.basin.log())
    assert "tcp on 127.0.0.1 port 4786" in alarms()[0]["message"]
    assert ask_tcp(site, SERVICE4) == b"nyc1-a\n"  # the others answer
    taken.close()
    wait_until(lambda: not alarms(), 30, lambda: site.basin.log())
    assert ask_tcp(site, "127.0.0.1") == b"nyc1-a\n"
