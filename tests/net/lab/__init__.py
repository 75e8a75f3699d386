# SPDX-License-Identifier: ISC
"""A network in a box: namespaces, links, real routers, real services.

    with Lab() as lab:
        node, router = lab.namespace("node"), lab.namespace("router")
        link = lab.link(node, router)
        bird = Bird(router, asn=65001)
        bird.peer(link.v4(node), 65000)
        bird.start()
        basin = Basin(node, '''
            node: {name: one, asn: 65000, router_id: 10.0.0.1}
            ...
        ''')
        basin.start()
        bird.wait_route("192.0.2.0/24")

Leaving the `with` kills every process and the namespaces are gone: they have
no names, only descriptors, so nothing can be left behind.
"""

from .basin import Basin
from .bird import Bird
from .capture import Capture
from .frr import Frr
from .network import (Lab, LabError, Namespace, in_memory,
                      missing_tools)
from .peer import Peer
from .route import Route
from .services import HttpService, Nsd, TcpService, UdpService
from .waiting import WaitTimeout, stays, wait_until

__all__ = [
    "Basin", "Bird", "Capture", "Frr", "HttpService", "Lab",
    "LabError", "Namespace", "Nsd", "Peer", "Route", "TcpService",
    "UdpService", "WaitTimeout", "in_memory", "missing_tools", "stays",
    "wait_until",
]
