# SPDX-License-Identifier: ISC
"""Again and again: nothing grows, nothing is forgotten."""

import os

import pytest

from lab import Capture, in_memory, wait_until
from lab.site import PREFIX4, PREFIX6, node_text


@pytest.fixture
def running(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    with in_memory(basin.dir / "state", "4m"):  # drains are fsynced
        basin.start()
        transit.wait_routes()
        yield site, transit
        basin.process.stop()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """kB of memory that is its own."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file
                   if line.startswith(("Private_Dirty", "Private_Clean")))


def sanitized(pid):
    """AddressSanitizer keeps what was freed, so memory tells nothing."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        return "libasan" in file.read()


def assert_nothing_grew(pids, before):
    for pid, (count, kilobytes) in zip(pids, before):
        # A check or a client may have been under way then or now.
        wait_until(lambda: descriptors(pid) <= count + 1, 2,
                   lambda: f"{descriptors(pid)} descriptors, once {count}")
        assert sanitized(pid) or resident(pid) < kilobytes + 1000


def test_ten_thousand_changes_leave_no_descriptor_and_no_memory(running):
    site, transit = running
    basin = site.basin
    pids = [basin.process.pid, basin.helper_pid()]

    def rounds(n):
        for _ in range(n):
            basin.ask("drain", target="prefix", name=PREFIX4, reason="again",
                      now=True)
            basin.ask("undrain", target="prefix", name=PREFIX4)

    rounds(7500)  # journal and heap have their size by now
    before = [(descriptors(pid), resident(pid)) for pid in pids]
    rounds(5000)
    transit.wait_routes()
    assert_nothing_grew(pids, before)


def test_a_thousand_reloads_leave_no_descriptor_and_no_memory(running):
    site, transit = running
    basin = site.basin
    pids = [basin.process.pid, basin.helper_pid()]
    texts = [site.config(transit.peer(f'communities: ["65000:{n}"]'),
                         node=node_text(more=f"hold_down: {n}s"))
             for n in (1, 2)]

    def rounds(n):
        for number in range(n):
            basin.configure(texts[number % 2])
            basin.ask("reload")

    for _ in range(1000):  # until the journal is full
        basin.ask("drain", target="prefix", name=PREFIX4, reason="again",
                  now=True)
        basin.ask("undrain", target="prefix", name=PREFIX4)
    rounds(50)
    before = [(descriptors(pid), resident(pid)) for pid in pids]
    with Capture(transit.namespace, transit.interface) as wire:
        rounds(1000)
        assert not wire.notifications() and not wire.opens()
    wait_until(lambda: transit.router.route(PREFIX4).communities ==
               {"65000:2"}, 3, "the last configuration is in force")
    assert transit.router.has(PREFIX4, PREFIX6)
    assert_nothing_grew(pids, before)


def test_a_service_that_flaps_forty_times_ends_where_it_should(running):
    site, transit = running
    for _ in range(40):
        site.fail()
        wait_until(lambda: not transit.router.has(PREFIX4), 3, "withdrawn",
                   every=0.005)
        site.recover()
        wait_until(lambda: transit.router.has(PREFIX4, PREFIX6), 3,
                   "announced", every=0.005)
