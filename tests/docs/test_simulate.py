# SPDX-License-Identifier: ISC
"""basin-simulate(7) shows what the program prints, and names what it gives."""
import json
import os
import re
import shlex
import subprocess

ROOT = os.environ["BASIN_SOURCE"]
PAGE = os.path.join(ROOT, "man", "basin-simulate.7")


def manual():
    with open(PAGE, encoding="utf-8") as f:
        return f.read()


def run(words):
    argv = [os.environ["BASIN"], *shlex.split(words)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False,
                          cwd=os.path.join(ROOT, "examples", "simulate"))
    assert done.stderr == ""
    assert done.returncode in (0, 1)
    return done.stdout


def filled(text):
    """The manual with its examples as they are now printed."""
    def block(match):
        lines = run(match[2]).replace("\\", "\\e").splitlines()
        body = "\n".join("\\&" + line if line[:1] in (".", "'") else line
                         for line in lines)
        return (f"{match[1]}.Bd -literal\n$ basin {match[2]}\n{body}\n.Ed\n")

    return re.sub(r'(\.\\" example: ([^\n]*)\n)\.Bd -literal\n(?:.*?)\.Ed\n',
                  block, text, flags=re.S)


def test_examples_are_as_the_program_prints_them():
    """With BASIN_MANUAL_WRITE set they are written instead."""
    text = manual()
    now = filled(text)
    assert now.count('.\\" example: ') == now.count("$ basin ") > 1
    if os.environ.get("BASIN_MANUAL_WRITE"):
        with open(PAGE, "w", encoding="utf-8") as f:
            f.write(now)
    else:
        assert text == now


def test_the_readme_shows_the_beginning_of_an_answer():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        blocks = re.findall(r"```\n\$ basin (simulate [^\n]*)\n(.*?)```",
                            f.read(), re.S)
    assert blocks
    for words, shown in blocks:
        assert len(shown.splitlines()) > 10
        assert run(words).startswith(shown)


def members(value):
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def test_every_member_of_json_is_in_the_manual():
    text = manual()
    section = text[text.index(".Sh JSON"):text.index(".Sh EXIT STATUS")]
    named = set(re.findall(r"[a-z_0-9]+", " ".join(
        re.findall(r"\b(?:Va|Pq Va) (.*)", section))))
    asked = ("simulate world.yaml --json --ases --failures 2 --search "
             "--explain 65551 --what-if 'fra down' --hijack ")
    for culprit in ("65543", "all"):
        document = json.loads(run(asked + culprit))
        missing = set(members(document)) - named
        assert not missing
