# SPDX-License-Identifier: ISC
"""A laboratory without root: a user namespace in which we are root.

Only one user exists there, so programs that change to a user of their own
are told to stay what they are.
"""

import os
import shutil
import subprocess
import sys
import tempfile

INSIDE = "BASIN_LAB_ROOTLESS"


def is_rootless():
    return INSIDE in os.environ


def become_root():
    """Runs this program again, as root of its own, when it is not root."""
    if os.environ.get(INSIDE) == "new":
        _settle()
        os.environ[INSIDE] = "settled"
    if os.geteuid() == 0:
        return
    if is_rootless() or not shutil.which("unshare"):
        sys.exit("run it as root, or permit user namespaces (unshare -Ur)")
    permitted = subprocess.run(["unshare", "-Ur", "-n", "-m", "true"],
                               capture_output=True, text=True, check=False)
    if permitted.returncode != 0:
        sys.exit("run it as root: user namespaces are not permitted here "
                 f"({permitted.stderr.strip()})")
    os.environ[INSIDE] = "new"
    os.execvp("unshare", ["unshare", "-Ur", "-n", "-m", "--propagation",
                          "private", sys.executable, *sys.argv])


def _settle():
    """FRR wants its user in group frrvty, and root is the only one here."""
    with open("/etc/group", encoding="utf-8") as file:
        groups = file.read().splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".group") as file:
        for line in groups:
            if line.startswith("frrvty:"):
                line += ("" if line.endswith(":") else ",") + "root"
            file.write(line + "\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/group"],
                       check=True)
