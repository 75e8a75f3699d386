# SPDX-License-Identifier: ISC
"""The kinds that look at the node itself, run by the daemon in its sandbox."""

import os
import pathlib
import tempfile

import pytest

from lab.site import PREFIX4

NODE = """\
node: {{name: one, asn: 65000, router_id: 10.255.255.1, linger: 100ms}}
services:
  one:
    addresses: [192.0.2.53]
    checks:
      - {check}
        interval: 50ms
        timeout: 10s
        rise: 1
        fall: 1
prefixes:
  192.0.2.0/24: {{services: [one]}}
"""


def begin(site, check):
    upstream = site.upstream().expect(families=(4,)).start()
    node = site.basind(upstream.peer(families=(4,)),
                       node=NODE.format(check=check))
    return upstream, node


def say(path, text):
    """Never half written."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


@pytest.fixture
def folder():
    """One that the daemon's user may enter."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


def test_a_file_decides(site, folder):
    weight = folder / "weight"
    upstream, node = begin(
        site, f"file: {{path: {weight}, weight: true}}")
    say(weight, "100\n")
    node.start()
    upstream.wait_routes(PREFIX4)
    say(weight, "0\n")
    upstream.wait_gone(PREFIX4)
    assert "file says weight 0 of 100" in node.log()
    say(weight, "40\n")
    upstream.wait_routes(PREFIX4)
    weight.unlink()
    upstream.wait_gone(PREFIX4)
    assert "file does not exist" in node.log()


def test_the_node_itself_is_measured(site):
    """With limits that hold on every machine, then with one that does not."""
    upstream, node = begin(
        site, "system: {memory: {fail: 100%}, load: {fail: 900}, "
              "disk: {fail: 100%}, inodes: {fail: 100%}}")
    node.start()
    upstream.wait_routes(PREFIX4)
    check, = node.ask("show checks")["checks"]
    assert check["last"]["detail"].startswith("disk / used "), check
    node.configure(site.config(
        upstream.peer(families=(4,)),
        node=NODE.format(check="system: {memory: {fail: 1%}}")))
    node.ask("reload")
    upstream.wait_gone(PREFIX4)
    assert "expected less than 1%" in node.log()
