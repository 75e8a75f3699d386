# SPDX-License-Identifier: ISC
"""The recipes of examples/recipes against the real servers: each one started
on loopback, fine, then broken in the ways the recipe speaks of."""
import glob
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

from servers import free_port, stop, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BASIN_BUILD", ROOT / "build"))
RECIPES = sorted((ROOT / "examples/recipes").glob("*.yaml"))
PATH = ":".join(["/usr/sbin", *glob.glob("/usr/lib/postgresql/*/bin"),
                 os.environ["PATH"]])


def need(*programs):
    for program in programs:
        if not shutil.which(program, path=PATH):
            pytest.skip(f"{program} is not installed")
    if os.getuid():
        pytest.skip("needs root, to start servers as their users")


def which(program):
    return shutil.which(program, path=PATH)


@pytest.fixture
def folder():
    """One that servers which are not root may enter."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


@pytest.fixture
def servers():
    """servers(words, **popen): started, and stopped at the end."""
    running = []

    def start(*words, **more):
        running.append(subprocess.Popen(
            [which(words[0]), *map(str, words[1:])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more))
        return running[-1]

    yield start
    for process in running:
        stop(process)


@pytest.fixture
def recipe(tmp_path):
    """recipe(name, port, replace): the checks' results, by name."""
    tool = BUILD / "tests/unit/check/checkfile"
    if not tool.exists():
        pytest.skip(f"{tool} is not built")
    path = tmp_path / "recipe.yaml"

    def run(name, port):
        text = (ROOT / f"examples/recipes/{name}.yaml").read_text()
        address = re.search(r"addresses: \[([0-9.]+)\]", text)[1]
        was = re.search(r"port: ([0-9]+)", text)[1]
        # The service's address stays; checks go to loopback.
        head, checks = text.split("checks:\n")
        checks = re.sub(rf"\b{was}\b", str(port), checks)
        checks = checks.replace(address, "127.0.0.1")
        checks = re.sub("- (tcp|udp):", r"- address: 127.0.0.1\n        \1:",
                        checks)
        text = f"{head}checks:\n{checks}"
        path.write_text(text)
        done = subprocess.run([tool, path], capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, done.stderr + text
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {re.sub("^[^/]*/([a-z]*).*", r"\1", r["name"]): r
                for r in lines}
    return run


def verdicts(results):
    return {name: r["verdict"] for name, r in results.items()}


def until(recipe, name, port, verdict, words=None, seconds=30):
    """Until all checks are so, or each as said, and the words are told: a
    server may need a moment until it is what it is told to be."""
    end = time.monotonic() + seconds
    while True:
        results = recipe(name, port)
        expected = (verdict if isinstance(verdict, dict)
                    else dict.fromkeys(results, verdict))
        told = " ".join(f"{r['cause']} {r['detail']}"
                        for r in results.values())
        if verdicts(results) == expected and (words or "") in told:
            return
        assert time.monotonic() < end, results
        time.sleep(0.1)


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_the_recipes_load(path):
    done = subprocess.run([BUILD / "src/cli/basin", "check", path],
                          capture_output=True, text=True, check=False)
    if "found no file" in done.stderr or "does not exist" in done.stderr:
        pytest.skip("its program is not installed")
    assert done.returncode == 0, done.stderr


def test_every_recipe_is_in_the_page():
    page = (ROOT / "docs/recipes.md").read_text()
    for path in RECIPES:
        assert f"examples/recipes/{path.name}" in page


# ---- PostgreSQL ----

def as_postgres(*words):
    subprocess.run([which(words[0]), *map(str, words[1:])], check=True,
                   user="postgres", group="postgres", extra_groups=[],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   cwd="/")


def test_postgresql(recipe, servers, folder):
    need("initdb", "postgres", "psql")
    shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", free_port()
    as_postgres("initdb", "-D", data, "-A", "trust", "--no-sync",
                "--no-locale", "-E", "UTF8", "-U", "basin")
    begin = ["postgres", "-D", data, "-p", port, "-k", folder, "-F",
             "-c", "listen_addresses=127.0.0.1"]
    user = {"user": "postgres", "group": "postgres", "extra_groups": [],
            "cwd": "/"}
    server = servers(*begin, **user)
    wait_for_port(port, server)
    sql = ["psql", "-h", folder, "-p", port, "-U", "basin", "postgres",
           "-qc"]
    end = time.monotonic() + 20
    while True:
        try:
            as_postgres(*sql, "CREATE DATABASE basin")
            break
        except subprocess.CalledProcessError:
            assert time.monotonic() < end
            time.sleep(0.1)
    until(recipe, "postgresql", port, "pass")
    # Read-only, as a standby is: it answers, but cannot be written to.
    # psql's exit status 1 is the statement's, 2 the connection's.
    as_postgres(*sql, "ALTER SYSTEM SET default_transaction_read_only = on")
    as_postgres(*sql, "SELECT pg_reload_conf()")
    until(recipe, "postgresql", port, {"tcp": "pass", "exec": "degraded"},
          "read-only")
    # No connection is left: an error instead of a question.
    stop(server)
    server = servers(*begin, "-c", "max_connections=3", "-c",
                     "superuser_reserved_connections=0", "-c",
                     "max_wal_senders=0", "-c",
                     "default_transaction_read_only=off", **user)
    wait_for_port(port, server)
    until(recipe, "postgresql", port, "pass")
    for _ in range(3):
        servers("psql", "-h", folder, "-p", port, "-U", "basin", "postgres",
                "-c", "SELECT pg_sleep(600)", **user)
    until(recipe, "postgresql", port, "fail", "too many clients")
    stop(server, signal.SIGQUIT)
    until(recipe, "postgresql", port, "fail", "refused")


# ---- Redis ----

def resp(port, *words):
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        s.sendall((" ".join(words) + "\r\n").encode())
        return s.recv(1000).decode()


def test_redis(recipe, servers, folder):
    need("redis-server")
    port = free_port()
    server = servers("redis-server", "--port", port, "--bind", "127.0.0.1",
                     "--save", "", "--dir", folder)
    wait_for_port(port, server)
    until(recipe, "redis", port, "pass")
    assert resp(port, "REPLICAOF", "127.0.0.1", "1").startswith("+OK")
    until(recipe, "redis", port, {"answers": "pass", "is-master": "fail"})
    assert resp(port, "REPLICAOF", "NO", "ONE").startswith("+OK")
    until(recipe, "redis", port, "pass")
    assert resp(port, "CONFIG", "SET", "requirepass", "x").startswith("+OK")
    until(recipe, "redis", port, "fail", "NOAUTH")
    stop(server)
    until(recipe, "redis", port, "fail", "refused")


# ---- RADIUS ----

RADIUSD = """
name = radiusd
prefix = /usr
logdir = {dir}
run_dir = {dir}
libdir = /usr/lib/freeradius
pidfile = {dir}/radiusd.pid
max_requests = 256
security {{
    status_server = yes
}}
thread pool {{
    start_servers = 1
    max_servers = 1
    min_spare_servers = 1
    max_spare_servers = 1
}}
client loopback {{
    ipaddr = 127.0.0.1
    secret = {secret}
}}
modules {{
}}
server default {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    authorize {{
    }}
    authenticate {{
    }}
}}
"""


def status_server(secret):
    """RFC 5997 with a Message-Authenticator (RFC 3579), as in the page."""
    head = struct.pack("!BBH", 12, 1, 38) + bytes(range(16)) + b"\x50\x12"
    return head + hmac.new(secret, head + bytes(16), hashlib.md5).digest()


def test_the_octets_for_radius():
    escaped = "".join(f"\\x{b:02x}" for b in status_server(b"testing123"))
    for path in ("examples/recipes/radius.yaml", "docs/recipes.md"):
        assert escaped in (ROOT / path).read_text()


def test_the_page_makes_the_octets_for_radius():
    page = (ROOT / "docs/recipes.md").read_text()
    program = re.search(r"```python\n(.*?)```", page, re.S)[1]
    done = subprocess.run(["/usr/bin/python3", "-c", program],
                          capture_output=True, text=True, check=True)
    escaped = "".join(f"\\x{b:02x}" for b in status_server(b"testing123"))
    assert done.stdout.strip() == escaped


def test_radius(recipe, servers, folder):
    need("freeradius")

    def start(secret):
        (folder / "radiusd.conf").write_text(
            RADIUSD.format(dir=folder, port=port, secret=secret))
        return servers("freeradius", "-f", "-l", "stdout", "-d", folder)

    port = free_port()
    server = start("testing123")
    until(recipe, "radius", port, "pass")
    stop(server)
    until(recipe, "radius", port, "fail", "refused")
    # The same question is no request to a server with another secret.
    start("another")
    until(recipe, "radius", port, "fail", "timeout")


# ---- SMTP ----

EXIM = """
spool_directory = {dir}/spool
log_file_path = {dir}/%slog
primary_hostname = mail.example.com
exim_user = Debian-exim
exim_group = Debian-exim
host_lookup =
acl_smtp_connect = {acl}
begin acl
full:
  deny message = too busy
"""


def test_smtp(recipe, servers, folder):
    need("exim4")
    shutil.chown(folder, "Debian-exim", "Debian-exim")
    port = free_port()

    def start(acl):
        (folder / "exim.conf").write_text(
            EXIM.format(dir=folder, acl=acl))
        server = servers("exim4", "-C", folder / "exim.conf", "-bdf", "-oX",
                         f"127.0.0.1.{port}")
        wait_for_port(port, server)
        return server

    server = start("accept")
    until(recipe, "smtp", port, "pass")
    stop(server)
    until(recipe, "smtp", port, "fail", "refused")
    start("full")
    until(recipe, "smtp", port, "fail", "550 too busy")


# ---- LDAP ----

SLAPD = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/slapd.pid
{more}
database mdb
suffix "dc=example,dc=com"
directory {dir}/db
"""
ENTRY = """dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example
"""


def test_ldap(recipe, servers, folder):
    need("slapd", "slapadd", "ldapsearch")
    port = free_port()
    (folder / "db").mkdir()

    def start(more):
        (folder / "slapd.conf").write_text(
            SLAPD.format(dir=folder, more=more))
        server = servers("slapd", "-d", "0", "-f", folder / "slapd.conf",
                         "-h", f"ldap://127.0.0.1:{port}")
        wait_for_port(port, server)
        return server

    server = start("")
    # The server answers, but there is no entry yet.
    until(recipe, "ldap", port, {"tcp": "pass", "exec": "fail"}, "exit_code")
    stop(server)
    subprocess.run([which("slapadd"), "-f", folder / "slapd.conf"],
                   input=ENTRY, text=True, check=True, capture_output=True)
    server = start("")
    until(recipe, "ldap", port, "pass")
    stop(server)
    until(recipe, "ldap", port, "fail", "refused")
    start("disallow bind_anon")
    until(recipe, "ldap", port, "fail", "expected")
