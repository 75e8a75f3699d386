# SPDX-License-Identifier: ISC
"""10,000 announce/withdraw cycles and 1,000 reloads under ASan and UBSan: no
report, no leak, no descriptor left."""

import os
import subprocess
import textwrap
import time

from stage import ADDRESS, ASN, PREFIX, ROOT, ROUTER_ASN, Stage, pss, table
from lab import Basin

CYCLES, RELOADS = 10_000, 1_000
SANITIZED = ROOT / "build-asan"


def config(stage, prepend):
    return textwrap.dedent(f"""
        node: {{name: node, asn: {ASN}, router_id: 10.255.1.1, linger: 0s}}
        log: {{level: error}}
        services:
          web:
            addresses: [{ADDRESS}]
            checks: [{{tcp: {{port: 9002}}, interval: 100ms}}]
        prefixes:
          {PREFIX}: {{services: [web]}}
        peers:
          router: {{address: {stage.remote}, asn: {ROUTER_ASN}, prepend: {prepend}}}
        """)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def build():
    if not (SANITIZED / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(SANITIZED),
                        "-Db_sanitize=address,undefined", "-Db_lundef=false"],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(SANITIZED), "--quiet"], check=True)


def cycle(stage, node, n):
    """Drains and undrains; now and then waits until BIRD has followed."""
    for i in range(n):
        node.ask("drain", target="node", reason="soak")
        if i % 100 == 0:
            stage.wait_prefix(there=False)
        node.ask("undrain", target="node")
        if i % 100 == 0:
            stage.wait_prefix()
    node.process.check()


def reload(stage, node, n):
    for i in range(n):
        node.configure(config(stage, i % 3))
        node.ask("reload")
    node.process.check()


def run(runs):
    print(f"{CYCLES:,} announce/withdraw cycles and {RELOADS:,} reloads "
          "under ASan and UBSan")
    build()
    os.environ["BASIN_BUILD"] = str(SANITIZED)
    from contestants import http_service
    with Stage() as stage:
        stage.wire.close()
        stage.open()
        http_service(stage)
        node = Basin(stage.node, config(stage, 0), options=["--no-sandbox"])
        node.start(env={"ASAN_OPTIONS": "detect_leaks=1:quarantine_size_mb=8",
                        "UBSAN_OPTIONS": "halt_on_error=1"})
        stage.wait_prefix()
        pid, helper = node.process.pid, node.helper_pid()
        cycle(stage, node, 100)
        reload(stage, node, 10)
        time.sleep(1)
        before = descriptors(pid), descriptors(helper), pss([pid, helper])
        began = time.monotonic()
        cycle(stage, node, CYCLES)
        reload(stage, node, RELOADS)
        took = time.monotonic() - began
        stage.wait_prefix()
        time.sleep(1)  # the last control connection is closed by now
        after = descriptors(pid), descriptors(helper), pss([pid, helper])
        node.terminate()
        status = node.process.wait(20)
        reports = [line for line in node.log().splitlines()
                   if "ERROR:" in line or "runtime error" in line]
    table(["what", "before", "after"], [
        ["descriptors, main", before[0], after[0]],
        ["descriptors, helper", before[1], after[1]],
        ["PSS MB (with ASan's own)", f"{before[2] / 1e6:.1f}",
         f"{after[2] / 1e6:.1f}"]])
    print(f"  {took:.0f} s, exit status {status}, sanitizer reports: "
          f"{len(reports)}")
    for line in reports[:5]:
        print("  " + line)
    if status or reports or before[:2] != after[:2]:
        raise SystemExit("soak: not clean")
