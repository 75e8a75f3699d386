# SPDX-License-Identifier: ISC
"""The journal that a running daemon keeps, decided again."""

import json
import subprocess

import pytest

from lab import wait_until
from lab.basin import cli_path
from lab.site import PREFIX4, PREFIX6, node_text


@pytest.fixture
def running(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    return site, transit


def files(site):
    return sorted((site.basin.dir / "state" / "journal").glob("*.log"))


def recorded(site):
    return "".join(f.read_text() for f in files(site))


def replay(site, *words, code=0):
    done = subprocess.run(
        [cli_path(), "replay", site.basin.dir / "state" / "journal",
         "--json", *words], capture_output=True, text=True, timeout=60,
        check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def by_prefix(answer):
    return {line["prefix"]: line for line in answer["prefixes"]}


def blink(site, transit):
    """The service fails until the prefixes are gone, and comes back."""
    site.fail()
    transit.wait_gone()
    site.recover()
    transit.wait_routes()


def ended(site):
    site.basin.terminate()
    site.basin.process.wait(20)


def test_a_real_journal_decides_the_same_and_less_often_when_slower(running):
    site, transit = running
    for _ in range(3):
        blink(site, transit)
    # No warning, no farewell: what was written must do.
    wait_until(lambda: recorded(site).count("withdrawn services_down") >= 6,
               10, lambda: recorded(site))
    site.basin.kill()
    site.basin.start()
    transit.wait_routes()
    blink(site, transit)
    ended(site)

    same = replay(site)
    assert same["different"] == 0 and same["same"] > 0, same["difference"]
    assert same["starts"] == 2
    for line in by_prefix(same).values():
        assert line["then"]["withdrawals"] == 4 == line["now"]["withdrawals"]

    # Slow to believe: none of the outages lasted for so many results.
    slow = site.basin.dir / "slow.yaml"
    slow.write_text(site.basin.path.read_text().replace("fall: 1",
                                                        "fall: 1000"))
    answer = replay(site, "--config", slow)
    for prefix in (PREFIX4, PREFIX6):
        line = by_prefix(answer)[prefix]
        assert line["then"]["withdrawals"] == 4
        assert line["now"]["withdrawals"] == 0
        assert not any(o["on_both_sides"] for o in line["then"]["outages"])


def test_drains_reloads_and_gone_sockets_are_decided_again(site):
    transit = site.upstream().expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    site.basin.command("drain", "node", "--reason", "test", "--now")
    transit.wait_gone()
    site.basin.command("undrain", "node")
    transit.wait_routes()
    site.basin.reload(node_text().replace("rise: 1", "rise: 2") + "peers:\n"
                      + transit.peer())
    blink(site, transit)
    ended(site)
    same = replay(site)
    assert same["different"] == 0 and same["same"] > 0, same["difference"]


def test_attacks_and_a_death_in_the_middle_of_one_are_decided_again(running):
    site, transit = running

    def state():
        return site.basin.ask("show prefixes")["prefixes"][0]["state"]
    site.basin.command("attack", "on", "--reason", "flood")
    site.fail()
    wait_until(lambda: state() == "frozen", 10, state)
    site.basin.command("attack", "off")
    transit.wait_gone()
    site.recover()
    transit.wait_routes()
    site.basin.command("attack", "on", "--reason", "flood")
    site.fail()
    wait_until(lambda: state() == "frozen", 10, state)
    wait_until(lambda: recorded(site).count(" frozen attack") >= 4, 10,
               lambda: recorded(site))
    site.basin.kill()
    site.basin.start(wait=False)
    wait_until(site.basin.answers, 10, "answers")
    site.recover()
    transit.wait_routes()
    site.fail()
    wait_until(lambda: state() == "frozen", 10, state)
    site.basin.command("drain", "service", "web", "--reason", "test")
    transit.wait_gone()
    ended(site)
    same = replay(site)
    assert same["different"] == 0 and same["same"] > 0, same["difference"]
    assert same["starts"] == 2


def test_a_disk_that_takes_nothing_is_an_alarm_and_no_more(running):
    site, transit = running
    journal = site.basin.dir / "state" / "journal"
    wait_until(lambda: files(site), 10, "a journal")
    for file in files(site):
        file.unlink()
    journal.rmdir()
    journal.write_text("in the way")
    blink(site, transit)

    def alarm():
        status = site.basin.ask("status")
        return [a for a in status["alarms"] if a["subject"] == "journal"]
    wait_until(alarm, 20, lambda: site.basin.log())
    journal.unlink()
    wait_until(lambda: not alarm(), 60, lambda: site.basin.log())
    assert "lost" in recorded(site)
    blink(site, transit)
    ended(site)
    answer = replay(site)
    assert answer["different"] == 0 and answer["lost_lines"] > 0
