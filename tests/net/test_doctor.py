# SPDX-License-Identifier: ISC
"""basin doctor finds what is wrong around the daemon."""

import json
import sys


from lab import wait_until
from lab.site import SERVICE4, SERVICE6, Site

NODE = """\
node:
  name: one
  asn: 65000
  router_id: 10.255.255.1
  linger: 100ms
  management: [198.51.100.1, "2001:db8:100::1"]
services:
  web:
    addresses: [192.0.2.53, "2001:db8:53::53"]
    checks:
      - {{{check}, interval: 200ms, rise: 1}}
prefixes:
  192.0.2.0/24: {{services: [web]}}
  2001:db8:53::/48: {{services: [web]}}
"""
UDP = "udp: {port: 8053, send: hello, expect: hello}"

# python ECHO ADDRESS ...: answers; a wildcard as most servers do it. "wrong"
# answers from a socket of its own, bound to the address behind it.
ECHO = """
import select, socket, sys
sockets = {}
words = sys.argv[1:]
wrong = words[words.index("wrong") + 1] if "wrong" in words else None
for address in words[:words.index("wrong")] if wrong else words:
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                      socket.SOCK_DGRAM)
    if ":" in address:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.setsockopt(41, 78, 1)
    else:
        s.setsockopt(0, 15, 1)
    s.bind((address, 8053))
    sockets[s] = s
if wrong:
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind((wrong, 8053))
print("ready", flush=True)
while True:
    for s in select.select(list(sockets), [], [])[0]:
        text, client = s.recvfrom(4096)
        (other if wrong and "." in client[0] else s).sendto(text, client)
"""


class Place:
    def __init__(self, lab, check=UDP):
        self.site = Site(lab)
        self.transit = self.site.upstream().expect().start()
        node = self.site.node
        node.ip("addr add 198.51.100.1/32 dev lo")
        node.ip("addr add 2001:db8:100::1/128 dev lo nodad")
        self.basin = self.site.basind(
            self.transit.peer(), node=NODE.format(check=check))

    def serve(self, *words):
        server = self.site.node.popen(sys.executable, "-I", "-S", "-c", ECHO,
                                      *words, name="echo")
        wait_until(lambda: "ready" in server.output(), 10, "the server",
                   alive=server.check)
        return self

    def start(self):
        self.basin.start()
        wait_until(lambda: all(
            a["state"] == "owned" for a in
            self.basin.ask("show addresses")["addresses"]), 10, "addresses")
        return self

    def doctor(self, *words):
        """(exit code, {check: {subject: finding}})."""
        code, text = self.basin.command("doctor", "--json", *words)
        findings = {}
        for f in json.loads(text)["findings"]:
            findings.setdefault(f["check"], {})[f["subject"]] = f
        return code, findings


WEB4, WEB6 = f"web {SERVICE4} udp/8053", f"web {SERVICE6} udp/8053"


def test_a_server_that_is_right(lab):
    place = Place(lab).serve(SERVICE4, SERVICE6).start()
    code, found = place.doctor()
    assert {f["finding"] for f in found["addresses"].values()} == {"ok"}
    assert {s: f["finding"] for s, f in found["bound"].items()} == {
        WEB4: "ok", WEB6: "ok"}
    assert {s: f["finding"] for s, f in found["wildcard"].items()} == {
        WEB4: "ok", WEB6: "ok"}
    assert {s: f["seen"] for s, f in found["reply-source"].items()} == {
        WEB4: "replies to 198.51.100.1 leave from it",
        WEB6: "replies to 2001:db8:100::1 leave from it"}
    assert found["counters"][""]["finding"] == "ok"
    assert code == 0, found


def test_a_server_on_all_addresses_answers_from_another(lab):
    place = Place(lab).serve("0.0.0.0", "::").start()
    code, found = place.doctor()
    assert found["bound"][WEB4]["seen"] == (
        "somebody listens on all addresses")
    assert found["wildcard"][WEB4]["finding"] == "warning"
    reply = found["reply-source"][WEB4]
    assert reply["finding"] == "problem"
    assert reply["seen"] == (
        "the reply to 198.51.100.1 left from 198.51.100.1 port 8053")
    assert "listen on each service address" in reply["cure"]
    assert found["reply-source"][WEB6]["finding"] == "problem"
    assert code == 1


def test_a_server_that_answers_by_another_socket(lab):
    place = Place(lab).serve(SERVICE4, SERVICE6, "wrong",
                             "198.51.100.1").start()
    code, found = place.doctor()
    assert found["wildcard"][WEB4]["finding"] == "ok"
    assert found["reply-source"][WEB4]["finding"] == "problem"
    assert found["reply-source"][WEB6]["finding"] == "ok"
    assert code == 1


def test_nobody_listens_and_the_text_says_so(lab):
    place = Place(lab).start()
    code, text = place.basin.command("doctor")
    assert code == 1
    assert f"problem  bound        {WEB4}: nobody listens" in text
    assert "cure: is the server running" in text


def test_strict_filter_and_ping_permission(lab):
    place = Place(lab, check="icmp: {}").start()
    node, interface = place.site.node, place.transit.link.interface(
        place.site.node)
    with node:
        write("/proc/sys/net/ipv4/conf/all/rp_filter", "0")
        write(f"/proc/sys/net/ipv4/conf/{interface}/rp_filter", "1")
        write("/proc/sys/net/ipv4/ping_group_range", "1 0")
    code, found = place.doctor()
    assert interface in found["rp-filter"][""]["seen"]
    assert found["ping"][""]["finding"] == "problem"
    assert found["reply-source"][""]["finding"] == "skipped"
    assert code == 1
    with node:
        write(f"/proc/sys/net/ipv4/conf/{interface}/rp_filter", "2")
        write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647")
    found = place.doctor()[1]
    assert found["rp-filter"][""]["finding"] == "ok"
    assert found["ping"][""]["finding"] == "ok"


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def test_without_a_daemon_a_file_is_needed(lab):
    place = Place(lab)
    code, text = place.basin.command("doctor")
    assert code == 64 and "name it with --config FILE" in text
