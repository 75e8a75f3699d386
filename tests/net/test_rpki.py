# SPDX-License-Identifier: ISC
"""RPKI caches, and what their data do to imports and own prefixes."""

import pytest

from lab import Basin, Bird, Lab, wait_until
from lab.rtr import (CACHE_RESET, ERROR, RESET_QUERY, RESPONSE, SERIAL_NOTIFY,
                     SERIAL_QUERY, FakeCache, Stayrtr, end_pdu, error_pdu,
                     pdu, prefix_pdu, vrp)

PREFIX = "192.0.2.0/24"
PORT = 3323
WAIT = 20

NODE = """
node: {{name: one, asn: 65000, router_id: 10.255.1.1, linger: 0s}}
services:
  dns: {{addresses: 192.0.2.53}}
prefixes:
  192.0.2.0/24: {{services: dns}}
peers:
  up:
    address: {peer}
    asn: 65001
    connect_retry: 1s
    import: {imports}
rpki:
  own: {own}
  retry: 1s
  refresh: {refresh}
  expire: {expire}
  caches:
{caches}"""


class Net:
    def __init__(self, lab):
        self.node, self.router = lab.namespace("node"), lab.namespace("router")
        self.link = lab.link(self.node, self.router)
        self.address = self.link.v4(self.node)
        self.peer = self.link.v4(self.router)
        self.bird = Bird(self.router, 65001)
        self.basin, self.more = None, ""

    def config(self, own="warn", imports="none", expire="1h", refresh="1h",
               caches=None):
        lines = caches or {"rtr": (PORT, 1)}
        text = "".join(
            f"    {name}: {{address: {self.peer}, port: {port}, "
            f"preference: {preference}}}\n"
            for name, (port, preference) in lines.items())
        return self.more + NODE.format(
            peer=self.peer, own=own, imports=imports, expire=expire,
            refresh=refresh, caches=text)

    def start(self, **options):
        self.bird.peer(self.address, 65000, families=(4,), export="all")
        self.bird.start()
        self.basin = Basin(self.node, self.config(**options), http=True)
        self.basin.start()
        return self.basin

    def cache(self, name="rtr"):
        for cache in self.basin.ask("show rpki")["caches"]:
            if cache["cache"] == name:
                return cache
        raise AssertionError(name)

    def wait_state(self, state, name="rtr"):
        wait_until(lambda: self.cache(name)["state"] == state, WAIT,
                   f"cache {name} is {state}")
        return self.cache(name)

    def own(self):
        return self.basin.ask("show prefixes")["prefixes"][0]["rpki"]

    def wait_own(self, state):
        wait_until(lambda: self.own()["state"] == state, WAIT,
                   f"the prefix is {state}")

    def announced(self):
        return PREFIX in self.bird.routes()


@pytest.fixture
def net():
    with Lab() as lab:
        yield Net(lab)


def test_own_prefix_follows_the_roas(net):
    """refuse: withdrawn while Invalid, never for want of data."""
    cache = Stayrtr(net.router, net.peer)
    cache.set(vrp(PREFIX, 65000), vrp("2001:db8::/32", 65000, 48))
    cache.start()
    net.start(own="refuse")
    assert net.wait_state("synchronised")["vrps"] == 2
    net.wait_own("valid")
    wait_until(net.announced, WAIT, "announced")
    cache.set(vrp("192.0.0.0/16", 64999, 24))
    net.wait_own("invalid")
    wait_until(lambda: not net.announced(), WAIT, "withdrawn")
    own = net.own()
    assert own["refused"] and "AS 64999" in own["detail"]
    why = net.basin.command("why", PREFIX)[1]
    assert "AS 65000 may not originate it" in why, why
    assert any("rpki" in a["subject"] for a in
               net.basin.ask("status")["alarms"])
    assert net.basin.metric("basin_rpki_refused") == 1
    # The length is the matter, not the AS.
    cache.set(vrp("192.0.0.0/16", 65000, 20))
    wait_until(lambda: "maxLength 24" in net.own()["detail"], WAIT,
               "the cure is named")
    cache.set()
    net.wait_own("not found")
    wait_until(net.announced, WAIT, "announced again")
    assert not [a for a in net.basin.ask("status")["alarms"]
                if "rpki" in a["subject"]]
    assert net.basin.command("show", "rpki")[0] == 0


def test_fall_over_and_back(net):
    """The worse cache helps out; the data of the lost one count meanwhile."""
    first = Stayrtr(net.router, net.peer, PORT)
    second = Stayrtr(net.router, net.peer, PORT + 1)
    first.set(vrp(PREFIX, 65000))
    second.set(vrp(PREFIX, 64999))
    first.start()
    net.start(caches={"a": (PORT, 1), "b": (PORT + 1, 2)})
    net.wait_state("synchronised", "a")
    assert net.cache("b")["state"] == "standby"
    net.wait_own("valid")
    first.kill()
    net.wait_state("lost", "a")
    wait_until(lambda: net.cache("b")["errors"] > 0, WAIT, "b is tried")
    assert net.own()["state"] == "valid" and net.cache("a")["used"]
    second.start()
    net.wait_state("synchronised", "b")
    net.wait_own("invalid")
    assert net.cache("b")["used"] and not net.cache("a")["used"]
    first.start()
    net.wait_state("synchronised", "a")
    net.wait_own("valid")
    net.wait_state("standby", "b")


def answers(*vrps, session=7, serial=1, **intervals):
    def answer(kind, field, body):
        if kind == ERROR:
            return None
        return (pdu(RESPONSE, session) + b"".join(vrps) +
                end_pdu(session, serial, **intervals))
    return answer


def test_all_lost_expires_to_not_found(net):
    """After `expire` nothing is known; nothing is Invalid for that."""
    good = answers(prefix_pdu(PREFIX, 64999))
    cache = FakeCache(net.router, net.peer, PORT, good)
    net.start(own="refuse", expire="3s")
    net.wait_own("invalid")
    wait_until(lambda: not net.announced(), WAIT, "withdrawn")
    cache.close()
    lost = net.wait_state("lost")
    assert lost["vrps"] == 1 or lost["error"]
    net.wait_own("not found")
    wait_until(net.announced, WAIT, "announced")
    assert net.cache()["state"] == "failed" and net.cache()["vrps"] == 0
    wait_until(lambda: any(a["subject"] == "rpki" for a in
                           net.basin.ask("status")["alarms"]), WAIT, "alarm")
    cache = FakeCache(net.router, net.peer, PORT, good)
    net.wait_own("invalid")
    cache.close()


def test_a_silent_cache_expires_too(net):
    """The connection stays, but nothing comes any more."""
    state = {"speaks": True}
    good = answers(prefix_pdu(PREFIX, 65000))

    def answer(*query):
        return good(*query) if state["speaks"] else None

    cache = FakeCache(net.router, net.peer, PORT, answer)
    net.start(expire="4s", refresh="1s")
    net.wait_own("valid")
    state["speaks"] = False
    net.wait_own("not found")
    assert "no news" in net.cache()["error"]
    state["speaks"] = True
    cache.hang_up()
    net.wait_own("valid")
    cache.close()


def test_hostile_caches(net):
    """Each is refused and named; none ends the daemon or its data."""
    good = answers(prefix_pdu(PREFIX, 65000))
    long = pdu(RESPONSE, 7) + pdu(4, 0, length=0xffffffff)
    cases = {
        "long": (long, "4294967295 octets"),
        "short": (pdu(RESPONSE, 7) + pdu(4, 0, length=3), "3 octets"),
        "twice": (pdu(RESPONSE, 7) + 2 * prefix_pdu(PREFIX, 65000) +
                  end_pdu(7, 1), "Duplicate"),
        "unknown": (pdu(RESPONSE, 7) + prefix_pdu(PREFIX, 65000,
                                                  announce=False) +
                    end_pdu(7, 1), "Unknown"),
        "session": (pdu(RESPONSE, 7) + prefix_pdu(PREFIX, 65000) +
                    end_pdu(8, 1), "ession"),
        "type": (pdu(RESPONSE, 7) + pdu(99), "Corrupt Data"),
        "no-data": (error_pdu(2, "come \x1b[31mback\nlater"),
                    "No Data Available (\"come \\x1b[31mback\\x0alater\")"),
        "internal": (error_pdu(1, b"\xff\xfe"), "Internal Error"),
        "truncated": (error_pdu(1, "x")[:-1] + b"", None),
    }
    caches = {"good": (PORT, 1)}
    servers = [FakeCache(net.router, net.peer, PORT, good)]
    for i, (name, (octets, _)) in enumerate(cases.items()):
        port = PORT + 1 + i
        caches[name] = (port, 1)

        def answer(kind, field, body, octets=octets):
            return None if kind == ERROR else octets

        servers.append(FakeCache(net.router, net.peer, port, answer))
    net.start(caches=caches)
    net.wait_state("synchronised", "good")
    for name, (_, text) in cases.items():
        if text is None:
            continue
        wait_until(lambda: text in (net.cache(name)["error"] or ""), WAIT,
                   f"{name}: {text}")
        assert net.cache(name)["vrps"] == 0
    assert net.own()["state"] == "valid"
    status, text = net.basin.command("show", "rpki")
    assert status == 0 and "\x1b" not in text
    for server in servers:
        server.close()


def test_news_come_by_notify_and_reset(net):
    """Serial Notify, Cache Reset, a new session: always a whole set."""
    state = {"vrps": [prefix_pdu(PREFIX, 65000)], "serial": 1, "session": 7}

    def answer(kind, field, body):
        if kind == ERROR:
            return None
        if kind == SERIAL_QUERY:
            return pdu(CACHE_RESET)
        return (pdu(RESPONSE, state["session"]) + b"".join(state["vrps"]) +
                end_pdu(state["session"], state["serial"]))

    cache = FakeCache(net.router, net.peer, PORT, answer)
    net.start()
    net.wait_own("valid")
    state.update(vrps=[prefix_pdu(PREFIX, 64999)], serial=2)
    cache.say(pdu(SERIAL_NOTIFY, 7, (2).to_bytes(4, "big")))
    net.wait_own("invalid")
    assert net.cache()["serial"] == 2 and net.cache()["vrps"] == 1
    state.update(vrps=[prefix_pdu(PREFIX, 65000)] * 1, serial=1, session=8)
    cache.hang_up()
    net.wait_own("valid")
    assert net.cache()["session"] == 8
    cache.close()


def test_serial_numbers_wrap_around(net):
    """0 is newer than 0xffffffff (RFC 8210 section 8, RFC 1982)."""
    last = 0xffffffff

    def answer(kind, field, body):
        if kind == RESET_QUERY:
            return (pdu(RESPONSE, 7) + prefix_pdu(PREFIX, 65000) +
                    end_pdu(7, last))
        if kind != SERIAL_QUERY or int.from_bytes(body, "big") != last:
            return None
        return (pdu(RESPONSE, 7) + prefix_pdu(PREFIX, 65000, announce=False) +
                prefix_pdu(PREFIX, 64999) + end_pdu(7, 0))

    cache = FakeCache(net.router, net.peer, PORT, answer)
    net.start()
    net.wait_own("valid")
    assert net.cache()["serial"] == last
    cache.say(pdu(SERIAL_NOTIFY, 7, bytes(4)))
    net.wait_own("invalid")
    assert net.cache()["serial"] == 0 and net.cache()["vrps"] == 1
    cache.close()


def test_an_old_cache_is_spoken_to_in_its_version(net):
    """Error Report 4 of version 0: its version from then on (section 7)."""
    versions = []

    def answer(kind, field, body):
        versions.append(cache.seen[-1][3])
        if kind == ERROR:
            return None
        if versions[-1] > 0:
            return error_pdu(4, "no", version=0)
        return (pdu(RESPONSE, 7, version=0) +
                prefix_pdu(PREFIX, 65000, version=0) +
                end_pdu(7, 1, version=0))

    cache = FakeCache(net.router, net.peer, PORT, answer)
    net.start()
    net.wait_own("valid")
    assert net.cache()["version"] == 0 and versions[0] == 1
    cache.close()


def test_notify_while_versions_are_negotiated(net):
    """A Serial Notify before the first answer changes nothing (section 7)."""

    def answer(kind, field, body):
        if kind != RESET_QUERY:
            return None
        return (pdu(SERIAL_NOTIFY, 7, (9).to_bytes(4, "big")) +
                pdu(RESPONSE, 7) + prefix_pdu(PREFIX, 65000) + end_pdu(7, 9))

    cache = FakeCache(net.router, net.peer, PORT, answer)
    net.start()
    net.wait_own("valid")
    cache_seen = net.cache()
    assert cache_seen["errors"] == 0 and cache_seen["synchronisations"] == 1
    cache.close()


def test_reload_changes_only_what_changed(net):
    cache = FakeCache(net.router, net.peer, PORT,
                      answers(prefix_pdu(PREFIX, 65000)))
    net.start()
    net.wait_own("valid")
    before = net.cache()["synchronisations"], len(cache.seen)
    net.basin.reload(net.config(own="refuse"))
    assert (net.cache()["synchronisations"], len(cache.seen)) == before
    assert net.own()["state"] == "valid"
    # Other intervals: a new session, with the data of the old one meanwhile.
    net.basin.reload(net.config(own="refuse", expire="2h"))
    assert net.own()["state"] == "valid"
    wait_until(lambda: len(cache.seen) > before[1], WAIT, "a new session")
    assert net.own()["state"] == "valid"
    net.basin.reload(net.config().split("rpki:")[0])
    assert not net.basin.ask("show rpki")["configured"]
    cache.close()


def test_imports_follow_the_roas(net):
    """An import goes with the ROAs, and comes again: the peer is asked."""
    prefix, other = "203.0.113.0/24", "198.51.100.0/24"
    net.bird.static(prefix, other)
    cache = Stayrtr(net.router, net.peer)
    cache.set(vrp("203.0.0.0/16", 64999, 24))
    cache.start()
    basin = net.start(imports="{prefixes: [%s, %s]}" % (prefix, other))

    def standing():
        routes = basin.ask("show routes", direction="in")["routes"]
        return {r["prefix"]: r["rpki"] for r in routes}

    def wait_standing(wanted, what):
        wait_until(lambda: standing() == wanted, WAIT, what)

    # The cache and the route come in any order.
    wait_standing({other: "not found"}, "Invalid: not imported")
    assert basin.peer("up")["refused_recently"][0]["reason"] == "invalid"
    text = basin.command("show", "peers")[1]
    assert f"{prefix} " in text and "invalid in the RPKI" in text
    before = basin.peer("up")["messages_out"]["route_refresh"]
    cache.set(vrp("203.0.0.0/16", 64999, 24), vrp(prefix, 65001))
    wait_standing({prefix: "valid", other: "not found"}, "a ROA: imported")
    assert basin.peer("up")["messages_out"]["route_refresh"] > before
    text = basin.command("show", "routes", "in")[1]
    assert "it is the best path" in text and "not found" in text
    cache.set(vrp("203.0.0.0/16", 64999, 24))
    wait_standing({other: "not found"}, "Invalid again: gone")
    cache.set()
    wait_standing({prefix: "not found", other: "not found"}, "no ROA at all")
    assert basin.peer("up")["established"] == 1


def gate(basin):
    return basin.ask("status")["start_gate"]


def test_the_start_gate_waits_for_the_cache(net):
    net.more = "start_gate: {rpki: true, limit: 10m}\n"
    basin = net.start()
    wait_until(lambda: basin.peer("up")["state"] == "Established", WAIT,
               "the session")
    assert "RPKI" in str(gate(basin)["waiting_for"])
    assert not net.announced()
    cache = Stayrtr(net.router, net.peer)
    cache.set(vrp(PREFIX, 65000))
    cache.start()
    wait_until(net.announced, WAIT, "announced")
    assert gate(basin) is None
    assert net.cache()["state"] == "synchronised"


def test_the_start_gate_of_the_cache_has_a_limit(net):
    net.more = "start_gate: {rpki: true, limit: 3s}\n"
    basin = net.start()
    wait_until(net.announced, WAIT, "announced")
    assert gate(basin) is None
    assert net.cache()["state"] != "synchronised"
