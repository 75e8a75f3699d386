#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The interoperability matrix: what is tried with which speaker, and why the
rest is not. test_interop.py has a function for every row and runs it for every
speaker without a reason; docs/interoperability.md is made of it:

    tests/net/interop/matrix.py > docs/interoperability.md
"""

from dataclasses import dataclass, field

VERSIONS = {"BIRD": "2.0.12", "FRR": "8.4.4", "OpenBGPD": "7.7",
            "GoBGP": "3.10.0", "ExaBGP": "4.2.21"}


@dataclass
class Row:
    title: str
    rfc: str
    test: str  # function in test_interop.py
    reasons: dict = field(default_factory=dict)  # speaker: why not
    key: str = ""  # of the sessions that only this row needs


NO_CLIENT = "has no command that would do it"
NO_BFD = "has no BFD"

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
    Row("TCP MD5, both roles and families", "2385", "md5", {
        "OpenBGPD": "7.7 on Linux has no TCP MD5"}, key="MD5"),
    Row("GTSM over IPv4, basin connects", "5082", "gtsm", key="GTSM"),
    Row("GTSM over IPv6, basin accepts", "5082", "gtsm6", key="GTSM6"),
    Row("roles", "9234", "roles", {
        "GoBGP": "3.10 has no roles", "ExaBGP": "4.2 has no roles"},
        key="roles"),
    Row("neighbour taken out of a prefix", "4271", "dynamic", key="dynamic"),
    Row("ROUTE-REFRESH, asked by the speaker", "2918", "refreshes",
        {"GoBGP": "3.10 keeps what it heard and asks its own table",
         "ExaBGP": NO_CLIENT}),
    Row("ROUTE-REFRESH, asked by basin", "2918", "asks_again",
        {"OpenBGPD": "7.7 ignores it: \"AID IPv6 unicast not negotiated\", "
                     "though it was",
         "ExaBGP": "4.2 answers no ROUTE-REFRESH by itself: its API must"}),
    Row("graceful restart: basin keeps the speaker's routes", "4724",
        "helps_to_restart",
        {"OpenBGPD": "7.7 offers the capability without families: it keeps "
                     "nothing over a restart"},
        key="graceful restart"),
    Row("graceful restart: the speaker keeps basin's routes (mode on)",
        "4724", "is_helped_to_restart",
        {"OpenBGPD": "7.7 keeps routes, but the session of a killed node "
                     "stays in its table only until it is seen as closed; "
                     "not decided here",
         "ExaBGP": "keeps no table"}),
    Row("by default nothing of a killed node is kept", "4724",
        "dies_at_once", {"ExaBGP": "keeps no table"}),
    Row("Hard Reset where the speaker has the N bit", "8538", "hard_reset",
        {"BIRD": "2.0.12 does not send the N bit",
         "OpenBGPD": "7.7 does not send the N bit",
         "ExaBGP": "4.2 does not send the N bit"}, key="hard reset"),
    Row("shutdown communication of the speaker", "9003", "their_goodbye",
        {"ExaBGP": NO_CLIENT}, key="goodbye"),
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
    return any(row.test == test and speaker not in row.reasons
               for row in MATRIX)


def has(keys, speaker):
    """False when a session of these features cannot be with this speaker."""
    return not any(row.key in keys and speaker in row.reasons
                   for row in MATRIX if row.key)


HEAD = """\
# Interoperability

Made of `tests/net/interop/matrix.py`; every yes is a test of
`tests/net/interop/test_interop.py` that runs with every change, against the
real program. A number is a reason below.

"""


def document():
    reasons, lines = [], []
    lines.append("| feature | RFC | " + " | ".join(
        f"{name} {version}" for name, version in VERSIONS.items()) + " |")
    lines.append("|---|---|" + "---|" * len(VERSIONS))
    for row in MATRIX:
        cells = []
        for speaker in VERSIONS:
            why = row.reasons.get(speaker)
            if not why:
                cells.append("yes")
                continue
            text = f"{speaker}: {why}"
            if text not in reasons:
                reasons.append(text)
            cells.append(str(reasons.index(text) + 1))
        lines.append(f"| {row.title} | {row.rfc} | " + " | ".join(cells) +
                     " |")
    lines.append("")
    lines += [f"{number}. {text}." for number, text in enumerate(reasons, 1)]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
