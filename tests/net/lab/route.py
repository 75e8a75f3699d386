# SPDX-License-Identifier: ISC
"""A route as a router has it, told alike for BIRD and FRR."""

from dataclasses import dataclass, field

WELL_KNOWN = {
    "graceful-shutdown": "65535:0",
    "blackhole": "65535:666",
    "no-export": "65535:65281",
    "no-advertise": "65535:65282",
    "local-as": "65535:65283",
    "no-peer": "65535:65284",
}


def standard(word):
    """Communities by number, whatever the router calls them."""
    return WELL_KNOWN.get(word.lower(), word)


@dataclass
class Route:
    prefix: str
    as_path: list = field(default_factory=list)
    origin: str = ""
    next_hop: str = ""
    med: int = None
    local_pref: int = None
    communities: set = field(default_factory=set)
    extended: set = field(default_factory=set)
    large: set = field(default_factory=set)
    peer: str = ""
    best: bool = True


class Router:
    """What both kinds of router can be asked; routes() is theirs."""

    def route(self, prefix):
        """The best route, or None."""
        routes = self.routes().get(prefix, [])
        best = [route for route in routes if route.best]
        return (best or routes or [None])[0]

    def has(self, *prefixes):
        table = self.routes()
        return all(prefix in table for prefix in prefixes)
