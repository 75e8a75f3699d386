# SPDX-License-Identifier: ISC
"""Fixtures of the network tests: `make test` runs them as root.

BASIN_BUILD    the build folder to test [build]
BASIN_OPTIONS  more words for basind; with LeakSanitizer: --no-sandbox
CHAOS_SEED, CHAOS_ROUNDS  another and a longer story for test_chaos.py
"""

import pytest

from lab import Lab, missing_tools
from lab.basin import cli_path, daemon_path
from lab.site import Site


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone: needs the laboratory only, not basind")


@pytest.fixture(scope="session")
def possible():
    lacking = missing_tools()
    if lacking:
        pytest.skip(f"network tests cannot run here: {lacking}")


@pytest.fixture
def lab(possible, request):
    if not request.node.get_closest_marker("alone"):
        for program in (daemon_path(), cli_path()):
            if not program.exists():
                pytest.skip(f"{program} is not built (BASIN_BUILD?)")
    with Lab() as laboratory:
        yield laboratory
    assert not laboratory.complaints, "\n".join(laboratory.complaints)


@pytest.fixture
def site(lab):
    """A node whose TCP service answers on both addresses."""
    return Site(lab).serve()
