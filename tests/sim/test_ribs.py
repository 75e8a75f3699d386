# SPDX-License-Identifier: ISC
"""basin simulate --ribs: announcements in, the best path of every AS out.

CAIDA's graph and the routes that other simulators found on it are no part of
the tree: BASIN_DATA, else shared/data/ beside the checkout, has them.
"""
import gzip
import os
import pathlib
import random
import re
import signal
import subprocess
import time

import messages
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BASIN_BUILD", ROOT / "build")).resolve()
DATA = pathlib.Path(os.environ.get("BASIN_DATA", ROOT.parent / "shared/data"))

# 10 above 2 and 100; 2 and 100 above 30; 100 and 9 are peers.
GRAPH = """\
# by hand
10|2|-1
10|100|-1
2|30|-1
100|30|-1
100|9|0
"""
ORIGINS = """\
seed_asn,prefix,rov_invalid
30,192.0.2.0/24,False
9,10.0.0.0/8,False
2,10.0.0.0/8,True
30,2001:db8::/32,True
"""
# 9 has nothing of 2: its peer 100 tells it customers' routes alone.
ROWS = """\
10,10.0.0.0/8,"(10, 2)"
10,192.0.2.0/24,"(10, 2, 30)"
10,2001:db8::/32,"(10, 2, 30)"
100,10.0.0.0/8,"(100, 9)"
100,192.0.2.0/24,"(100, 30)"
100,2001:db8::/32,"(100, 30)"
2,10.0.0.0/8,"(2,)"
2,192.0.2.0/24,"(2, 30)"
2,2001:db8::/32,"(2, 30)"
30,10.0.0.0/8,"(30, 2)"
30,192.0.2.0/24,"(30,)"
30,2001:db8::/32,"(30,)"
9,10.0.0.0/8,"(9,)"
9,192.0.2.0/24,"(9, 100, 30)"
9,2001:db8::/32,"(9, 100, 30)"
asn,prefix,as_path
"""
# 2 and 30 validate: 2 keeps its own, and has nothing of 30's invalid one.
ROWS_ROV = """\
10,10.0.0.0/8,"(10, 2)"
10,192.0.2.0/24,"(10, 2, 30)"
10,2001:db8::/32,"(10, 100, 30)"
100,10.0.0.0/8,"(100, 9)"
100,192.0.2.0/24,"(100, 30)"
100,2001:db8::/32,"(100, 30)"
2,10.0.0.0/8,"(2,)"
2,192.0.2.0/24,"(2, 30)"
30,10.0.0.0/8,"(30, 100, 9)"
30,192.0.2.0/24,"(30,)"
30,2001:db8::/32,"(30,)"
9,10.0.0.0/8,"(9,)"
9,192.0.2.0/24,"(9, 100, 30)"
9,2001:db8::/32,"(9, 100, 30)"
asn,prefix,as_path
"""


@pytest.fixture
def simulate(tmp_path):
    """simulate(graph, origins, rov, out): the finished process."""
    program = BUILD / "src/cli/basin"
    if not program.exists():
        pytest.skip(f"{program} is not built (BASIN_BUILD?)")

    def call(graph=GRAPH, origins=ORIGINS, rov=None, out="out.csv", more=()):
        words = [program, "simulate", "--ribs", out, *more]
        for name, content in [("graph", graph), ("origins", origins),
                              ("rov", rov)]:
            if content is None:
                continue
            path = content
            if isinstance(content, str):
                path = tmp_path / name
                path.write_text(content)
            words += [f"--{name}", path]
        return subprocess.run(words, capture_output=True, text=True,
                              timeout=120, check=False, cwd=tmp_path)
    call.folder = tmp_path
    return call


def done(result):
    assert (result.returncode, result.stderr) == (0, "")
    return result


def test_rows(simulate):
    done(simulate())
    assert (simulate.folder / "out.csv").read_text() == ROWS


def test_stdout(simulate):
    assert done(simulate(out="-")).stdout == ROWS


def test_gzip(simulate):
    done(simulate(out="out.csv.gz"))
    octets = (simulate.folder / "out.csv.gz").read_bytes()
    assert octets[:2] == b"\x1f\x8b"
    assert gzip.decompress(octets).decode() == ROWS


def test_validation(simulate):
    assert done(simulate(rov="2\nAS30\n", out="-")).stdout == ROWS_ROV


def test_threads(simulate):
    """As many as one likes: the same text."""
    origins = "".join(f"{asn},10.{i}.0.0/16,False\n"
                      for i in range(200) for asn in (30, 9))
    rows = {done(simulate(origins=origins, out="-",
                          more=["--threads", n])).stdout
            for n in ("1", "2", "7")}
    assert len(rows) == 1
    lines = rows.pop().splitlines()
    assert len(lines) == 200 * 5 + 1
    assert lines == sorted(lines)


@pytest.mark.parametrize("what, message", [
    ({"graph": "1|2|-1\n1|3|x\n"}, "graph:2: "),
    ({"graph": "1|2|-1\n2|1|-1\n"}, "graph:"),
    ({"graph": "# nothing\n"}, "graph:"),
    ({"graph": pathlib.Path("absent")}, "absent: cannot be opened: "),
    ({"origins": "30,192.0.2.1/24,False\n"},
     'origins:1: prefix "192.0.2.1/24" has bits set behind its length, '
     "expected 192.0.2.0/24"),
    ({"origins": "30,192.0.2.0/24,False\n77,192.0.2.0/24,False\n"},
     "origins:2: AS 77 is not in the graph"),
    ({"origins": "30,192.0.2.0/24,False\n" * 2},
     "origins:2: AS 30 announces 192.0.2.0/24 already in line 1"),
    ({"origins": ""}, "origins: no announcements"),
    ({"origins": pathlib.Path("absent")}, "absent: cannot be opened: "),
    ({"rov": "2\ntwo\n"}, "rov:2: "),
    ({"rov": pathlib.Path("absent")}, "absent: cannot be opened: "),
])
def test_refused(simulate, what, message):
    """Each file with its line, and the output is left as it was."""
    (simulate.folder / "out.csv").write_text("precious\n")
    result = simulate(**what)
    assert result.returncode == 78
    assert re.search(rf"(^|/){re.escape(message)}", result.stderr, re.M), \
        result.stderr
    assert (simulate.folder / "out.csv").read_text() == "precious\n"


def test_all_at_once(simulate):
    result = simulate(graph="1|2|x\n", origins="x,y,z\n", rov="two\n")
    assert result.returncode == 78
    for message in ("graph:1: ", "origins:1: ", "rov:1: "):
        assert message in result.stderr


def test_cannot_write(simulate):
    result = simulate(out="absent/out.csv")
    assert result.returncode == 1
    assert "absent/out.csv: cannot be written: " in result.stderr


def test_disk_full(simulate):
    if not pathlib.Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    result = simulate(out="/dev/full")
    assert result.returncode == 1
    assert "/dev/full: cannot be written: No space left" in result.stderr
    assert pathlib.Path("/dev/full").is_char_device()


def test_standard_output_full(simulate):
    if not pathlib.Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done(simulate())
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run(
            [BUILD / "src/cli/basin", "simulate", "--graph", "graph", "--origins",
             "origins", "--ribs", "-"], cwd=simulate.folder, stdout=full,
            stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert "-: is incomplete: No space left" in result.stderr


def names(simulate):
    return {path.name for path in simulate.folder.iterdir()}


def test_interrupted(simulate):
    """Neither half a file nor what stood beside it is left."""
    (simulate.folder / "out.csv").write_text("precious\n")
    graph = "".join(f"{a}|{b}|0\n" for a in range(1, 400) for b in range(1, a))
    (simulate.folder / "graph").write_text(graph)
    (simulate.folder / "origins").write_text("".join(
        f"{i % 399 + 1},10.{i >> 8}.{i & 255}.0/24,False\n"
        for i in range(40000)))
    before = {"graph", "origins", "out.csv"}
    with subprocess.Popen(
            [BUILD / "src/cli/basin", "simulate", "--graph", "graph", "--origins",
             "origins", "--ribs", "out.csv", "--threads", "1"],
            cwd=simulate.folder, stderr=subprocess.PIPE, text=True) as process:
        while names(simulate) == before and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        messages_seen = process.communicate(timeout=60)[1]
    if process.returncode == 0:
        pytest.skip("it was faster than the signal")
    assert process.returncode == 1
    assert "out.csv: cannot be written: interrupted" in messages_seen
    assert names(simulate) == before
    assert (simulate.folder / "out.csv").read_text() == "precious\n"


def hierarchy(chance, ases):
    """Lines of a random Internet whose numbers say nothing of its order."""
    asns = chance.sample(range(1, 70000), ases)
    lines = [f"{a}|{b}|0\n" for i, a in enumerate(asns[:8])
             for b in asns[:i]]
    for i in range(8, ases):
        # Providers, then peers: mostly among the large ones.
        others = {int(i * chance.random() ** 3)
                  for _ in range(chance.randint(1, 6))}
        split = chance.randint(1, 3)
        lines += [f"{asns[k]}|{asns[i]}|{-1 if n < split else 0}\n"
                  for n, k in enumerate(others)]
    return "".join(lines)


def draw_seeds(chance, links, most):
    return {asn: chance.random() < 0.5
            for asn in chance.sample(sorted(links), chance.randint(1, most))}


def agree(simulate, graph, links, announcements, rov):
    origins = "".join(f"{asn},{prefix},{invalid}\n"
                      for prefix, seeds in announcements.items()
                      for asn, invalid in seeds.items())
    done(simulate(graph=graph, origins=origins,
                  rov="".join(f"{asn}\n" for asn in rov)))
    seen = (simulate.folder / "out.csv").read_text().splitlines()
    expected = messages.ribs(links, announcements, rov).splitlines()
    assert len(seen) == len(expected)
    differ = [pair for pair in zip(seen, expected) if pair[0] != pair[1]]
    assert differ[:5] == []


@pytest.mark.parametrize("seed", range(10))
def test_messages(simulate, seed):
    """Many prefixes, half of it invalid, against messages and full paths."""
    chance = random.Random(seed)
    graph = hierarchy(chance, 600)
    links = messages.neighbours(graph.splitlines())
    agree(simulate, graph, links,
          {f"10.{i}.0.0/16": draw_seeds(chance, links, 6) for i in range(12)},
          set(chance.sample(sorted(links), 120)))


def test_messages_internet(simulate):
    """The same on the whole graph, with those who validate among the large."""
    graph = DATA / "as-rel/20250901.as-rel2.txt.bz2"
    if not graph.exists():
        pytest.skip(f"{graph} is absent (BASIN_DATA?): not compared on the "
                    "whole graph")
    links = messages.neighbours_of_file(graph)
    chance = random.Random(1)
    large = sorted(links, key=lambda asn: -len(links[asn]))
    rov = {*large[5:300:3], *chance.sample(sorted(links), 8000)}
    agree(simulate, graph, links,
          {"2001:db8::/32": draw_seeds(chance, links, 20)}, rov)


def test_oracle(simulate):
    """Every path of every AS, as three other simulators have it."""
    graph = DATA / "as-rel/20250901.as-rel2.txt.bz2"
    folder = DATA / "oracle"
    if not graph.exists() or not folder.exists():
        pytest.skip(f"{DATA} is absent (BASIN_DATA?): not compared with other "
                    "simulators")
    for origins in sorted(folder.glob("*.anns.csv")):
        expected = origins.name.replace(".anns.csv", ".ribs.sorted.csv.gz")
        done(simulate(graph=graph, origins=origins, out="out.csv.gz"))
        with gzip.open(simulate.folder / "out.csv.gz") as file:
            seen = file.read()
        with gzip.open(folder / expected) as file:
            assert seen == file.read(), origins
