# SPDX-License-Identifier: ISC
"""A second opinion: ASes that send each other full paths until all is quiet.

Customer over peer over provider, shorter path, lower neighbour; what is not a
customer's is told to customers alone.
"""
import bz2
import collections

CUSTOMER, PEER, PROVIDER = range(3)
ORIGIN = -1


def neighbours(lines):
    """{asn: [(neighbour, what it is to asn)]} of a relationship file."""
    found = collections.defaultdict(list)
    for line in lines:
        if line.startswith("#"):
            continue
        a, b, relation = (int(x) for x in line.split("|")[:3])
        found[a].append((b, PEER if relation == 0 else CUSTOMER))
        found[b].append((a, PEER if relation == 0 else PROVIDER))
    return found


def neighbours_of_file(path):
    with bz2.open(path, "rt") as file:
        return neighbours(file)


def chosen(heard):
    """(relation, path) of the best of {neighbour: (relation, path)}."""
    if not heard:
        return None
    return min(heard.values(), key=lambda r: (r[0], len(r[1]), r[1][0]))


def told(route, to):
    """What an AS with `route` tells a neighbour that is `to` to it."""
    if route and (to == CUSTOMER or route[0] in (ORIGIN, CUSTOMER)):
        return {CUSTOMER: PROVIDER, PEER: PEER,
                PROVIDER: CUSTOMER}[to], route[1]
    return None


def routes(links, seeds, rov):
    """{asn: path}; `seeds` is {asn: whether its announcement is invalid}."""
    best = {asn: (ORIGIN, (asn,)) for asn in seeds}
    heard = collections.defaultdict(dict)
    queue = collections.deque(seeds)
    waiting = set(seeds)
    while queue:
        speaker = queue.popleft()
        waiting.discard(speaker)
        for asn, relation in links[speaker]:
            offer = told(best.get(speaker), relation)
            if offer and (asn in offer[1] or
                          (asn in rov and seeds[offer[1][-1]])):
                offer = None
            if heard[asn].get(speaker) == offer or asn in seeds:
                continue
            heard[asn][speaker] = offer
            if offer is None:
                del heard[asn][speaker]
            new = chosen(heard[asn])
            new = new and (new[0], (asn, *new[1]))
            if new == best.get(asn):
                continue
            best[asn] = new
            if asn not in waiting:
                waiting.add(asn)
                queue.append(asn)
    return {asn: route[1] for asn, route in best.items() if route}


def ribs(links, announcements, rov):
    """The text of --ribs; `announcements` is {prefix: seeds}."""
    rows = [f'{asn},{prefix},"{path}"\n'
            for prefix, seeds in announcements.items()
            for asn, path in routes(links, seeds, rov).items()]
    return "".join(sorted([*rows, "asn,prefix,as_path\n"]))
