# SPDX-License-Identifier: ISC
"""The http check against a real nginx."""
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from verdicts import bad, good


@pytest.fixture
def get(run, nginx):
    def call(path, **conf):
        return run(kind="http", url=f"http://localhost:{nginx.http}{path}",
                   **conf)
    return call


@pytest.fixture
def tls(run, nginx, certificates):
    """The good server, trusted through the test's authority."""
    def call(port=None, host="www.example", tls=None, **conf):
        port = port or nginx.https
        tls = {"ca_file": certificates.ca, **(tls or {})}
        return run(kind="http", url=f"https://{host}:{port}/", tls=tls,
                   **conf)
    return call


def test_status(get):
    assert good(get("/health"))["detail"] == "status 200"
    bad(get("/broken"), "answer", "status 503, expected 200-299")
    good(get("/broken", status_low=500, status_high=599))
    bad(get("/missing"), "answer", "status 404")


def test_ipv6_and_names(get, run, nginx):
    good(get("/health", target="::1"))
    good(run(kind="http", target=None,
             url=f"http://[::1]:{nginx.http}/health"))
    good(get("/health", target=None))


def test_body(get):
    good(get("/health", body='"healthy"'))
    bad(get("/health", body="sick"), "answer",
        'body does not contain "sick"; it begins "{')
    good(get("/health", body_regex='"zones": [0-9]+'))
    bad(get("/health", body_regex="^zones$"), "answer",
        'body does not match "^zones$"')


def test_json(get):
    good(get("/health", json={"status": "healthy", "checks.0.ok": "true",
                              "zones": "12", "load": "0.5"}))
    bad(get("/health", json={"status": "sick"}), "answer",
        'JSON field status is "healthy", expected "sick"')
    bad(get("/health", json={"checks.1.ok": "true"}), "answer",
        'answer has no JSON field checks.1.ok, expected "true"')
    bad(get("/health", json={"checks": "x"}), "answer", '"[...]"')
    bad(get("/host", json={"status": "healthy"}), "answer",
        "body is no JSON")


def test_headers(get, nginx):
    good(get("/health", expect_headers={"x-node": "nyc1"}))
    bad(get("/health", expect_headers={"X-Node": "lon1"}), "answer",
        'header X-Node is "nyc1", expected "lon1"')
    bad(get("/health", expect_headers={"X-None": "1"}), "answer",
        "answer has no header X-None")
    good(get("/header", headers={"X-Token": "abc"}, body="abc."))
    good(get("/host", host="service.example", body="host=service.example"))
    good(get("/host", body=f"host=localhost:{nginx.http}"))


def test_method(get):
    good(get("/method", method="POST", body="POST"))
    good(get("/method", method="OPTIONS", body="OPTIONS"))
    good(get("/health", method="HEAD"))


def test_redirects_are_not_followed_unless_asked(get):
    bad(get("/moved"), "answer", "status 302")
    good(get("/moved", follow_redirects=True, body="healthy"))
    bad(get("/circle", follow_redirects=True), "answer", "redirects")


def test_source(get):
    good(get("/remote", source="127.0.0.7", body="127.0.0.7"))
    bad(get("/remote", source="192.0.2.1"), "local",
        "source address 192.0.2.1: is not an address of this node",
        verdict="unknown")


def test_a_long_body_is_cut(get):
    good(get("/files/big", body="xxxx"))
    bad(get("/files/big", body="needle"), "answer", "does not contain")
    good(get("/files/big"))


def test_a_long_body_is_matched_in_a_thread(get):
    good(get("/files/big", body_regex="x{3}"))
    bad(get("/files/big", body_regex="^y"), "answer", "does not match")
    good(get("/health", body_regex=r"(l)th.*d(b)"))


def test_an_endless_match_is_unknown_and_holds_nothing(get):
    results = get("/files/aaa", runs=2, body_regex="(a+)+b", timeout_ms=300,
                  thread_stays=True)
    bad(results[0], "local", "body_regex for http://", verdict="unknown")
    bad(results[1], "local", "body_regex is still at the answer before",
        verdict="unknown")
    assert results[1]["seconds"] < 5


def test_nobody_there(run):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        r = run(kind="http", url=f"http://localhost:{port}/")
    bad(r, "refused", f"http://localhost:{port}/ at 127.0.0.1: "
        "connection refused")


def test_a_name_that_does_not_resolve_is_unknown(run):
    bad(run(kind="http", target=None, url="http://no.such.invalid/"),
        "local", "resolve", verdict="unknown")


def test_a_bad_url_is_unknown(run):
    bad(run(kind="http", url="http://[::bad/"), "local", "cannot be asked",
        verdict="unknown")
    bad(run(kind="http", url="file:///etc/passwd"), "answer", "file")


def test_tls(tls, nginx):
    good(tls(body=f"sni=www.example host=www.example:{nginx.https}"))
    good(tls(tls={"expiry_s": 5 * 86400}))


def test_tls_server_name(tls, nginx):
    """Another name is verified; where to and the Host header stay."""
    good(tls(host="localhost", tls={"server_name": "www.example"},
             body=f"sni=www.example host=localhost:{nginx.https}"))
    bad(tls(host="localhost"), "certificate", "")
    good(tls(host="localhost", tls={"server_name": "www.example"},
             target=None))


def test_tls_trust(tls, certificates):
    bad(tls(tls={"ca_file": certificates.other}), "certificate",
        "certificate")
    bad(tls(tls={"ca_file": None}), "certificate", "certificate")
    good(tls(tls={"ca_file": certificates.other, "verify": False}))
    bad(tls(tls={"ca_file": "/does/not/exist"}), "local", "",
        verdict="unknown")


def test_tls_expiry(tls, nginx):
    bad(tls(port=nginx.expired), "certificate", "expired")
    good(tls(port=nginx.expired, tls={"verify": False}))
    bad(tls(port=nginx.expired, tls={"verify": False, "expiry_s": 1}),
        "certificate", "certificate expired")
    bad(tls(tls={"expiry_s": 20 * 86400}), "certificate",
        "certificate expires in")


def test_client_certificate(tls, nginx, certificates):
    bad(tls(port=nginx.client), "answer", "status 400")
    good(tls(port=nginx.client, body="CN=client", tls={
        "client_certificate": certificates.client,
        "client_key": certificates.key("client")}))
    bad(tls(port=nginx.client, tls={"client_certificate": "/none.pem"}),
        "local", "", verdict="unknown")


class Server:
    """Accepts once, says something, and goes or stays silent."""

    def __init__(self, octets, stay=False):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.octets, self.stay = octets, stay
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        peer, _ = self.socket.accept()
        peer.recv(4096)
        peer.sendall(self.octets)
        if self.stay:
            peer.settimeout(10)
            try:
                peer.recv(1)
            except OSError:
                pass
        peer.close()
        self.socket.close()


@pytest.mark.parametrize("octets, cause", [
    (b"", "closed"),
    (b"SSH-2.0-x\r\n", "answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "closed"),
])
def test_garbage(run, octets, cause):
    server = Server(octets)
    r = run(kind="http", url=f"http://localhost:{server.port}/")
    assert (r["verdict"], r["cause"]) == ("fail", cause), r
    server.thread.join()


def test_foreign_octets_are_escaped(run):
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n\033]0;title\007\n")
    r = run(kind="http", url=f"http://localhost:{server.port}/", body="up")
    bad(r, "answer", "\\x1b]0;title\\x07\\x0a")
    server.thread.join()


@pytest.mark.parametrize("octets", [
    b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
def test_silence_is_a_timeout(run, octets):
    server = Server(octets, stay=True)
    r = run(kind="http", url=f"http://localhost:{server.port}/",
            timeout_ms=200)
    bad(r, "timeout", "no answer within 200 ms")
    assert r["seconds"] < 5
    server.thread.join()


def test_no_tls_there(run, nginx):
    bad(run(kind="http", url=f"https://localhost:{nginx.http}/", tls={}),
        "tls", "")


def test_proxies_of_the_environment_are_ignored(get):
    """run() sets http_proxy to an address nobody has."""
    assert "192.0.2.1" not in os.environ.get("http_proxy", "")
    good(get("/health", target=None, timeout_ms=1000))


def test_many_runs(get):
    for r in get("/health", runs=500, json={"status": "healthy"}):
        good(r)

SILENT_RESOLVER = """
import os, socket, subprocess, sys
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"],
               check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 53))
subprocess.run(sys.argv[2:], timeout=4)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs its own namespaces")
def test_a_silent_name_server_is_unknown_and_holds_nothing(program, tmp_path):
    """Its thread waits ten seconds; the check and its end do not."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    conf = {"kind": "http", "url": "http://www.example/", "timeout_ms": 200}
    done = subprocess.run(
        ["unshare", "-mn", sys.executable, "-c", SILENT_RESOLVER, resolv,
         program, json.dumps(conf), "2"],
        capture_output=True, text=True, timeout=30)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    bad(results[0], "local", "name server for http://www.example/: "
        "no answer within 200 ms", verdict="unknown")
    bad(results[1], "local", "the name server did not answer lately",
        verdict="unknown")
