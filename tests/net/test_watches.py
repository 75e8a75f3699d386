# SPDX-License-Identifier: ISC
"""Processes, units and files that services are watched by."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from lab import Capture, stays, wait_until
from lab.site import PREFIX4, SERVICE4, SERVICE6, Site

NODE = """\
node: {{name: one, asn: 65000, router_id: 10.255.255.1, linger: 100ms}}
services:
  web:
    addresses: [192.0.2.53, 2001:db8:53::53]
    watch: [{watch}]
prefixes:
  192.0.2.0/24: {{services: [web]}}
  2001:db8:53::/48: {{services: [web]}}
"""
CGROUP = pathlib.Path("/sys/fs/cgroup/unified")


class Place:
    """A node whose service has no checks: only what is watched decides."""

    def __init__(self, lab, watch):
        self.site = Site(lab)
        self.transit = self.site.upstream().expect().start()
        self.basin = self.site.basind(
            self.transit.peer(), node=NODE.format(watch=watch), http=True)

    def start(self, announced=True):
        self.basin.start()
        if announced:
            self.transit.wait_routes(timeout=10)
        else:
            wait_until(lambda: self.shown()["reason"] == "watch_gone", 10,
                       "gone")
        return self

    def run(self, *argv):
        name = f"watched{len(self.site.lab.processes)}"
        return self.site.node.popen(*argv, name=name)

    def shown(self):
        return self.basin.ask("show services")["services"][0]

    def withdrawn(self, kill):
        """Seconds from `kill` to the first WITHDRAW on the wire."""
        with Capture(self.transit.namespace, self.transit.interface) as wire:
            time.sleep(0.1)
            begun = time.time()
            kill()
            first = wait_until(
                lambda: next((m.time for m in wire.updates(self.transit.node4)
                              if m.withdrawn), None),
                10, lambda: self.transit._story("a withdrawal"))
        self.transit.wait_gone(timeout=10)
        return first - begun

    def events(self, kind):
        """What the metrics say of one kind: events, repairs."""
        page = self.basin.page("/metrics")[1]
        return [int(page.partition(
            f'basin_watch_{what}_total{{kind="{kind}"}} ')[2].split()[0])
                for what in ("events", "repairs")]


@pytest.fixture
def folder(tmp_path):
    """A folder that the unprivileged daemon can see, and its program."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent != pathlib.Path("/tmp") and parent.stat().st_uid == 0 and \
                str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    return tmp_path


def program(folder, name):
    """sleep(1) under another name: a script's comm is its own."""
    path = folder / name
    path.write_bytes(pathlib.Path("/usr/bin/sleep").read_bytes())
    path.chmod(0o755)
    return path


def pick(name):
    return f"{name}-{os.getpid() % 100000}"


def test_a_killed_process_withdraws_at_once(lab, folder):
    name = pick("bswatch")
    sleeper = program(folder, name)
    place = Place(lab, f"process/{name}")
    place.start(announced=False)
    first = place.run(sleeper, "1000")
    place.transit.wait_routes(timeout=10)
    assert place.shown()["watch"] == [
        {"watch": f"process/{name}", "present": True}]
    # Far below the second of any look; the benchmark measures it.
    assert place.withdrawn(first.kill) < 0.5
    assert place.shown()["reason"] == "watch_gone"
    assert f"no process/{name} is running" in place.basin.cli("why", PREFIX4)
    place.run(sleeper, "1000")
    place.transit.wait_routes(timeout=10)


def test_processes_of_one_name_count_as_one(lab, folder):
    name = pick("bsfamily")
    sleeper = program(folder, name)
    place = Place(lab, f"process/{name}")
    family = [place.run(sleeper, "1000") for _ in range(3)]
    place.start()
    family.append(place.run(sleeper, "1000"))  # nobody has looked for it
    for one in family[:3]:
        one.kill()
    stays(lambda: place.transit.router.has(PREFIX4))
    assert place.withdrawn(family[3].kill) < 0.5


def test_a_name_longer_than_the_kernel_keeps(lab, folder):
    name = pick("a-rather-long-program-name")
    sleeper = program(folder, name)
    other = program(folder, name + "-other")
    place = Place(lab, f"process/{name}")
    other = place.run(other, "1000")
    place.start(announced=False)
    one = place.run(sleeper, "1000")
    place.transit.wait_routes(timeout=10)
    assert place.withdrawn(one.kill) < 0.5
    assert other.running()


def test_a_process_that_becomes_another_is_gone(lab, folder):
    name = pick("bsbecome")
    sleeper = program(folder, name)
    script = folder / "become"
    script.write_text(f"#!/bin/sh\nexec {sleeper} 1000\n")
    script.chmod(0o755)
    place = Place(lab, f"process/{name}")
    place.start(announced=False)
    # It has the name only once it has executed it.
    one = place.run("/bin/sh", "-c", f"sleep 3; exec {script}")
    place.transit.wait_routes(timeout=15)
    place.withdrawn(one.kill)


def test_a_pid_file_that_is_replaced_is_followed(lab, folder):
    file = folder / "service.pid"
    place = Place(lab, f"pidfile{file}")
    place.start(announced=False)
    one, two = place.run("sleep", "1000"), place.run("sleep", "1000")
    file.write_text(f"{one.pid}\n")
    place.transit.wait_routes(timeout=10)
    new = folder / "new"
    new.write_text(f"{two.pid}\n")
    new.rename(file)
    time.sleep(0.3)
    one.kill()
    stays(lambda: place.transit.router.has(PREFIX4))
    assert place.withdrawn(two.kill) < 0.5
    assert f"the process of pidfile{file} is gone" in place.basin.cli(
        "why", PREFIX4)
    three = place.run("sleep", "1000")
    file.write_text(f"{three.pid}\n")  # in place, empty for a moment
    place.transit.wait_routes(timeout=10)
    file.unlink()
    stays(lambda: place.transit.router.has(PREFIX4))
    assert place.withdrawn(three.kill) < 0.5


@pytest.mark.parametrize("text", ["", "-1\n", "0\n", "abc\n", "999999999\n"])
def test_a_pid_file_without_a_process_is_gone(lab, folder, text):
    file = folder / "service.pid"
    file.write_text(text)
    place = Place(lab, f"pidfile{file}").start(announced=False)
    assert place.shown()["watch"][0]["present"] is False


def test_a_file_that_is_removed(lab, folder):
    file = folder / "parent" / "ready"
    file.parent.mkdir()
    file.write_text("")
    place = Place(lab, f"file{file}").start()
    new = folder / "new"
    new.write_text("")
    new.rename(file)
    stays(lambda: place.transit.router.has(PREFIX4))
    assert place.withdrawn(file.unlink) < 0.5
    assert f"file{file} is not there" in place.basin.cli("why", PREFIX4)
    file.write_text("")
    place.transit.wait_routes(timeout=10)
    # Its parent is renamed, and another one comes in its place.
    assert place.withdrawn(
        lambda: file.parent.rename(folder / "old")) < 0.5
    file.parent.mkdir()
    file.write_text("")
    place.transit.wait_routes(timeout=10)
    assert place.withdrawn(file.unlink) < 0.5
    events, repairs = place.events("file")
    assert events >= 5 and repairs == 0


def test_a_link_that_is_turned(lab, folder):
    (folder / "v1").mkdir()
    (folder / "v1" / "ready").write_text("")
    (folder / "v2").mkdir()
    (folder / "now").symlink_to("v1")
    place = Place(lab, f"file{folder}/now/ready").start()

    def turn():
        (folder / "next").symlink_to("v2")
        (folder / "next").rename(folder / "now")
    assert place.withdrawn(turn) < 0.5
    (folder / "v2" / "ready").write_text("")
    place.transit.wait_routes(timeout=10)
    assert place.withdrawn((folder / "v2" / "ready").unlink) < 0.5
    assert place.events("file")[1] == 0


def test_a_directory_must_have_something_in_it(lab, folder):
    inside = folder / "zones" / "example"
    place = Place(lab, f"directory{folder}/zones").start(announced=False)
    inside.parent.mkdir()
    stays(lambda: not place.transit.router.has(PREFIX4))
    inside.write_text("")
    place.transit.wait_routes(timeout=10)
    assert place.withdrawn(inside.unlink) < 0.5
    assert place.events("directory")[1] == 0


def test_a_file_that_nobody_may_see_is_not_watched(lab, folder):
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "ready").write_text("")
    place = Place(lab, f"file{hidden}/ready").start()
    watch = place.shown()["watch"][0]
    assert watch["present"] is None
    assert "counts as not watched: Permission denied" in watch["problem"]
    alarms = place.basin.ask("status")["alarms"]
    assert [a["subject"] for a in alarms] == [
        f"web: watch file{hidden}/ready"]
    hidden.chmod(0o755)
    wait_until(lambda: place.shown()["watch"][0]["present"], 10, "seen")
    assert place.basin.ask("status")["alarms"] == []
    assert place.withdrawn((hidden / "ready").unlink) < 0.5


def test_what_is_gone_stays_gone_behind_a_reload(lab, folder):
    """Nobody may see it now: that brings nothing to life."""
    file = folder / "inner" / "ready"
    file.parent.mkdir()
    place = Place(lab, f"file{file}").start(announced=False)
    file.parent.chmod(0o700)
    wait_until(lambda: place.basin.ask("status")["alarms"], 10, "an alarm")
    place.basin.reload()
    wait_until(lambda: place.basin.generation() > 1, 10, "reloaded")
    stays(lambda: place.shown()["reason"] == "watch_gone")
    assert not place.transit.router.has(PREFIX4)
    file.write_text("")
    file.parent.chmod(0o755)
    place.transit.wait_routes(timeout=10)
    assert place.basin.ask("status")["alarms"] == []


@pytest.fixture
def unit():
    """A cgroup where systemd would make one."""
    if not (CGROUP / "cgroup.procs").exists():
        pytest.skip("no cgroup v2 at /sys/fs/cgroup/unified")
    slice_ = CGROUP / "system.slice"
    made = not slice_.exists()
    cgroup = slice_ / f"bswatch{os.getpid()}.service"
    try:
        slice_.mkdir(exist_ok=True)
        cgroup.mkdir()
    except OSError as problem:
        pytest.skip(f"no cgroup can be made: {problem}")
    yield cgroup
    for path in [cgroup] + [slice_] * made:
        wait_until(lambda: remove(path), 5, f"{path} is removed")


def remove(path):
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def test_a_unit_that_ends(lab, unit):
    place = Place(lab, f"unit/{unit.name}").start(announced=False)
    one, two = place.run("sleep", "1000"), place.run("sleep", "1000")
    for process in (one, two):
        (unit / "cgroup.procs").write_text(f"{process.pid}\n")
    place.transit.wait_routes(timeout=10)
    one.kill()
    stays(lambda: place.transit.router.has(PREFIX4))
    assert place.withdrawn(two.kill) < 0.5
    assert f"unit/{unit.name} is not running" in place.basin.cli(
        "why", PREFIX4)
    # As systemd does: the cgroup goes, and is made again.
    wait_until(lambda: remove(unit), 5, "the cgroup is removed")
    stays(lambda: not place.transit.router.has(PREFIX4))
    unit.mkdir()
    three = place.run("sleep", "1000")
    (unit / "cgroup.procs").write_text(f"{three.pid}\n")
    place.transit.wait_routes(timeout=10)
    assert place.withdrawn(three.kill) < 0.5
    assert place.events("unit")[1] == 0
