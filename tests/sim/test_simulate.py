# SPDX-License-Identifier: ISC
"""basin simulate: what it prints agrees with itself, and how it ends."""
import collections
import csv
import io
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BASIN_BUILD", ROOT / "build")).resolve()
BASIN = BUILD / "src/cli/basin"
EXAMPLE = ROOT / "examples/simulate"
SCENARIO = ROOT / "examples/scenario"
WORLD = EXAMPLE / "world.yaml"
LIMIT = 120  # seconds, on a loaded machine


@pytest.fixture(autouse=True)
def built():
    if not BASIN.exists():
        pytest.skip(f"{BASIN} is not built (BASIN_BUILD?)")


def run(*words, code=0):
    done = subprocess.run([BASIN, "simulate", *words], capture_output=True,
                          text=True, check=False, timeout=LIMIT)
    assert done.returncode == code, done.stderr
    return done


def document(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


def scenario(tmp_path, **changes):
    """The example with other lines instead of some of its own."""
    text = WORLD.read_text()
    text = text.replace("graph: ", f"graph: {EXAMPLE}/")
    text = text.replace("load: load.csv", f"load: {EXAMPLE}/load.csv")
    for old, new in changes.get("lines", {}).items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return path


def by_name(outcome):
    return {s["name"]: s for s in outcome["sites"]}


def test_everything_is_somewhere():
    d = document(WORLD, "--what-if", "fra down", "--what-if",
                 "nyc down; sin down; fra down")
    outcomes = [d["base"]] + [w["outcome"] for w in d["what_if"]]
    for o in outcomes:
        parts = o["sites"] + [o["unreached"], o["dropped"]]
        assert sum(p["weight"] for p in parts) == d["weight"]["total"]
        assert sum(p["ases"] for p in parts) == d["graph"]["ases"]
        assert sum(p["share"] for p in parts) == pytest.approx(1)
        for site in o["sites"]:
            ups = site["upstreams"]
            assert sum(u["weight"] for u in ups) == site["weight"]
            assert sum(n["ases"] for n in site["lengths"]) == site["ases"]
    assert outcomes[2]["unreached"]["ases"] == d["graph"]["ases"]


def test_moves_lead_from_one_outcome_to_the_other():
    d = document(WORLD, "--what-if", "nyc.transit-b prepend +2")
    (what_if,) = d["what_if"]
    left, right = collections.Counter(), collections.Counter()
    for m in what_if["moves"]["matrix"]:
        left[m["from"]] += m["weight"]
        right[m["to"]] += m["weight"]
    for counted, outcome in ((left, d["base"]), (right, what_if["outcome"])):
        for name, site in by_name(outcome).items():
            assert counted[name] == site["weight"]
    moved = [m for m in what_if["moves"]["matrix"] if m["from"] != m["to"]]
    assert sum(m["ases"] for m in moved) == what_if["moves"]["ases"] > 0
    assert sum(m["weight"] for m in moved) == what_if["moves"]["weight"]


def test_a_change_is_what_the_file_with_it_is(tmp_path):
    changed = scenario(tmp_path, lines={
        "      transit-b: {asn: 64498, role: customer}\n":
        "      transit-b: {asn: 64498, role: customer, prepend: 2}\n",
        "      transit-c: {asn: 64497, role: customer, prepend: 1}\n":
        "      transit-c: {asn: 64497, role: customer}\n"})
    what_if = document(WORLD, "--what-if", "nyc.transit-b prepend +2; "
                       "sin.transit-c prepend 0")["what_if"][0]
    base = document(changed, code=1)["base"]
    assert what_if["outcome"] == base


def test_another_file_is_what_it_is_alone(tmp_path):
    new = scenario(tmp_path, lines={
        "      transit-b: {asn: 64498, role: customer}\n    capacity: 9000":
        "      transit-b: {asn: 64498, role: customer}\n    capacity: 100",
        "      transit-c: {asn: 64497, role: customer, prepend: 1}\n":
        "      transit-c: {asn: 64497, role: customer}\n",
        "    state: candidate\n": "",
        "  tyo:\n": "  lon: {peers: {r: {asn: 64501, role: customer}}}\n"
                   "  tyo:\n"})
    page = tmp_path / "page.html"
    same, other = document(WORLD, "--then", WORLD, "--then", new, "--page",
                           page)["what_if"]
    alone = document(new, code=1)["base"]
    assert same["change"] == str(WORLD) and same["moves"]["ases"] == 0
    assert same["outcome"] == document(WORLD)["base"]
    assert other["change"] == str(new) and other["moves"]["ases"] > 0
    assert by_name(other["outcome"]) == by_name(alone)
    assert [s["name"] for s in other["outcome"]["sites"]] == [
        "fra", "nyc", "sin", "tyo", "lon"]
    assert other["outcome"]["overloaded"] == ["nyc"]
    assert str(new) in page.read_text()
    assert f"what if {new}: " in run(WORLD, "--then", new).stdout
    back = document(new, "--then", WORLD, code=1)["what_if"][0]
    assert back["outcome"]["unreached"]["ases"] == 0
    assert {(m["to"], m["from"]): m["ases"]
            for m in other["moves"]["matrix"]} == {
                (m["from"], m["to"]): m["ases"]
                for m in back["moves"]["matrix"]}


def test_a_prefix_of_another_file_alone_weighs_nothing(tmp_path):
    new = scenario(tmp_path, lines={"192.0.2.0/24": "198.51.100.0/24"})
    d = document(WORLD, "--then", new)
    outcome = d["what_if"][0]["outcome"]
    assert outcome["unreached"]["weight"] == d["weight"]["total"]
    assert not any(s["weight"] for s in outcome["sites"])
    assert by_name(outcome)["fra"]["ases"] > 0


def test_a_failure_is_the_site_taken_down():
    d = document(WORLD, "--failures", "1", "--what-if", "fra down",
                 "--what-if", "nyc down", "--what-if", "sin down")
    for case, what_if in zip(d["failures"]["cases"], d["what_if"],
                             strict=True):
        after = by_name(what_if["outcome"])
        assert what_if["change"] == f"{case['down'][0]} down"
        assert case["moves"] == what_if["moves"]
        assert case["overloaded"] == what_if["outcome"]["overloaded"]
        for site in case["sites"]:
            assert site["weight"] == after[site["name"]]["weight"]
            assert site["use"] == after[site["name"]]["use"]


def test_lines_of_csv_add_up_to_the_document():
    d = document(WORLD, "--ases")
    rows = list(csv.DictReader(io.StringIO(run(WORLD, "--csv").stdout)))
    assert len(rows) == d["graph"]["ases"] == len(d["ases"])
    order = [int(r["asn"]) for r in rows]
    assert order == sorted(order) == [a["asn"] for a in d["ases"]]
    sites = collections.Counter(r["site"] for r in rows)
    for name, site in by_name(d["base"]).items():
        assert sites[name] == site["ases"]
        assert site["ties"] == sum(
            r["tie"] == "1" for r in rows if r["site"] == name)
    told = {str(a["asn"]): a for a in d["ases"]}
    for row in rows:
        one = told[row["asn"]]
        assert row["path"] == " ".join(map(str, one["path"]))
        assert int(row["length"]) == one["length"] == len(one["path"])
        assert row["path"].split()[-1] == "64511"
        assert sum(c["best"] for c in one["alternatives"]) == 1
        assert any(c["tie"] for c in one["alternatives"]) >= one["tie"]


def test_an_as_is_explained_as_its_line_says():
    rows = csv.DictReader(io.StringIO(run(WORLD, "--csv").stdout))
    row = next(r for r in rows if r["tie"] == "1")
    explain = document(WORLD, "--explain", f"AS{row['asn']}")["explain"]
    (way,) = explain["prefixes"]
    assert [str(h["asn"]) for h in way["hops"]] == row["path"].split()
    assert way["site"] == row["site"] and way["tie"]
    best, *others = way["candidates"]
    assert best["best"] and best["why"] == "the best"
    assert any(c["tie"] and c["site"] != row["site"] for c in others)


def test_many_hijackers_are_as_each_alone():
    every = document(WORLD, "--hijack", "all:exact")["hijack"][0]
    assert every["hijackers"] == 26
    for worst in every["worst"][:5]:
        alone = document(WORLD, "--hijack", str(worst["asn"]))["hijack"][0]
        assert alone["taken"]["ases"] == worst["ases"]
        assert alone["taken"]["weight"] == worst["weight"]
        assert alone["taken"]["share"] == pytest.approx(worst["share"])


@pytest.mark.parametrize("permitted, ases", [(65538, 8), (64511, 0)])
def test_whom_a_roa_permits_is_no_invalid_hijacker(tmp_path, permitted, ases):
    # 65538 reaches somebody through 64500 alone, which validates.
    path = scenario(tmp_path, lines={
        "asn: 64511\n": "asn: 64511\nrov: [64500]\nroas:\n"
        "  - {prefix: 192.0.2.0/24, asn: 64511}\n"
        f"  - {{prefix: 192.0.2.0/24, asn: {permitted}}}\n"})
    (every,) = document(path, "--hijack", "all")["hijack"]
    reach = {w["asn"]: w["ases"] for w in every["worst"]}
    assert reach.get(65538, 0) == ases
    for asn in {65538, *list(reach)[:5]}:
        (alone,) = document(path, "--hijack", str(asn))["hijack"]
        assert alone["taken"]["ases"] == reach.get(asn, 0)


def both(*words):
    """Of a service with two prefixes that are routed alike."""
    return run(SCENARIO / "world.yaml", *words, code=0)


def test_prefixes_that_are_routed_alike_are_one():
    d = json.loads(both("--json", "--hijack", "64671").stdout)
    names = [p["prefix"] for p in d["prefixes"]]
    (alike,) = d["alike"]
    (hijack,) = d["hijack"]
    assert len(names) == 2
    assert alike["prefixes"] == hijack["prefixes"] == names
    for one, whole in zip(alike["sites"], d["base"]["sites"]):
        for key in ("ases", "weight", "share", "mean_length", "ties"):
            assert one[key] == whole[key]
    (every,) = json.loads(both("--json", "--hijack", "all").stdout)["hijack"]
    assert every["prefixes"] == names
    (worst, *_) = every["worst"]
    (alone,) = json.loads(
        both("--json", "--hijack", str(worst["asn"])).stdout)["hijack"]
    assert alone["taken"]["weight"] == worst["weight"]
    assert alone["taken"]["ases"] == worst["ases"]


def test_an_as_that_moves_with_two_prefixes_is_one_line():
    d = json.loads(both("--json").stdout)
    for moves in (w["moves"] for w in d["what_if"]):
        asns = [m["asn"] for m in moves["biggest"]]
        assert len(asns) == len(set(asns)) == moves["ases"]
        assert sum(m["weight"] for m in moves["biggest"]) == moves["weight"]


def test_what_is_asked_for_twice_is_told_once():
    changes = [w["change"] for w in json.loads(
        both("--json", "--what-if", "fra down", "--what-if", "fra  down",
             "--what-if", "nyc down", "--what-if", "nyc down").stdout)
        ["what_if"]]
    assert changes.count("fra down") == changes.count("nyc down") == 1
    assert "fra  down" not in changes


@pytest.mark.parametrize("kind, prefix, ases", [
    # Its provider 64500 prefers it, with 65537, 65539, 65550 behind it, and
    # tells its peers 64499 and 64501, who tell 65536 and 65540.
    ("exact", "192.0.2.0/24", 8),
    # It has no other neighbour to tell.
    ("leak", "192.0.2.0/24", 0),
    # Longer than what 64500 passes on: only what comes by there.
    ("sub-prefix", "192.0.2.0/25", 4)])
def test_a_hijack_takes_of_each_site(kind, prefix, ases):
    d = document(WORLD, "--hijack", f"65538:{kind}")
    (hijack,) = d["hijack"]
    assert (hijack["kind"], hijack["prefix"]) == (kind, prefix)
    assert hijack["taken"]["ases"] == ases
    moved = [m for m in hijack["moves"]["matrix"] if m["to"] == "AS65538"]
    # The hijacker itself is not caught, and counts nowhere.
    assert sum(m["ases"] for m in moved) == ases
    every = sum(m["ases"] for m in hijack["moves"]["matrix"])
    assert every == d["graph"]["ases"] - 1
    caught = sum(m["weight"] for m in moved)
    assert caught == hijack["taken"]["weight"]
    weight = sum(m["weight"] for m in hijack["moves"]["matrix"])
    assert hijack["taken"]["share"] == pytest.approx(caught / weight)


@pytest.mark.parametrize("prefix, noted", [
    ("192.0.2.0/24", True), ("192.0.0.0/22", False)])
def test_many_sub_prefixes_too_long_to_be_passed_on(tmp_path, prefix, noted):
    path = scenario(tmp_path, lines={"192.0.2.0/24": prefix})
    d = document(path, "--hijack", "all:sub-prefix")
    assert any("as if all did" in n for n in d["notes"]) == noted
    worst = d["hijack"][0]["worst"][-1]
    (alone,) = document(path, "--hijack",
                        f"{worst['asn']}:sub-prefix")["hijack"]
    assert (alone["taken"]["ases"] == worst["ases"]) != noted


def test_an_overloaded_site_is_not_fine(tmp_path):
    path = scenario(tmp_path, lines={
        "role: customer}\n    capacity: 9000": "role: customer}\n"
        "    capacity: 8000"})
    done = run(path, code=1)
    assert "over capacity: nyc" in done.stdout
    assert "101.6 %" in done.stdout


@pytest.mark.parametrize("words, part", [
    ([], "simulate what?"),
    ([WORLD, "--graph", "x"], "--graph is without a scenario"),
    (["--graph", "x"], "simulate what?"),
    (["--graph", "x", "--ribs", "y"], "--ribs needs --origins"),
    ([WORLD, "--failures", "3"], "expected a number from 1 to 2"),
    ([WORLD, "--threads", "0"], "expected a number from 1"),
    ([WORLD, "--explain", "x"], "expected an AS number"),
    ([WORLD, "--hijack", "1:nothing"], "expected an AS number or all"),
    ([WORLD, "--hijack", "4294967296"], "expected an AS number or all"),
    ([WORLD, "--csv", "--json"], "one of them"),
    ([], "basin simulate --help"),
    (["--failures", "1"], "--failures needs a SCENARIO"),
    (["--graph", "x", "--save-graph", "y", "--what-if", "fra down"],
     "--what-if needs a SCENARIO"),
    (["--then", "x"], "--then needs a SCENARIO"),
    ([WORLD, "--page", ""], "--page is \"\", expected the name of a file"),
    ([WORLD, "--ases"], "--ases needs --json"),
])
def test_wrong_command_lines(words, part):
    done = run(*words, code=64)
    assert part in done.stderr and done.stdout == ""


@pytest.mark.parametrize("words, part", [
    ([WORLD, "--what-if", "nowhere down"], "nowhere"),
    ([WORLD, "--then", EXAMPLE / "absent.yaml"], "absent.yaml"),
    ([WORLD, "--then", SCENARIO / "world.yaml"], "scenario/graph.txt"),
    ([WORLD, "--explain", "1"], "AS1 is not in the graph"),
    ([WORLD, "--hijack", "1"], "not in the graph"),
    ([EXAMPLE / "load.csv"], "load.csv"),
    ([EXAMPLE / "absent.yaml"], "absent.yaml"),
    (["--graph", EXAMPLE / "world.yaml", "--save-graph", "/dev/null"],
     "world.yaml:"),
])
def test_wrong_input(words, part):
    done = run(*words, code=78)
    assert part in done.stderr and done.stdout == ""


def test_all_wrong_alternatives_are_told_at_once():
    done = run(WORLD, "--what-if", "nowhere down", "--what-if", "fra up; x",
               code=78)
    assert "nowhere" in done.stderr and "\"x\"" in done.stderr


def test_a_saved_graph_gives_the_same(tmp_path):
    saved = tmp_path / "internet.graph"
    done = run("--graph", EXAMPLE / "internet.txt", "--save-graph", saved)
    assert "26 ASes, 31 links to providers, 8 to peers" in done.stdout
    path = scenario(tmp_path, lines={
        f"graph: {EXAMPLE}/internet.txt": f"graph: {saved}"})
    assert document(path)["base"] == document(WORLD)["base"]


def test_a_page_that_cannot_be_written(tmp_path):
    done = run(WORLD, "--page", tmp_path / "absent" / "page.html", code=1)
    assert "absent/page.html: cannot be written: No such" in done.stderr


# So many combinations that no machine comes to their end.
LONG = """
graph: {graph}
asn: 64511
prefixes: {{192.0.2.0/24: {{}}}}
sites:
{sites}
search: {{sites: 6, prepend: {{max: 8}}, time: 1h}}
"""


@pytest.fixture
def long_search(tmp_path):
    sites = "".join(f"  s{i}: {{peers: {{a: {{asn: {64496 + i}, "
                    f"role: customer}}, b: {{asn: {65536 + i}, "
                    "role: customer}}}\n" for i in range(10))
    path = tmp_path / "long.yaml"
    path.write_text(LONG.format(graph=EXAMPLE / "internet.txt", sites=sites))
    return path


def read_until(descriptor, word):
    """What a terminal shows, up to and with the word."""
    seen, until = b"", time.monotonic() + LIMIT
    while word not in seen:
        left = until - time.monotonic()
        assert left > 0 and select.select([descriptor], [], [], left)[0], seen
        seen += os.read(descriptor, 4096)
    return seen


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_search_shows_the_best_so_far(long_search, sign):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BASIN, "simulate", long_search, "--search", "--json"],
        stdout=subprocess.PIPE, stderr=theirs)
    try:
        read_until(ours, b"best worst_load")
        process.send_signal(sign)
        out, _ = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 1
    search = json.loads(out)["search"]
    assert search["stopped"] and not search["proven"]
    assert search["best"] and search["best"][0]["chosen"]
    assert "the best so far" in search["summary"]
    assert json.loads(out)["interrupted"]


def test_nothing_of_progress_without_a_terminal():
    done = run(WORLD, "--search", "--failures", "2", "--hijack", "all")
    assert done.stderr == ""
    assert "\033" not in done.stdout


# Three sites, one of which may carry less than anything leaves to it.
FULL = """
graph: {example}/graph.txt
asn: 65000
sites:
  fra: {{peers: {{a: {{asn: 64611, role: customer}}}}, capacity: 300}}
  ams: {{peers: {{b: {{asn: 64616, role: customer, prepend: 1}}}},
         capacity: 300}}
  sin: {{peers: {{c: {{asn: 64618, role: customer}}}}, capacity: {sin}}}
prefixes: {{192.0.2.0/24: {{}}}}
weights: load
load: {example}/load.csv
search: {{sites: 3, objective: {objective}, prepend: {{max: 2}}, best: 1}}
"""


@pytest.mark.parametrize("objective, sin, over", [
    ("path_length", 250, False), ("path_length", 1, True),
    ("worst_load", 250, False), ("worst_load", 1, True)])
def test_a_search_says_what_does_not_fit(tmp_path, objective, sin, over):
    path = tmp_path / "full.yaml"
    path.write_text(FULL.format(example=SCENARIO, objective=objective,
                                sin=sin))
    done = subprocess.run([BASIN, "simulate", path, "--search", "--json"],
                          capture_output=True, text=True, check=False,
                          timeout=LIMIT)
    (best,) = json.loads(done.stdout)["search"]["best"]
    assert best["over"] == over == any(s["use"] > 1 for s in best["sites"])
    more = [w for w in best["why"] if "above capacity" in w]
    # Load against capacity says it itself.
    assert bool(more) == (objective != "worst_load")
    if objective == "worst_load":
        assert best["objective"] == pytest.approx(
            max(s["use"] for s in best["sites"]))


@pytest.mark.parametrize("lines, unit", [
    ("192.0.2.0\t24\t64496\n2001:db8::\t32\t64496\n", "IPv4 addresses"),
    ("2001:db8::\t32\t64496\n", "IPv6 /48s")])
def test_addresses_say_of_which_family_they_are(tmp_path, lines, unit):
    (tmp_path / "origins.txt").write_text(lines)
    path = scenario(tmp_path, lines={
        "weights: load": "weights: addresses\naddresses: origins.txt",
        f"load: {EXAMPLE}/load.csv\n": ""})
    done = subprocess.run([BASIN, "simulate", path, "--json"],
                          capture_output=True, text=True, check=False,
                          timeout=LIMIT)
    weight = json.loads(done.stdout)["weight"]
    assert weight["unit"] == unit and weight["what"].startswith(unit)
    assert weight["total"] == (256 if "v4" in unit else 65536)
