# SPDX-License-Identifier: ISC
"""What a package brings, as the service manager starts it."""

import os
import pathlib
import re
import subprocess

import pytest

from lab import wait_until
from lab import basin as programs
from lab.basin import ROOT, build_dir
from lab.rootless import is_rootless
from lab.site import PREFIX4

UNIT = ROOT / "packaging/systemd/basin.service"


@pytest.fixture(name="usr", scope="session")
def fixture_usr(tmp_path_factory):
    """The installation below a DESTDIR that nobody else knows."""
    destination = tmp_path_factory.mktemp("destination")
    destination.chmod(0o755)
    for parent in destination.parents[:2]:
        parent.chmod(0o755)
    subprocess.run(["meson", "install", "-C", str(build_dir()),
                    "--no-rebuild", "--quiet", "--destdir",
                    str(destination)], check=True)
    (daemon,) = destination.rglob("basind")
    return daemon.parent.parent


def under_the_unit():
    """The capabilities that the unit leaves."""
    line = re.search(r"^CapabilityBoundingSet=(.*)$", UNIT.read_text(), re.M)
    kept = [f"+{name.lower().removeprefix('cap_')}"
            for name in line[1].split()]
    return ["setpriv", "--bounding-set", ",".join(["-all", *kept]), "--"]


def test_an_installation_has_everything(usr):
    for path in ("sbin/basind", "bin/basin",
                 "lib/systemd/system/basin.service",
                 "lib/sysusers.d/basin.conf",
                 "share/basin/basin.schema.json",
                 "share/bash-completion/completions/basin.bash",
                 "share/fish/vendor_completions.d/basin.fish",
                 "share/zsh/vendor-completions/_basin",
                 "share/man/man1/basin.1", "share/man/man8/basind.8",
                 "share/man/man5/basin.yaml.5",
                 "share/man/man7/basin-metrics.7",
                 "share/doc/basin/examples/minimal.yaml"):
        assert (usr / path).is_file(), path


def test_a_moved_installation_finds_its_modules(site, usr, monkeypatch):
    """The build folder's programs lie beside the build folder's modules."""
    monkeypatch.setattr(programs, "daemon_path",
                        lambda: pathlib.Path(usr / "sbin/basind"))
    site.basind(node=None, http=True, extra="  none: {address: 10.0.0.9, "
                "asn: 65001, families: [ipv4]}\n").start()
    maps = pathlib.Path(f"/proc/{site.basin.process.pid}/maps").read_text()
    assert str(usr.parent) in maps
    assert re.search(rf"{usr}/\S*/ctl_http\.so", maps)


@pytest.mark.skipif(is_rootless(), reason="needs capabilities of root")
def test_a_drain_outlives_a_restart_under_the_unit(site):
    """Root without CAP_DAC_OVERRIDE cannot read what it gave away."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    state = basin.dir / "state"
    basin.start(under=under_the_unit())
    transit.wait_routes()
    basin.cli("drain", "node", "--reason", "rack move", "--now")
    assert (state / "drains.json").stat().st_mode & 0o777 == 0o640
    basin.terminate()
    assert basin.process.wait() == 0
    basin.start(under=under_the_unit())
    assert "rack move" in basin.cli("status")
    basin.cli("undrain", "node")
    transit.wait_routes(PREFIX4)


@pytest.mark.skipif(is_rootless(), reason="needs capabilities of root")
def test_a_drain_is_found_when_root_has_taken_the_state(site):
    """systemd gives a StateDirectory to root before each start."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    state = basin.dir / "state"
    basin.start(under=under_the_unit())
    transit.wait_routes()
    basin.cli("drain", "node", "--reason", "rack move", "--now")
    basin.terminate()
    assert basin.process.wait() == 0
    for path in (state / "drains.json", state):
        os.chown(path, 0, 0)
    basin.start(under=under_the_unit())
    assert "rack move" in basin.cli("status")
    basin.cli("undrain", "node")
    transit.wait_routes(PREFIX4)


@pytest.mark.skipif(is_rootless(), reason="root reads everything there")
def test_a_file_only_root_can_read_is_named_at_the_start(site):
    basin = site.basind(extra="  none: {address: 10.0.0.9, asn: 65001, "
                        "families: [ipv4]}\n")
    basin.path.chmod(0o600)
    basin.start()
    wait_until(lambda: "a reload would fail" in basin.log(), 2, basin.log)
