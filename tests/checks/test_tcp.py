# SPDX-License-Identifier: ISC
"""The tcp check with TLS, against a real nginx."""
import socket

import pytest

from verdicts import bad, good

REQUEST = "GET / HTTP/1.0\r\nHost: www.example\r\n\r\n"


@pytest.fixture
def tls(run, nginx, certificates):
    def call(port=None, tls=None, **conf):
        tls = {"ca_file": certificates.ca, **(tls or {})}
        return run(kind="tcp", port=port or nginx.https, tls=tls, **conf)
    return call


def test_plain(run, nginx):
    good(run(kind="tcp", port=nginx.http))
    good(run(kind="tcp", port=nginx.http, send=REQUEST, expect="404"))


def test_tls(tls):
    """Without a name the certificate must be for the address."""
    good(tls())
    good(tls(tls={"server_name": "www.example"}))
    good(tls(tls={"server_name": "www.example"}, send=REQUEST,
             expect="sni=www.example"))
    bad(tls(tls={"server_name": "other.example"}), "certificate",
        "hostname mismatch")


def test_tls_trust(tls, certificates):
    bad(tls(tls={"ca_file": certificates.other}), "certificate",
        "certificate refused")
    bad(tls(tls={"ca_file": None}), "certificate", "certificate refused")
    good(tls(tls={"ca_file": certificates.other, "verify": False}))
    bad(tls(tls={"ca_file": "/does/not/exist"}), "local",
        "CA file /does/not/exist: no such file", verdict="unknown")
    bad(tls(tls={"ca_file": "/etc/hostname"}), "local", "CA file",
        verdict="unknown")


def test_tls_expiry(tls, nginx):
    bad(tls(port=nginx.expired), "certificate", "expired")
    bad(tls(port=nginx.expired, tls={"verify": False, "expiry_s": 1}),
        "certificate", "certificate expired")
    bad(tls(tls={"expiry_s": 20 * 86400}), "certificate",
        "certificate expires in")
    good(tls(tls={"expiry_s": 5 * 86400}))


def test_client_certificate(tls, nginx, certificates):
    good(tls(port=nginx.client, send=REQUEST, expect="CN=client", tls={
        "client_certificate": certificates.client,
        "client_key": certificates.key("client")}))
    bad(tls(tls={"client_certificate": "/none.pem"}), "local",
        "client certificate /none.pem: no such file", verdict="unknown")


def test_no_tls_there(tls, nginx):
    bad(tls(port=nginx.http), "tls", "TLS with 127.0.0.1:")


def test_a_silent_handshake_is_a_timeout(tls):
    with socket.create_server(("127.0.0.1", 0)) as server:
        bad(tls(port=server.getsockname()[1], timeout_ms=200), "timeout",
            "TLS handshake with 127.0.0.1:")


def test_many_runs(tls):
    for r in tls(runs=200):
        good(r)
