# SPDX-License-Identifier: ISC
"""The udp check against a real NSD, asked with octets by hand."""
import socket

import pytest

from verdicts import bad

# Header (id "ab", one question), www.example.com A IN.
QUERY = ("ab\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
         "\x03www\x07example\x03com\x00\x00\x01\x00\x01")


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_answer(run, nsd, target):
    for r in run(kind="udp", port=nsd.port, target=target, send=QUERY,
                 expect="\x07example", runs=20):
        assert r["verdict"] == "pass", r
    bad(run(kind="udp", port=nsd.port, target=target, send=QUERY,
            expect="example.net"), "answer",
        'expected "example.net", the answer is "ab')


def test_nobody_answers(run):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        bad(run(kind="udp", port=port, send="x", timeout_ms=100), "timeout",
            f"UDP to 127.0.0.1:{port}: no answer within 100 ms")
    bad(run(kind="udp", port=port, send="x"), "refused",
        "connection refused")
