# SPDX-License-Identifier: ISC
"""A strict reader of OpenMetrics 1.0 text: what it takes, others take."""
import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
TYPES = ("gauge", "counter")


class Wrong(Exception):
    pass


def need(condition, line, why):
    if not condition:
        raise Wrong(f"{why}: {line!r}")


@dataclass
class Family:
    name: str
    type: str
    unit: str = ""
    help: str = ""
    samples: list = field(default_factory=list)


def read_labels(text, line):
    labels = {}
    at = 0
    while at < len(text):
        match = LABEL.match(text, at)
        need(match, line, "no label")
        need(match[1] not in labels, line, "a label twice")
        labels[match[1]] = match[2]
        at = match.end()
        if at < len(text):
            need(text[at] == "," and at + 1 < len(text), line, "no comma")
            at += 1
    return labels


def read_sample(line, family):
    match = re.fullmatch(rf"({NAME})(?:\{{(.*)\}})? (\S+)", line)
    need(match, line, "no sample")
    name, labels, value = match.groups()
    need(NUMBER.fullmatch(value), line, "no number")
    suffix = "_total" if family.type == "counter" else ""
    need(name == family.name + suffix, line, "not of its family")
    need(suffix == "" or float(value) >= 0, line, "a negative counter")
    need(labels != "", line, "empty braces")
    return name, read_labels(labels or "", line), float(value)


def read_meta(line, families, current):
    match = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)", line)
    need(match, line, "no comment of the format")
    what, name, value = match.groups()
    if what == "TYPE":
        need(name not in families, line, "a family twice")
        need(value in TYPES, line, "no type")
        need(not name.endswith("_total"), line, "a family with _total")
        families[name] = Family(name, value)
        return families[name]
    need(current and current.name == name, line, "outside of its family")
    need(not current.samples, line, "behind a sample")
    need(value, line, "empty")
    if what == "UNIT":
        need(name.endswith("_" + value), line, "not the name's unit")
        current.unit = value
    else:
        need(not re.search(r"\\[^n\\\"]", value), line, "bad escape")
        current.help = value
    return current


def parse(text):
    """{family name: Family}; raises Wrong."""
    need(text.endswith("# EOF\n"), text[-20:], "no end")
    families, current, seen = {}, None, set()
    for line in text.split("\n")[:-2]:
        need(line == line.strip() and line, line, "blanks")
        if line.startswith("#"):
            need(line != "# EOF", line, "an end in the middle")
            current = read_meta(line, families, current)
            continue
        need(current, line, "no family")
        sample = read_sample(line, current)
        key = (sample[0], tuple(sorted(sample[1].items())))
        need(key not in seen, line, "a sample twice")
        seen.add(key)
        current.samples.append(sample)
    for family in families.values():
        need(family.help, family.name, "no help")
    return families
