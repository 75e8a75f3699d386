# SPDX-License-Identifier: ISC
"""What the first screen of the README shows is what happens."""

import pathlib
import re

import pytest

from lab import Basin, Bird, Nsd, wait_until

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def block(start):
    """The fenced block that begins with `start`."""
    for text in re.findall(r"```\w*\n(.*?)```", README.read_text(), re.S):
        if text.startswith(start):
            return text
    raise AssertionError(f"README has no block that begins with {start}")


def timeless(text):
    """Without durations, and columns as one blank."""
    text = re.sub(r"\d+ (ms|s|min|h)( \d+ (s|min))?", "T", text)
    return [re.sub(r" +", " ", line).strip() for line in text.splitlines()
            if line.strip()]


@pytest.fixture
def node(lab):
    box, router = lab.namespace("node"), lab.namespace("router")
    link = lab.link(box, router)
    box.ip(f"addr add 203.0.113.2/24 dev {link.interface(box)}")
    router.ip(f"addr add 203.0.113.1/24 dev {link.interface(router)}")
    bird = Bird(router, 65000)
    bird.peer("203.0.113.2", 65010, passive=True, families=(4,))
    bird.start()
    Nsd(box, ["198.51.100.53"], "nyc1").start()
    basin = Basin(box, block("node:")).start()
    wait_until(lambda: bird.has("198.51.100.0/24"), 10, basin.log)
    return basin


def test_the_configuration_gives_the_status_that_is_shown(node):
    shown = block("$ basin status")
    status, seen = node.command("status")
    assert status == 0
    assert timeless(seen) == timeless(shown)[1:]
