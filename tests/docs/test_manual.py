# SPDX-License-Identifier: ISC
"""The manual says everything the programs have, and nothing else."""
import json
import os
import re
import subprocess

import openmetrics

ROOT = os.environ["BASIN_SOURCE"]


def manual(name):
    with open(os.path.join(ROOT, "man", name), encoding="utf-8") as f:
        return f.read()


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True,
                          check=True).stdout


def table():
    return json.loads(run(os.environ["BASIN"], "help", "--all", "--json"))


def metrics_page():
    return run(os.environ["BASIN_METRICS"], "--metrics")


def written_commands():
    """{command or "": {option: value}} as basin(1) has them."""
    names = sorted((c["name"] for c in table()["commands"]), key=len,
                   reverse=True)
    seen = {"": {}}
    current = ""
    for line in manual("basin.1").splitlines():
        if item := re.match(r"\.It Cm (.*)", line):
            current = next((n for n in names
                            if re.match(re.escape(n) + r"( |$)", item[1])),
                           item[1])
            assert current not in seen, f"{current} stands there twice"
            seen[current] = {}
        elif item := re.match(r"\.It Fl -([a-z-]+)(?: Ar (\S+))?$", line):
            seen[current][item[1]] = item[2]
    return seen


def test_every_command_and_option_is_in_the_manual_and_vice_versa():
    known = {"": {o["name"]: o["value"] for o in table()["options"]}}
    for command in table()["commands"]:
        known[command["name"]] = {o["name"]: o["value"]
                                  for o in command["options"]}
    assert written_commands() == known


def test_examples_use_options_that_exist():
    for command in table()["commands"]:
        allowed = {o["name"] for o in command["options"]}
        allowed |= {o["name"] for o in table()["options"]}
        assert command["examples"], command["name"]
        for line in command["examples"]:
            assert line.startswith("basin ") or "basin " in line
            mine = line[line.index("basin "):].split("|")[0]
            for option in re.findall(r" --([a-z-]+)", mine):
                assert option in allowed, line


def written_metrics():
    """{name: (type, labels)} as basin-metrics(7) has them."""
    seen = {}
    lines = manual("basin-metrics.7").splitlines()
    for i, line in enumerate(lines):
        item = re.match(r"\.It Va (\S+)(?: Brq (.*))?$", line)
        if item:
            labels = item[2].replace(",", " ").split() if item[2] else []
            assert item[1] not in seen, f"{item[1]} stands there twice"
            seen[item[1]] = (lines[i + 1].rstrip(".").lower(), labels)
    return seen


def test_every_metric_is_in_the_manual_and_vice_versa():
    known = {}
    for family in openmetrics.parse(metrics_page()).values():
        for name, labels, _ in family.samples:
            known[name] = (family.type, list(labels))
    assert written_metrics() == known


def test_pages_are_in_the_manual():
    text = manual("basin-metrics.7")
    for page in ("/metrics", "/health", "/status.json"):
        assert f".It Pa {page}\n" in text


def test_every_command_is_in_the_protocol_and_vice_versa():
    with open(os.path.join(ROOT, "docs", "control-protocol.md"),
              encoding="utf-8") as f:
        written = set(re.findall(r"^### `([^`]+)`", f.read(), re.M))
    with open(os.path.join(ROOT, "src", "daemon", "commands.c"),
              encoding="utf-8") as f:
        known = set(re.findall(r'^    \{"([^"/]+)",', f.read(), re.M))
    assert written == known
