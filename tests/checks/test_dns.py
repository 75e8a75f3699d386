# SPDX-License-Identifier: ISC
"""The dns check against a real NSD, and against servers that misbehave."""
import socket
import struct
import threading

import pytest

from verdicts import bad, good


@pytest.fixture
def ask(run, nsd):
    def call(name, type="A", **conf):
        return run(kind="dns", port=nsd.port, name=name, type=type, **conf)
    return call


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_soa(ask, tcp, target):
    r = good(ask("example.com", "SOA", tcp=tcp, target=target, aa=True,
                 nsid="nyc1"))
    assert r["detail"] == "NOERROR, 1 record"


def test_rcode(ask):
    bad(ask("none.example.com"), "answer",
        "answer has rcode NXDOMAIN, expected NOERROR")
    good(ask("none.example.com", rcode="NXDOMAIN"))
    bad(ask("example.org"), "answer", "answer has rcode REFUSED")


def test_flags(ask):
    bad(ask("www.child.example.com", aa=True), "answer", "AA flag")
    bad(ask("www.example.com", ad=True), "answer", "AD flag")
    good(ask("www.example.com", dnssec=True, rd=True))


@pytest.mark.parametrize("name, type, answer", [
    ("www.example.com", "A", ["192.0.2.2", "192.0.2.1"]),
    ("ns1.example.com", "AAAA", ["2001:DB8:0::53"]),
    ("example.com", "NS", ["NS1.example.com.", "ns2.Example.NET"]),
    ("txt.example.com", "TXT", ["v=spf1 -all"]),
    ("txt.example.com", "TXT", ['"v=spf1 -all"']),
    ("two.example.com", "TXT", ['"one" "two words"']),
    ("example.com", "SOA", ["ns1.example.com. host.example.com. 2026112201 "
                            "3600 900 604800 60"]),
])
def test_answers(ask, name, type, answer):
    good(ask(name, type, answer=answer))


def test_wrong_answers(ask):
    bad(ask("www.example.com", answer=["192.0.2.1", "192.0.2.3"]), "answer",
        'answer lacks "192.0.2.3"; the first of its 2 records is "192.0.2.')
    bad(ask("ns1.example.com", "TXT", answer=["x"]), "answer",
        'answer is empty, expected "x"')


def test_nsid(ask):
    good(ask("example.com", "SOA", nsid="6E796331"))
    bad(ask("example.com", "SOA", nsid="lon1"), "answer",
        'answer comes from "nyc1" (NSID), expected "lon1"')


def test_chaos(ask):
    good(ask("id.server", "TXT", **{"class": "CH"}, answer=["nyc1.example"]))


def test_a_truncated_answer_is_asked_for_over_tcp(ask):
    r = good(ask("big.example.com", "TXT"))
    assert r["detail"] == "NOERROR, 60 records"
    good(ask("big.example.com", "TXT", nsid="nyc1"))


def test_nobody_there(run):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    bad(run(kind="dns", port=port, name="example.com"), "refused",
        f"UDP query to 127.0.0.1:{port}: connection refused")
    bad(run(kind="dns", port=port, name="example.com", tcp=True), "refused",
        f"connect to 127.0.0.1:{port}: connection refused")


def test_source(ask):
    good(ask("www.example.com", source="127.0.0.5"))
    bad(ask("www.example.com", source="192.0.2.1"), "local",
        "source address", verdict="unknown")


def test_many_runs(ask):
    for r in ask("example.com", "SOA", runs=1000, aa=True):
        good(r)
    for r in ask("example.com", "SOA", runs=500, aa=True, tcp=True):
        good(r)


# ---- servers that misbehave ------------------------------------------------


class Liar:
    """A UDP server that answers one query with what `answers` makes of it."""

    def __init__(self, answers):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answers = answers
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        query, peer = self.socket.recvfrom(4096)
        for octets in self.answers(query):
            self.socket.sendto(octets, peer)


def reply(query, flags=0x8400, question=None, id=None, ancount=0, rest=b""):
    head = struct.pack(">HHHHHH", id if id is not None else
                       struct.unpack(">H", query[:2])[0], flags, 1, ancount,
                       0, 0)
    return head + (question or query[12:]) + rest


def lie(run, answers, **conf):
    server = Liar(answers)
    conf.setdefault("timeout_ms", 300)
    return run(kind="dns", port=server.port, name="example.com", **conf)


def test_forged_answers_are_ignored(run):
    def answers(query):
        id = struct.unpack(">H", query[:2])[0]
        yield reply(query, id=id ^ 1, flags=0x8402)
        yield query
        yield reply(query, flags=0x8402,
                    question=b"\3www\0" + struct.pack(">HH", 1, 1))
        yield b""
        yield b"\0"
        yield reply(query)
    good(lie(run, answers))


def test_only_forged_answers_is_a_timeout(run):
    bad(lie(run, lambda q: [reply(q, id=0), reply(q, id=1)] * 20), "timeout",
        "UDP query to 127.0.0.1:")


def test_a_case_of_its_own_in_the_question_is_the_same_name(run):
    good(lie(run, lambda q: [reply(q, question=q[12:].upper())]))


def test_broken_answers_fail(run):
    bad(lie(run, lambda q: [q[:2] + b"\x84\0" + b"\xff" * 20]), "answer",
        "is no well-formed DNS message")
    bad(lie(run, lambda q: [reply(q, ancount=9)]), "answer", "well-formed")


def test_formerr_without_a_question_is_an_answer(run):
    def answers(query):
        return [query[:2] + struct.pack(">HHHHH", 0x8001, 0, 0, 0, 0)]
    bad(lie(run, answers), "answer", "rcode FORMERR")


def test_truncated_and_no_tcp_is_refused(run):
    bad(lie(run, lambda q: [reply(q, flags=0x8600)]), "refused", "connect to")


@pytest.mark.parametrize("octets, cause", [
    (b"", "closed"), (b"\0", "closed"), (b"\0\xff\0", "closed"),
    (b"\0\0", "answer"), (b"\0\4abcd", "answer"),
])
def test_broken_streams(run, octets, cause):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            peer, _ = server.accept()
            peer.recv(4096)
            peer.sendall(octets)
            peer.close()
        thread = threading.Thread(target=serve)
        thread.start()
        r = run(kind="dns", port=server.getsockname()[1], tcp=True,
                name="example.com")
        thread.join()
    assert (r["verdict"], r["cause"]) == ("fail", cause), r
