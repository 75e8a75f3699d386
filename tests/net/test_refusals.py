# SPDX-License-Identifier: ISC
"""Forbidden, unreadable or broken: a clear word, and nothing changes."""

import contextlib
import resource
import socket

import pytest

from lab import wait_until
from lab.rootless import is_rootless
from lab.site import ASN, SERVICE4, node_text

pytestmark = pytest.mark.skipif(
    is_rootless(), reason="limits and mounts of other users need root")


@pytest.fixture
def running(site):
    """One upstream that has the routes."""
    upstream = site.upstream().expect().start()
    node = site.basind(upstream.peer())
    (node.dir / "state").mkdir()
    site.up = upstream
    yield site
    # whatever the test did, the daemon ends before its folders go
    if node.process and node.process.running():
        node.terminate()
        node.process.wait()


def begin(site):
    site.basin.start()
    site.up.wait_routes()
    return site.basin


def test_a_drain_into_a_forbidden_folder_is_refused(running):
    node = begin(running)
    (node.dir / "state").chmod(0o555)
    status, words = node.command("drain", "node", "--reason", "try", "--now")
    assert status == 1
    assert "Permission denied" in words
    running.up.wait_routes()


def test_broken_drains_keep_the_daemon_from_starting(running):
    state = running.basin.dir / "state" / "drains.json"
    state.write_text("{ half")
    running.basin.start(wait=False)
    assert running.basin.process.wait() == 1
    assert "drains.json:1" in running.basin.log()


@contextlib.contextmanager
def limit(descriptors):
    """What is started in it may open no more than so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(node):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(node.dir / "basin.sock"))
    return client


def test_without_descriptors_a_check_is_unknown_and_then_down(site):
    """Unknown is not down at once, but no longer than unknown_limit."""
    upstream = site.upstream().expect().start()
    text = node_text().replace(
        "        fall: 1\n", "        fall: 1\n        unknown_limit: 1s\n")
    node = site.basind(upstream.peer(), node=text)
    with limit(40):
        node.start()
    upstream.wait_routes()
    crowd = [connect(node) for _ in range(40)]
    try:
        wait_until(lambda: "unknown" in node.log(), 5, node.log)
        assert upstream.router.has("192.0.2.0/24")
        upstream.wait_gone()
        assert "unknown_limit" in node.log()
        assert "too many open files" in node.log()
    finally:
        for client in crowd:
            client.close()
    upstream.wait_routes()


def test_a_file_that_became_unreadable_changes_nothing(running):
    node = begin(running)
    before = node.generation()
    node.path.chmod(0o600)
    node.reload()
    wait_until(lambda: "Permission denied" in node.log(), 5, node.log)
    assert node.generation() == before
    running.up.wait_routes()


def test_a_busy_port_is_named(site):
    upstream = site.upstream().expect()
    with site.node.socket() as squatter:
        squatter.bind(("127.0.0.1", 9179))
        squatter.listen()
        node = site.basind(upstream.peer(), http=True)
        node.start(wait=False)
        assert node.process.wait() == 1
    assert "127.0.0.1 port 9179" in node.log()
    assert SERVICE4 not in site.node.addresses()


def test_a_missing_user_is_said_before_anything_happens(site):
    upstream = site.upstream().expect()
    node = site.basind(upstream.peer(), options=["--user", "nobody-here"])
    node.start(wait=False)
    assert node.process.wait() == 64
    assert "useradd" in node.log()
    assert f"AS{ASN}" not in node.log()
