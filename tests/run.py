#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Runs every test: Meson's (unit, golden, scenario, corpus), the same under
ASan and UBSan, and pytest's (checks, network, manual). Ends with one line:
N passed, M failed, K skipped.
"""
import argparse
import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SANITIZED = "build-asan"


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, passed, failed, skipped):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def suites(report):
    """(passed, failed, skipped) of a JUnit file."""
    tests = failed = skipped = 0
    for suite in xml.parse(report).getroot().iter("testsuite"):
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0) or 0)
    return tests - failed - skipped, failed, skipped


def run_meson(build, count):
    report = build / "meson-logs/testlog.junit.xml"
    report.unlink(missing_ok=True)
    result = subprocess.run(
        ["meson", "test", "-C", str(build), "--no-rebuild",
         "--print-errorlogs"], stdout=subprocess.PIPE, text=True, check=False)
    tail = result.stdout[-6000:] if result.returncode else ""
    print(tail, end="")
    if report.exists():
        count.add(*suites(report))
    elif result.returncode:
        count.add(0, 1, 0)


def in_own_group(argv, env):
    """Exit status. Tests kill processes: a wrong signal must not end us."""
    process = subprocess.Popen(argv, env=env, start_new_session=True)
    try:
        return process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        raise


def side_by_side():
    """Words that spread test files over the cores; tests mostly wait."""
    if importlib.util.find_spec("xdist") is None:
        return []
    return ["-n", str(os.cpu_count()), "--dist", "loadfile"]


def run_pytest(build, count, words):
    report = build / "pytest.xml"
    report.unlink(missing_ok=True)
    folders = [str(ROOT / "tests" / name) for name in
               ("checks", "net", "sim") if (ROOT / "tests" / name).is_dir()]
    status = in_own_group(
        ["/usr/bin/python3", "-m", "pytest", "-q", "-rs",
         "-p", "no:cacheprovider", f"--junitxml={report}",
         *side_by_side(), *words, *folders],
        os.environ | {"BASIN_BUILD": str(build),
                      "PYTHONDONTWRITEBYTECODE": "1"})
    if report.exists():
        count.add(*suites(report))
    elif status:
        print(f"pytest ended with status {status} and without a report")
        count.add(0, 1, 0)


def build_sanitized():
    build = ROOT / SANITIZED
    if not (build / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(build),
                        "-Db_sanitize=address,undefined", "-Db_lundef=false"],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(build), "--quiet"], check=True)
    return build


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", default="build", type=pathlib.Path)
    parser.add_argument("--fast", action="store_true",
                        help="without sanitizers and network tests")
    parser.add_argument("pytest", nargs="*", help="words for pytest")
    options = parser.parse_args()
    build = options.build_dir.resolve()
    count = Count()

    print("== unit, golden, scenario and corpus tests", flush=True)
    run_meson(build, count)
    if not options.fast:
        print("== the same under ASan and UBSan", flush=True)
        run_meson(build_sanitized(), count)
        print("== with real servers and routers", flush=True)
        run_pytest(build, count, options.pytest)
    print(re.sub(r", 0 skipped$", "", str(count)))
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
