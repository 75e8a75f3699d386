# SPDX-License-Identifier: ISC
"""As its systemd unit starts it: few capabilities, folders given to root."""

import os
import pathlib
import re

import pytest

from lab.rootless import is_rootless

UNIT = (pathlib.Path(__file__).resolve().parents[2] /
        "packaging/systemd/basin.service")


def bounding_set():
    """The unit's CapabilityBoundingSet as setpriv(1) takes it."""
    line = re.search(r"^CapabilityBoundingSet=(.*)$", UNIT.read_text(), re.M)
    return "-all," + ",".join("+" + word.removeprefix("CAP_").lower()
                              for word in line[1].split())


def give_to_root(folder):
    """What systemd does to StateDirectory= before each start."""
    for path in [folder, *folder.iterdir()]:
        os.chown(path, 0, 0)
    folder.chmod(0o755)


@pytest.mark.skipif(is_rootless(), reason="needs users other than root")
def test_it_starts_again_and_again_with_the_unit_s_capabilities(site):
    upstream = site.upstream().expect().start()
    node = site.basind(upstream.peer())
    state = node.dir / "state"
    state.mkdir()
    for drained in (False, True):
        give_to_root(state)
        node.start(under=["setpriv", "--bounding-set", bounding_set(), "--"])
        assert node.ask("status")["drained"] is drained
        if not drained:
            upstream.wait_routes()
            node.cli("drain", "node", "--reason", "kept over the restart",
                     "--now")
        node.cli("show", "checks")
        node.terminate()
        assert node.process.wait() == 0
