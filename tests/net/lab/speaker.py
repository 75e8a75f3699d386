# SPDX-License-Identifier: ISC
"""What the five speakers of the interoperability tests have in common: a
process, sessions with features, and words that tell what they heard."""

from dataclasses import dataclass, field

ROUTE4, ROUTE6 = "203.0.113.0/24", "2001:db8:cafe::/48"
SECRET = "a secret of both"
EXTRA4 = "203.0.114.0/24"  # to exceed a limit of ours


@dataclass
class Session:
    """One session: who connects, over what, with which features. The words
    of `features` are those of the matrix."""
    name: str
    number: int
    connects: str = "basin"  # or "peer"
    transport: int = 4
    families: tuple = (4, 6)
    features: frozenset = frozenset()
    node: str = ""    # the node's address
    address: str = ""  # the speaker's
    node4: str = ""    # next hops
    node6: str = ""
    peer4: str = ""
    peer6: str = ""
    basin: list = field(default_factory=list)  # more lines of its options
    hold: int = 90  # seconds that the speaker asks for
    imports: tuple = (ROUTE4, ROUTE6)

    @property
    def passive(self):
        """The speaker waits."""
        return self.connects == "basin"

    def has(self, feature):
        return feature in self.features
