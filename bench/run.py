#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Measures basin side by side with what people run today.

    bench/run.py [--runs N] [NAME ...]      all, or some of the benchmarks

Peers that are not installed are named and left out. Numbers are medians with
their smallest and largest; compare ratios, the machine's speed drifts.
"""

import argparse
import importlib
import os
import pathlib
import platform
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

NAMES = ["failover", "phases", "crash", "cold", "footprint", "thousand",
         "bulk", "feed", "drain", "events", "bfd", "upgrade",
         "reload", "simulate", "soak"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build-dir", default="build", type=pathlib.Path)
    parser.add_argument("--runs", default=5, type=int)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=" ".join(NAMES))
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown: {' '.join(unknown)}; known: "
                     f"{' '.join(NAMES)}")
    if os.geteuid() != 0:
        parser.error("needs root: it makes network namespaces")
    os.environ["BASIN_BUILD"] = str(options.build_dir.resolve())
    print(f"{platform.release()}, {os.cpu_count()} cores, "
          f"{time.strftime('%Y-%m-%d')}\n")
    for name in options.names or NAMES:
        importlib.import_module(name).run(options.runs)
        print(flush=True)


if __name__ == "__main__":
    main()
