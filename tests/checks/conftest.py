# SPDX-License-Identifier: ISC
"""Real servers on loopback for the checks: nginx and NSD, one of each a run.

The program under test is checkrun of the build tree (BASIN_BUILD, else
build/). It is copied beside a link to the modules, so that it finds them the
way an installed daemon does.
"""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from servers import free_port, stop, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BASIN_BUILD", ROOT / "build"))


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    tool = BUILD / "tests/unit/check/checkrun"
    if not tool.exists():
        pytest.skip(f"{tool} is not built")
    root = tmp_path_factory.mktemp("program")
    (root / "bin").mkdir()
    shutil.copy(tool, root / "bin/checkrun")
    (root / "check").symlink_to(BUILD / "src/check")
    return root / "bin/checkrun"


@pytest.fixture(scope="session")
def run(program):
    """run(kind=..., ...): the results of that check, or the only one.

    A thread that outlives its check keeps a descriptor: thread_stays.
    """
    def call(runs=1, thread_stays=False, **conf):
        conf.setdefault("target", "127.0.0.1")
        conf = {k: v for k, v in conf.items() if v is not None}
        env = dict(os.environ, http_proxy="http://192.0.2.1:1",
                   ASAN_OPTIONS="detect_leaks=1")
        done = subprocess.run([program, json.dumps(conf), str(runs)],
                              capture_output=True, text=True, timeout=60,
                              env=env)
        assert done.returncode == 0 or thread_stays, done.stderr
        results = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(results) == runs
        return results if runs > 1 else results[0]
    return call


class Certificates:
    """An authority of the test's own and what it signed."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = self.make("ca", "/CN=test authority", None, 30,
                            "basicConstraints=critical,CA:TRUE")
        self.other = self.make("other", "/CN=another authority", None, 30,
                               "basicConstraints=critical,CA:TRUE")
        names = "subjectAltName=DNS:www.example,IP:127.0.0.1"
        self.good = self.make("good", "/CN=www.example", "ca", 10, names)
        self.expired = self.make("expired", "/CN=www.example", "ca", -1,
                                 names)
        self.client = self.make("client", "/CN=client", "ca", 10,
                                "extendedKeyUsage=clientAuth")

    def openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, cwd=self.folder,
                       capture_output=True)

    def make(self, name, subject, signer, days, extension):
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                     subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(extension + "\n")
        sign = ["-signkey", f"{name}.key"] if signer is None else [
            "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key",
            "-CAcreateserial"]
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-out",
                     f"{name}.pem", "-extfile", f"{name}.ext", "-days",
                     str(days), *sign)
        return str(self.folder / f"{name}.pem")

    def key(self, name):
        return str(self.folder / f"{name}.key")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


NGINX = """
daemon off; master_process off; worker_processes 1;
pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {dir}/b; proxy_temp_path {dir}/p;
    fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u;
    scgi_temp_path {dir}/s;
    default_type text/plain;
    server {{
        listen 127.0.0.1:{http}; listen [::1]:{http};
        server_name plain;
        location = /health {{
            add_header X-Node nyc1;
            return 200 '{{"status": "healthy", "checks": [{{"name": "db",
                "ok": true}}], "load": 0.50, "zones": 12}}';
        }}
        location = /host {{ return 200 "host=$http_host"; }}
        location = /method {{ return 200 "$request_method"; }}
        location = /header {{ return 200 "$http_x_token."; }}
        location = /remote {{ return 200 "$remote_addr"; }}
        location = /broken {{ return 503 "down"; }}
        location = /moved {{ return 302 /health; }}
        location = /circle {{ return 302 /circle; }}
        location /files/ {{ alias {dir}/; }}
    }}
    server {{
        listen 127.0.0.1:{https} ssl; server_name www.example;
        ssl_certificate {c.good}; ssl_certificate_key {good_key};
        location / {{ return 200 "sni=$ssl_server_name host=$http_host"; }}
    }}
    server {{
        listen 127.0.0.1:{expired} ssl; server_name www.example;
        ssl_certificate {c.expired}; ssl_certificate_key {expired_key};
        location / {{ return 200 "expired"; }}
    }}
    server {{
        listen 127.0.0.1:{client} ssl; server_name www.example;
        ssl_certificate {c.good}; ssl_certificate_key {good_key};
        ssl_client_certificate {c.ca}; ssl_verify_client on;
        location / {{ return 200 "$ssl_client_s_dn"; }}
    }}
}}
"""


class Nginx:
    pass


@pytest.fixture(scope="session")
def nginx(tmp_path_factory, certificates):
    if not shutil.which("nginx", path="/usr/sbin:" + os.environ["PATH"]):
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    server = Nginx()
    server.folder = folder
    for name in ("http", "https", "expired", "client"):
        setattr(server, name, free_port())
    (folder / "big").write_bytes(b"x" * 1_000_000 + b"needle")
    (folder / "aaa").write_bytes(b"a" * 60_000)
    (folder / "nginx.conf").write_text(NGINX.format(
        dir=folder, c=certificates, good_key=certificates.key("good"),
        expired_key=certificates.key("expired"), http=server.http,
        https=server.https, expired=server.expired, client=server.client))
    process = subprocess.Popen(
        ["/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf"],
        stderr=subprocess.DEVNULL)
    try:
        for port in (server.http, server.client):
            wait_for_port(port, process)
        yield server
    finally:
        stop(process)


NSD = """
server:
    ip-address: 127.0.0.1
    ip-address: ::1
    port: {port}
    zonesdir: "{dir}"
    database: ""
    zonelistfile: "{dir}/zone.list"
    pidfile: "{dir}/nsd.pid"
    xfrdfile: "{dir}/xfrd.state"
    xfrdir: "{dir}"
    username: ""
    nsid: "ascii_nyc1"
    identity: "nyc1.example"
    server-count: 1
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: example.com
    zonefile: example.zone
"""

ZONE = """$ORIGIN example.com.
$TTL 60
@ SOA ns1.Example.com. host 2026112201 3600 900 604800 60
@ NS ns1
@ NS ns2.example.net.
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
www A 192.0.2.1
www A 192.0.2.2
txt TXT "v=spf1 -all"
two TXT "one" "two words"
child NS ns.child
ns.child A 192.0.2.99
"""


class Nsd:
    pass


@pytest.fixture(scope="session")
def nsd(tmp_path_factory):
    if not shutil.which("nsd", path="/usr/sbin:" + os.environ["PATH"]):
        pytest.skip("nsd is not installed")
    folder = tmp_path_factory.mktemp("nsd")
    server = Nsd()
    server.port = free_port()
    big = "".join(f"big TXT \"{i:03d} {'x' * 60}\"\n" for i in range(60))
    (folder / "example.zone").write_text(ZONE + big)
    (folder / "nsd.conf").write_text(
        NSD.format(dir=folder, port=server.port))
    process = subprocess.Popen(
        ["/usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"],
        stderr=subprocess.DEVNULL)
    try:
        wait_for_port(server.port, process)
        yield server
    finally:
        stop(process)
