# SPDX-License-Identifier: ISC
"""What nobody configured is not loaded; what is missing is said."""
import json
import shutil
import subprocess

import pytest

MODULES = {
    "http": {"url": "http://127.0.0.1:1/"},
    "dns": {"name": "example.com", "port": 1},
    "tcp": {"port": 1, "tls": {}},
}


def traced(program, conf):
    """The modules that the program opened."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    done = subprocess.run(
        ["strace", "-f", "-e", "trace=openat", program, json.dumps(conf)],
        capture_output=True, text=True, timeout=30)
    return [name for name in ("check_http", "check_dns", "check_tls",
                              "libcurl", "libldns", "libssl")
            if f"{name}.so" in done.stderr]


@pytest.mark.parametrize("conf, loaded", [
    ({"kind": "tcp", "port": 1}, []),
    ({"kind": "tcp", "port": 1, "tls": {}}, ["check_tls", "libssl"]),
    ({"kind": "dns", "port": 1, "name": "x"}, ["check_dns", "libldns"]),
])
def test_only_what_is_needed_is_loaded(program, conf, loaded):
    conf = {"target": "127.0.0.1", **conf}
    assert set(traced(program, conf)) - {"libssl"} == set(loaded) - {"libssl"}
    if not loaded:
        assert traced(program, conf) == []


@pytest.mark.parametrize("kind", MODULES)
def test_a_missing_module_is_said(program, tmp_path, kind):
    alone = tmp_path / "bin" / "checkrun"
    alone.parent.mkdir()
    shutil.copy(program, alone)
    conf = {"kind": kind, "target": "127.0.0.1", **MODULES[kind]}
    done = subprocess.run([alone, json.dumps(conf)], capture_output=True,
                          text=True, timeout=30)
    if done.returncode == 0:
        pytest.skip("the module is installed on this machine")
    assert done.stdout == ""
    assert "cannot be checked: its module is not installed" in done.stderr
