# SPDX-License-Identifier: ISC
"""Neighbours that are found in a prefix."""

import pytest

from lab import Bird, Frr, Peer, bgp, wait_until

LAN = """\
  lan:
    address: 10.0.0.0/8
    asn: [65001, 65002]
    families: ipv4
    max_sessions: {limit}
{more}"""


def lan(limit=10, more=""):
    return LAN.format(limit=limit, more=more)


def names(basin):
    return [peer["peer"] for peer in basin.ask("show peers")["peers"]]


def test_two_routers_of_one_range(site):
    one = site.upstream("one", 65001).expect(families=(4,)).start()
    two = site.upstream("two", 65002, kind=Frr).expect(families=(4,)).start()
    basin = site.basind(lan()).start()
    one.wait_routes("192.0.2.0/24", timeout=30)
    two.wait_routes("192.0.2.0/24", timeout=30)
    assert sorted(names(basin)) == sorted(
        ["lan", f"lan@{one.address4}", f"lan@{two.address4}"])
    shown = basin.peer(f"lan@{two.address4}")
    assert (shown["state"], shown["asn"], shown["dynamic"]) == (
        "Established", 65002, True)
    assert basin.peer("lan")["sessions"] == 2
    assert "10.0.0.0/8 (2 of 10)" in basin.cli("show", "peers")
    assert basin.ask("status")["state"] != "silent"


def test_an_as_that_is_not_in_the_list(site):
    transit = site.upstream()
    site.basind(lan()).start()
    peer = Peer(transit.namespace, transit.address4, asn=65099)
    peer.connect(transit.node4).open()
    assert peer.expect(bgp.NOTIFICATION).code == (2, 2)


def test_no_more_than_max_sessions(site):
    transit = site.upstream()
    other = site.upstream("other", 65002)
    basin = site.basind(lan(limit=1)).start()
    first = Peer(transit.namespace, transit.address4).connect(transit.node4)
    first.establish(families=(bgp.IPV4,))
    second = Peer(other.namespace, other.address4, asn=65002)
    try:
        second.connect(other.node4)
        assert second.ended()
    except ConnectionResetError:
        pass
    wait_until(lambda: "max_sessions is 1" in basin.log(), 10, basin.log)
    assert basin.peer("lan")["sessions"] == 1
    first.close()
    second.close()
    # Who has left makes room.
    def again():
        try:
            second.connect(other.node4).establish(families=(bgp.IPV4,))
        except (OSError, AssertionError):
            return False
        return True
    wait_until(again, 20, lambda: basin.ask("show peers"))


def test_a_reload_keeps_those_that_are_there(site):
    one = site.upstream("one", 65001).expect(families=(4,)).start()
    basin = site.basind(lan()).start()
    one.wait_routes("192.0.2.0/24", timeout=30)
    name = f"lan@{one.address4}"
    basin.reload(site.config(lan(more="    prepend: 2\n")))
    wait_until(lambda: one.router.routes()["192.0.2.0/24"][0].as_path
               == [65000] * 3, 20, one.router.routes)
    assert basin.peer(name)["established"] == 1
    basin.reload(site.config(lan(more="    hold_time: 30s\n")))
    wait_until(lambda: basin.generation() == 3 and name in names(basin)
               and basin.peer(name)["hold_time"] == 30, 30,
               lambda: basin.ask("show peers"))
    basin.configure(site.config("  none: {address: 10.9.9.9, asn: 65001}\n"))
    basin.cli("reload", "--allow-removal")
    wait_until(lambda: names(basin) == ["none"], 20,
               lambda: basin.ask("show peers"))
    one.wait_gone("192.0.2.0/24", timeout=20)


@pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])
def test_a_key_for_the_whole_range(site, kind):
    from test_md5 import key_file, md5, with_key
    one = site.upstream("one", 65001, kind=kind).expect(
        families=(4,), **with_key(kind, "together")).start()
    path = key_file(site, "lan", "together")
    site.basind(lan(more=f"    {md5(path)}\n")).start()
    one.wait_routes("192.0.2.0/24", timeout=30)
