#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The interoperability matrix: what is tried with which speaker, and why the
rest is not. test_interop.py has a function for every row and runs it for every
speaker without a reason and without a test elsewhere;
docs/interoperability.md is made of it:

    tests/net/interop/matrix.py > docs/interoperability.md
"""

from dataclasses import dataclass, field

VERSIONS = {"BIRD": "2.0.12", "FRR": "8.4.4", "OpenBGPD": "7.7",
            "GoBGP": "3.10.0", "ExaBGP": "4.2.21"}


@dataclass
class Row:
    title: str
    rfc: str
    test: str  # function in test_interop.py, "" where none is run
    reasons: dict = field(default_factory=dict)  # speaker: why not
    key: str = ""  # of the sessions that only this row needs
    elsewhere: dict = field(default_factory=dict)  # speaker: file::test


NO_BFD = "has no BFD"
NO_AO = "has no TCP-AO"
BY_HAND = ("a real speaker that reads nothing also says nothing, and the hold "
           "timer ends it first; tests/net/test_hostile_peers.py has one made "
           "by hand")
BFD = "test_bfd.py::test_silent_loss_ends_the_session_with_cease_bfd_down"
BLOCK = "test_block.py::test_flow_specifications_at_"

MATRIX = [
    Row("session over IPv4, basin connects", "4271", "connects4"),
    Row("session over IPv4, basin accepts", "4271", "accepts4"),
    Row("session over IPv6, basin connects", "4271", "connects6"),
    Row("session over IPv6, basin accepts", "4271", "accepts6"),
    Row("both families on one session, sent", "4760", "hears_both"),
    Row("both families, received", "4760", "tells_both"),
    Row("four-octet AS numbers", "6793", "four_octets"),
    Row("prepend, MED, standard, large and extended communities",
        "1997, 4360, 8092", "attributes"),
    Row("withdrawn when the service dies, back when it lives", "4271",
        "withdraws"),
    Row("GRACEFUL_SHUTDOWN while draining", "8326", "drains"),
    Row("multihop", "4271", "multihop", key="multihop"),
    Row("TCP MD5 over IPv4, basin connects", "2385", "md5", {
        "OpenBGPD": "7.7 on Linux answers no signed connection: its "
                    "listening socket has no key"}, key="MD5 connects"),
    Row("TCP MD5 over IPv6, basin accepts", "2385", "md5_accepts",
        key="MD5 accepts"),
    Row("GTSM over IPv4, basin connects", "5082", "gtsm", key="GTSM"),
    Row("GTSM over IPv6, basin accepts", "5082", "gtsm6", key="GTSM6"),
    Row("roles", "9234", "roles", {
        "GoBGP": "3.10 has no roles", "ExaBGP": "4.2 has no roles"},
        key="roles"),
    Row("neighbour taken out of a prefix", "4271", "dynamic", key="dynamic"),
    Row("ROUTE-REFRESH, asked by the speaker", "2918", "refreshes",
        {"GoBGP": "3.10 keeps what it heard and asks its own table",
         }),
    Row("ROUTE-REFRESH, asked by basin", "2918", "asks_again",
        {"OpenBGPD": "7.7 ignores it: \"AID IPv6 unicast not negotiated\", "
                     "though it was",
         "ExaBGP": "4.2 answers no ROUTE-REFRESH by itself: its API must"}),
    Row("enhanced route refresh, asked by the speaker", "7313", "enhanced",
        {"GoBGP": "3.10 does not offer it"},
        elsewhere=dict.fromkeys(
            ("BIRD", "FRR"), "test_refresh.py::test_a_router_asks_again")),
    Row("extended messages", "8654", "extended",
        {"OpenBGPD": "7.7 has no extended messages",
         "GoBGP": "3.10 has no extended messages"}, key="extended messages"),
    Row("IPv4 over an IPv6 next hop", "8950", "next_hop6",
        {"OpenBGPD": "7.7 has no extended next hops"}, key="RFC 8950"),
    Row("neighbour by its link-local address", "4291", "link_local",
        {"OpenBGPD": "7.7 comes up; then its route decision engine ends "
                     "with signal 11",
         "ExaBGP": "4.2 binds IPv6 without the link's number, which the "
                   "kernel refuses"}, key="link-local",
        elsewhere={"BIRD": "test_unnumbered.py::"
                           "test_a_link_local_address_in_the_file",
                   "FRR": "test_unnumbered.py::"
                          "test_frr_finds_us_and_we_find_it"}),
    Row("unnumbered", "4861", "",
        {"OpenBGPD": "7.7 takes no interface for a neighbour",
         "ExaBGP": "4.2 binds IPv6 without the link's number, which the "
                   "kernel refuses"},
        elsewhere={"BIRD": "test_unnumbered.py::test_bird_connects_to_us",
                   "FRR": "test_unnumbered.py::"
                          "test_frr_finds_us_and_we_find_it",
                   "GoBGP": "test_unnumbered.py::test_gobgp_finds_us"}),
    Row("hold time: the lower one, whoever's it is", "4271", "hold_time",
        key="hold time"),
    Row("send hold time", "9687", "", dict.fromkeys(VERSIONS, BY_HAND)),
    Row("BFD, single hop", "5881, 5882", "",
        {"OpenBGPD": NO_BFD, "GoBGP": NO_BFD, "ExaBGP": NO_BFD},
        elsewhere={"BIRD": BFD, "FRR": BFD}),
    Row("blackhole route of `basin block`", "7999", "blackhole"),
    Row("flow specifications of `basin block`, both families", "8955, 8956",
        "flows", {"OpenBGPD": "7.7 has no flow specifications"},
        key="flowspec", elsewhere={
            speaker: BLOCK + speaker.lower()
            for speaker in ("BIRD", "FRR", "GoBGP")}),
    Row("TCP-AO", "5925", "", dict.fromkeys(VERSIONS, NO_AO)),
    Row("graceful restart: basin keeps the speaker's routes", "4724",
        "helps_to_restart",
        {"OpenBGPD": "7.7 offers the capability without families: it keeps "
                     "nothing over a restart"}),
    Row("graceful restart: the speaker keeps basin's routes (mode on)",
        "4724", "is_helped_to_restart",
        {"ExaBGP": "keeps no table"}),
    Row("by default nothing of a killed node is kept", "4724",
        "dies_at_once", {"ExaBGP": "keeps no table"}),
    Row("Hard Reset where the speaker has the N bit", "8538", "hard_reset",
        {"BIRD": "2.0.12 does not send the N bit",
         "OpenBGPD": "7.7 does not send the N bit",
         "ExaBGP": "4.2 does not send the N bit"}, key="hard reset"),
    Row("shutdown communication of the speaker", "9003", "their_goodbye",
        {"ExaBGP": "4.2's teardown takes a number and no text"},
        key="goodbye"),
    Row("shutdown communication of basin", "9003", "our_goodbye",
        {"ExaBGP": "4.2 with an API process fails to decode a NOTIFICATION"},
        key="farewell"),
    Row("maximum prefixes, basin's limit", "4486", "our_limit",
        key="our limit"),
    Row("maximum prefixes, the speaker's limit", "4486", "their_limit",
        {"ExaBGP": "has no limit"}, key="its limit"),
]


def tested(test, speaker):
    """True when the function is run with this speaker."""
    return any(row.test == test and speaker not in row.reasons and
               speaker not in row.elsewhere for row in MATRIX)


def has(keys, speaker):
    """False when a session of these features cannot be with this speaker."""
    return not any(row.key in keys and (speaker in row.reasons or
                                        speaker in row.elsewhere)
                   for row in MATRIX if row.key)


HEAD = """\
# Interoperability

Made of `tests/net/interop/matrix.py`; every yes is a test of
`tests/net/interop/test_interop.py`, or of the file it links to, that runs with
every change, against the real program. A number is a reason below.

"""


def document():
    reasons, lines = {}, []  # reason: speakers
    lines.append("| feature | RFC | " + " | ".join(
        f"{name} {version}" for name, version in VERSIONS.items()) + " |")
    lines.append("|---|---|" + "---|" * len(VERSIONS))
    for row in MATRIX:
        cells = []
        for speaker in VERSIONS:
            why = row.reasons.get(speaker)
            if not why:
                where = row.elsewhere.get(speaker, "").split("::")[0]
                cells.append(f"[yes](../tests/net/{where})" if where
                             else "yes")
                continue
            names = reasons.setdefault(why, [])
            if speaker not in names:
                names.append(speaker)
            cells.append(str(list(reasons).index(why) + 1))
        lines.append(f"| {row.title} | {row.rfc} | " + " | ".join(cells) +
                     " |")
    lines.append("")
    lines += [f"{number}. {', '.join(names)}: {why}."
              for number, (why, names) in enumerate(reasons.items(), 1)]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
